import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { canonicalAddress } from '../protocol/x509/ip-address.js';
import { check, printable, standard, type Check } from './certificate-check.js';
import { compareHostName, liesInDomain, toHostName, type Comparison, type HostNameRules, type Relation } from './host-name.js';
import type { FirmwareProfile, Service } from './schema.js';
import type { Provenance, Sourced } from './sourced.js';

/** How the credentials reach the client; what a tethered phone takes on the web leg can differ. */
export type SignInRoute = FirmwareProfile['signIn']['methods']['value'][number];

export interface NameInput {
  /** The host the client connects to, as it was given. */
  host: string;
  service: Service;
  sipDomain?: string | undefined;
  method?: SignInRoute | undefined;
  profile: FirmwareProfile;
}

/** Nobody has tried `f*.domain` or `*.domain` for two labels on a phone. */
const unusualWildcards: Provenance = { confidence: 'assumed', evidence: [] };

/** `name`, and for SIP `name-in-sip-domain`: whether the certificate names the host the client connects to. */
export function nameChecks(leaf: CertificateFacts, input: NameInput): Check[] {
  const { name, wildcard } = nameCheck(leaf, input);
  return input.service === 'sip' ? [name, sipDomainCheck(wildcard, input)] : [name];
}

function nameCheck(leaf: CertificateFacts, input: NameInput): { name: Check; wildcard?: string } {
  const { certificate: rules } = input.profile;
  const facts = { host: input.host, dnsNames: leaf.dnsNames, commonNames: leaf.subjectCommonNames };
  const said = printable(input.host);
  const pass = (sentence: string, because: Provenance[], wildcard?: string) => (
    { name: check('name', true, sentence, because, { decisive: true, facts }), ...(wildcard === undefined ? {} : { wildcard }) });
  const fail = (sentence: string, because: Provenance[]) => ({ name: check('name', false, sentence, because, { facts }) });

  const address = canonicalAddress(input.host);
  if (address !== undefined) {
    if (rules.ipAddress.value === 'never') return fail(`${said} is an IP address, and this build accepts none as a server's name.`, [rules.ipAddress]);
    if (leaf.ipAddresses.includes(address)) return pass(`${said} is among the certificate's IP addresses.`, [rules.ipAddress]);
    return fail(`${said} is not among the certificate's IP addresses (${list(leaf.ipAddresses)}).`, [rules.ipAddress]);
  }
  const host = toHostName(input.host);
  if (host === undefined) return fail(`"${said}" is not a host name.`, [standard]);

  const wildcardSan = wildcardRule(input);
  const compare = (presented: string) => compareHostName(host, presented, plainRules(input.profile));
  const because = (...own: Provenance[]) => (comparison: Comparison) => [...own, ...comparison.leansOn.map((rule) => rules[rule])];
  const alternatives = leaf.dnsNames.map(compare).sort((a, b) => rank(a) - rank(b));
  const best = alternatives[0];
  if (best?.relation === 'equal') return pass(`${said} is among the certificate's names.`, because(rules.exactName)(best));
  if (best?.relation === 'wildcard' && wildcardSan.value === 'leftmost-label') {
    return pass(`${said} is covered by the wildcard ${best.presented}, which this build accepts.`, because(wildcardSan)(best), best.presented);
  }

  const consulted = rules.commonName.value === 'always' || (rules.commonName.value === 'if-no-san' && leaf.dnsNames.length === 0);
  const common = leaf.subjectCommonNames.map(compare).sort((a, b) => rank(a) - rank(b))[0];
  if (consulted && common?.relation === 'equal') {
    return pass(`${said} is the common name of the certificate's subject, which this build compares.`, because(rules.commonName)(common));
  }
  if (consulted && common?.relation === 'wildcard' && rules.commonNameWildcard.value) {
    return pass(`${said} is covered by the wildcard ${common.presented} in the subject's common name, which this build accepts.`,
      because(rules.commonName, rules.commonNameWildcard)(common), common.presented);
  }

  if (best !== undefined && best.relation !== 'unrelated') return fail(nearMiss(said, best), because(...(best.relation === 'wildcard' ? [wildcardSan] : missed(best)))(best));
  if (common?.relation === 'equal') {
    return fail(`${said} is only the common name of the certificate's subject, which this build does not compare${leaf.dnsNames.length > 0 ? ' when there are DNS names' : ''}.`, because(rules.commonName)(common));
  }
  if (consulted && common?.relation === 'wildcard') {
    return fail(`${said} is covered only by the wildcard ${common.presented} in the subject's common name, which this build does not accept.`, because(rules.commonNameWildcard)(common));
  }
  if (consulted && common !== undefined && common.relation !== 'unrelated') return fail(nearMiss(said, common), because(...missed(common))(common));
  const names = leaf.dnsNames.length > 0 ? leaf.dnsNames : leaf.subjectCommonNames;
  return fail(names.length > 0 ? `${said} is not among the certificate's names (${list(names)}).` : `The certificate has no name to compare with ${said}.`, [rules.exactName]);
}

