import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { canonicalAddress } from '../protocol/x509/ip-address.js';
import { check, printable, standard, type Check } from './certificate-check.js';
import { compareHostName, liesInDomain, toHostName, type Comparison, type HostNameRules, type Relation } from './host-name.js';
import type { FirmwareProfile, Service } from './schema.js';
import { weakest, type Confidence, type Provenance, type Sourced } from './sourced.js';

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

/** The names that a certificate bears. */
export type NamedCertificate = Pick<CertificateFacts, 'dnsNames' | 'ipAddresses' | 'subjectCommonNames'>;

/** That a certificate without the name is refused follows from what names are for; nobody has told of it. */
const nameAbsent: Provenance = { confidence: 'inferred', evidence: [] };

/** Nobody has tried `f*.domain` or `*.domain` for two labels on a phone. */
const unusualWildcards: Provenance = { confidence: 'assumed', evidence: [] };

/** `name`, and for SIP `name-in-sip-domain`: whether the certificate names the host the client connects to. */
export function nameChecks(leaf: NamedCertificate, input: NameInput): Check[] {
  const { name, wildcard } = nameCheck(leaf, input);
  return input.service === 'sip' ? [name, sipDomainCheck(wildcard, input)] : [name];
}

/** How well it is known that this build takes no wildcard over the host's own domain, so that the host must be spelt out; undefined: it takes one. */
export function refusesWildcard(input: NameInput): Confidence | undefined {
  const leaf = { dnsNames: [input.host.replace(/^[^.]+/, '*')], ipAddresses: [], subjectCommonNames: [] };
  const refused = nameChecks(leaf, input).filter(({ passed }) => !passed);
  return refused.length === 0 ? undefined : weakest(refused.map(({ confidence }) => confidence));
}

interface NameResult {
  name: Check;
  /** The wildcard that covered the host; undefined where none was needed. */
  wildcard?: string;
}

function nameCheck(leaf: NamedCertificate, input: NameInput): NameResult {
  const { certificate: rules } = input.profile;
  const address = canonicalAddress(input.host);
  if (address !== undefined) return { name: addressCheck(leaf, address, input) };
  const said = printable(input.host);
  const host = toHostName(input.host);
  const facts = { host: input.host, dnsNames: leaf.dnsNames, commonNames: leaf.subjectCommonNames };
  if (host === undefined) return { name: check('name', false, `"${said}" is not a host name.`, standard, { facts }) };

  const plain = plainRules(input.profile);
  const best = (names: readonly string[]) => names.map((presented) => compareHostName(host, presented, plain)).sort((a, b) => rank(a) - rank(b))[0];
  const because = (comparison: Comparison, ...own: Provenance[]) => [...own, ...comparison.leansOn.map((rule) => rules[rule])];
  const pass = (sentence: string, provenance: Provenance[], wildcard?: string): NameResult => ({
    name: check('name', true, sentence, provenance, { decisive: true, facts }), ...(wildcard === undefined ? {} : { wildcard }),
  });
  /** `wildcard` covers the host and would do for a build that takes wildcards: the diagnosis tells so. */
  const fail = (sentence: string, provenance: Provenance[], wildcard?: string): NameResult => (
    { name: check('name', false, sentence, provenance, { facts: wildcard === undefined ? facts : { ...facts, wildcard } }) });

  const wildcardSan = wildcardRule(input);
  const san = best(leaf.dnsNames);
  if (san?.relation === 'equal') return pass(`${said} is among the certificate's names.`, because(san, rules.exactName));
  if (san?.relation === 'wildcard' && wildcardSan.value === 'leftmost-label') {
    return pass(`${said} is covered by the wildcard ${san.presented}, which this build accepts.`, because(san, wildcardSan), san.presented);
  }

  const common = best(leaf.subjectCommonNames);
  const consulted = rules.commonName.value === 'always' || (rules.commonName.value === 'if-no-san' && leaf.dnsNames.length === 0);
  if (consulted && common?.relation === 'equal') {
    return pass(`${said} is the common name of the certificate's subject, which this build compares.`, because(common, rules.commonName));
  }
  if (consulted && common?.relation === 'wildcard' && rules.commonNameWildcard.value) {
    const sentence = `${said} is covered by the wildcard ${common.presented} in the subject's common name, which this build accepts.`;
    return pass(sentence, because(common, rules.commonName, rules.commonNameWildcard), common.presented);
  }

  // A common name that would do, were it compared; or a wildcard there, too, which the refusals seen on SIP did not have.
  const unread = common?.relation === 'equal' ? because(common, rules.commonName)
    : common?.relation === 'wildcard' && input.service === 'sip' ? because(common, rules.commonNameWildcard) : [];
  if (san?.relation === 'wildcard') return fail(nearMiss(said, san), [...because(san, wildcardSan), ...unread], san.presented);
  if (san !== undefined && san.relation !== 'unrelated') return fail(nearMiss(said, san), [...because(san, ...unusual(san)), ...unread]);
  if (common?.relation === 'equal') {
    const when = leaf.dnsNames.length > 0 ? ' when there are DNS names' : '';
    return fail(`${said} is only the common name of the certificate's subject, which this build does not compare${when}.`, unread);
  }
  if (consulted && common?.relation === 'wildcard') {
    const sentence = `${said} is covered only by the wildcard ${common.presented} in the subject's common name, which this build does not accept.`;
    return fail(sentence, because(common, rules.commonNameWildcard));
  }
  if (consulted && common !== undefined && common.relation !== 'unrelated') {
    return fail(nearMiss(said, common), because(common, ...unusual(common)));
  }
  const names = leaf.dnsNames.length > 0 ? leaf.dnsNames : leaf.subjectCommonNames;
  if (names.length === 0) return fail(`The certificate has no name to compare with ${said}.`, [rules.exactName, nameAbsent]);
  return fail(`${said} is not among the certificate's names (${list(names)}).`, [rules.exactName, nameAbsent]);
}

