import type { Filter } from '../protocol/ldap/filter.js';
import type { LdapEntry, SearchRequest } from '../protocol/ldap/message.js';
import { spnegoMechanism } from '../protocol/ldap/spnego.js';

/** Where Active Directory keeps its configuration; the domain's name does not matter to those who read it from rootDSE. */
const configuration = 'CN=Configuration,DC=lab';
const authoritiesContainer = `CN=Certification Authorities,CN=Public Key Services,CN=Services,${configuration}`;

/** rootDSE, the naming context, the container and one entry for each root, as `certutil -dspublish -f FILE RootCA` leaves them. */
export function directoryEntries(roots: readonly Buffer[]): LdapEntry[] {
  return [
    entry('', { objectClass: ['top'], supportedLDAPVersion: ['3'], supportedSASLMechanisms: [spnegoMechanism], namingContexts: [configuration], configurationNamingContext: [configuration] }),
    entry(configuration, { objectClass: ['top', 'configuration'] }),
    entry(authoritiesContainer, { objectClass: ['top', 'container'] }),
    ...roots.map((root, index) => entry(`CN=Root ${index + 1},${authoritiesContainer}`, {
      objectClass: ['top', 'certificationAuthority'],
      objectCategory: [`CN=Certification-Authority,CN=Schema,${configuration}`],
      cACertificate: [root],
    })),
  ];
}

/** The entries a search finds, cut down to the attributes it wants; undefined when nothing stands at its base. */
export function searchEntries(entries: readonly LdapEntry[], request: SearchRequest): LdapEntry[] | undefined {
  const base = canonical(request.base);
  if (!entries.some((candidate) => within(canonical(candidate.name), base, 'subtree'))) return undefined;
  return entries
    .filter((candidate) => within(canonical(candidate.name), base, request.scope) && matches(request.filter, candidate))
    .map((found) => ({ name: found.name, attributes: selected(found, request.attributes) }));
}

/** rootDSE (the empty name) is nobody's parent. */
function within(name: string, base: string, scope: SearchRequest['scope']): boolean {
  if (name === base) return scope !== 'one';
  if (base === '' || scope === 'base' || !name.endsWith(`,${base}`)) return false;
  return scope === 'subtree' || !name.slice(0, -base.length - 1).includes(',');
}

function matches(filter: Filter, candidate: LdapEntry): boolean {
  switch (filter.kind) {
    case 'and': return filter.filters.every((part) => matches(part, candidate));
    case 'or': return filter.filters.some((part) => matches(part, candidate));
    case 'not': return !matches(filter.filter, candidate);
    case 'present': return valuesOf(candidate, filter.attribute).length > 0;
    case 'equality': return valuesOf(candidate, filter.attribute).some((value) => equal(filter.attribute, value.toString('utf8'), filter.value));
    case 'other': return false;
  }
}

/** Active Directory lets a filter name an object category by its class: `certificationAuthority` stands for the category's DN. */
function equal(attribute: string, value: string, asserted: string): boolean {
  const same = value.toLowerCase() === asserted.toLowerCase();
  if (same || attribute.toLowerCase() !== 'objectcategory') return same;
  return /^cn=([^,]*),/.exec(value.toLowerCase())?.[1]?.replaceAll('-', '') === asserted.toLowerCase();
}

function selected(found: LdapEntry, wanted: readonly string[]): LdapEntry['attributes'] {
  if (wanted.length === 0 || wanted.includes('*')) return found.attributes;
  const names = wanted.map((name) => name.toLowerCase());
  return found.attributes.filter((attribute) => names.includes(attribute.name.toLowerCase()));
}

function valuesOf(candidate: LdapEntry, attribute: string): Buffer[] {
  return candidate.attributes.find(({ name }) => name.toLowerCase() === attribute.toLowerCase())?.values ?? [];
}

function entry(name: string, attributes: Record<string, (string | Buffer)[]>): LdapEntry {
  return {
    name,
    attributes: Object.entries(attributes).map(([attribute, values]) => ({
      name: attribute, values: values.map((value) => typeof value === 'string' ? Buffer.from(value, 'utf8') : value),
    })),
  };
}

/** Good enough for names without escaped commas, which is all there are. */
function canonical(name: string): string {
  return name.toLowerCase().replace(/\s*([,=])\s*/g, '$1');
}