/** A name matched by wildcard counts on SIP only within the user's SIP domain, where the profile says so. */
function sipDomainCheck(wildcard: string | undefined, { host, sipDomain, profile }: NameInput): Check {
  const rule = profile.certificate.wildcardWithinSipDomain;
  const facts = { host, sipDomain, wildcard };
  if (wildcard === undefined) return check('name-in-sip-domain', true, 'No wildcard was matched, so the SIP domain does not matter here.', rule, { facts });
  if (sipDomain === undefined) return check('name-in-sip-domain', true, 'No SIP domain was given, so the wildcard match was not held against one.', rule, { decisive: rule.value, facts });
  if (liesInDomain(host, sipDomain)) return check('name-in-sip-domain', true, `${printable(host)} lies in the SIP domain ${printable(sipDomain)}.`, rule, { facts });
  const outside = `${printable(host)}, matched by the wildcard ${wildcard}, lies outside the SIP domain ${printable(sipDomain)}`;
  return rule.value
    ? check('name-in-sip-domain', false, `${outside}, where this build accepts no wildcard.`, rule, { facts })
    : check('name-in-sip-domain', true, `${outside}, which does not matter to this build.`, rule, { decisive: true, facts });
}

function wildcardRule({ service, method, profile: { certificate } }: NameInput): Sourced<'none' | 'leftmost-label'> {
  return (service === 'web' && method === 'tethered' ? certificate.wildcardSanTetheredWeb : undefined) ?? certificate.wildcardSan[service];
}

function plainRules({ certificate }: FirmwareProfile): HostNameRules {
  return {
    letterCase: certificate.letterCase.value,
    trailingDot: certificate.trailingDot.value,
    wildcardMinimumLabels: certificate.wildcardMinimumLabels.value,
    wildcardPublicSuffix: certificate.wildcardPublicSuffix.value,
  };
}

const order: readonly Relation[] = [
  'equal', 'wildcard', 'case-differs', 'dot-differs', 'wildcard-too-wide', 'wildcard-public-suffix', 'wildcard-partial', 'wildcard-too-deep', 'unrelated',
];

/** The best first; among equals the one that leans on the fewest rules. */
const rank = ({ relation, leansOn }: Comparison) => order.indexOf(relation) * 10 + leansOn.length;

const missed = ({ relation }: Comparison): Provenance[] => (relation === 'wildcard-partial' || relation === 'wildcard-too-deep' ? [unusualWildcards] : []);

function nearMiss(host: string, { relation, presented }: Comparison): string {
  const name = printable(presented);
  switch (relation) {
    case 'wildcard': return `${host} is covered only by the wildcard ${name}, which this build does not accept.`;
    case 'wildcard-too-wide': return `${host} is covered only by the wildcard ${name}, which is too wide for this build.`;
    case 'wildcard-public-suffix': return `${host} is covered only by the wildcard ${name}, which spans a public suffix and which this build does not accept.`;
    case 'wildcard-partial': return `${host} is covered only by ${name}, and this build accepts no wildcard for a part of a label.`;
    case 'wildcard-too-deep': return `${host} lies more than one label below the wildcard ${name}, which covers one label only.`;
    case 'case-differs': return `${host} and ${name} differ in letter case, which matters to this build.`;
    default: return `${host} and ${name} differ in the dot at the end, which matters to this build.`;
  }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(printable).join(', ');
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown || 'none';
}