/** An address is held against iPAddress entries only, never against names (RFC 2818 section 3.1). */
function addressCheck({ ipAddresses }: NamedCertificate, address: string, { host, profile }: NameInput): Check {
  const rule = profile.certificate.ipAddress;
  const facts = { host, ipAddresses };
  if (rule.value === 'never') return check('name', false, `${host} is an IP address, and this build accepts none as a server's name.`, rule, { facts });
  if (ipAddresses.includes(address)) return check('name', true, `${host} is among the certificate's IP addresses.`, rule, { decisive: true, facts });
  return check('name', false, `${host} is not among the certificate's IP addresses (${list(ipAddresses)}).`, rule, { facts });
}

/** A name matched by wildcard counts on SIP only within the user's SIP domain, where the profile says so. */
function sipDomainCheck(wildcard: string | undefined, { host, sipDomain, profile }: NameInput): Check {
  const rule = profile.certificate.wildcardWithinSipDomain;
  const result = (passed: boolean, sentence: string, decisive = false) =>
    check('name-in-sip-domain', passed, sentence, rule, { decisive, facts: { host, sipDomain, wildcard } });
  if (wildcard === undefined) return result(true, 'No wildcard was matched, so the SIP domain does not matter here.');
  if (sipDomain === undefined) return result(true, 'No SIP domain was given, so the wildcard match was not held against one.', rule.value);
  const [name, domain] = [printable(host), printable(sipDomain)];
  if (liesInDomain(host, sipDomain)) return result(true, `${name} lies in the SIP domain ${domain}.`);
  const outside = `${name}, matched by the wildcard ${wildcard}, lies outside the SIP domain ${domain}`;
  if (rule.value) return result(false, `${outside}, where this build accepts no wildcard.`);
  return result(true, `${outside}, which does not matter to this build.`, true);
}

function wildcardRule({ service, method, profile: { certificate } }: NameInput): Sourced<'none' | 'leftmost-label'> {
  const tetheredWeb = service === 'web' && method === 'tethered' ? certificate.wildcardSanTetheredWeb : undefined;
  return tetheredWeb ?? certificate.wildcardSan[service];
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

function unusual({ relation }: Comparison): Provenance[] {
  return relation === 'wildcard-partial' || relation === 'wildcard-too-deep' ? [unusualWildcards] : [];
}

function nearMiss(host: string, { relation, presented }: Comparison): string {
  const name = printable(presented);
  const covered = `${host} is covered only by the wildcard ${name}`;
  switch (relation) {
    case 'wildcard': return `${covered}, which this build does not accept.`;
    case 'wildcard-too-wide': return `${covered}, which is too wide for this build.`;
    case 'wildcard-public-suffix': return `${covered}, which spans a public suffix and which this build does not accept.`;
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
