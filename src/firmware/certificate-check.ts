import type { Facts } from '../failure.js';
import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { weakest, type Provenance } from './sourced.js';

/** What is checked of a server's certificate, as stable ids. */
export const checkRules = [
  'well-formed', 'name', 'name-in-sip-domain', 'bare-common-name', 'trust', 'chain-complete', 'chain-length', 'validity', 'signature-hash', 'key-type', 'key-size',
  'rsa-pss', 'extended-key-usage', 'basic-constraints', 'path-length', 'tls-version',
] as const;
/** The id of a check. */
export type CheckRule = (typeof checkRules)[number];

/** One check with its result, and how well the rule behind the result is known. `Rule` is wider where a policy of someone's own has rules of its own. */
export interface Check<Rule extends string = CheckRule> extends Provenance {
  rule: Rule;
  passed: boolean;
  /** One whole sentence, with the names involved. */
  sentence: string;
  /**
   * Whether the verdict leans on this check: it failed, or it passed only because of the profile's value. A SHA-1 signature passes in
   * every build and is not decisive; a wildcard match is.
   */
  decisive: boolean;
  facts: Facts;
}

/** What the standard itself demands of every verifier. */
export const standard: Provenance = { confidence: 'documented', evidence: ['rfc-5280'] };

/** A check whose result leans on the given provenances. */
export function check(
  rule: CheckRule, passed: boolean, sentence: string, because: Provenance | readonly Provenance[], options: { decisive?: boolean; facts?: Facts } = {},
): Check {
  return { rule, passed, sentence, decisive: !passed || options.decisive === true, facts: options.facts ?? {}, ...combine([because].flat()) };
}

/** Several provenances as one: the weakest confidence, all the evidence. */
function combine(all: readonly Provenance[]): Provenance {
  const note = all.find((each) => each.note !== undefined)?.note;
  return {
    confidence: weakest(all.map(({ confidence }) => confidence)),
    evidence: [...new Set(all.flatMap(({ evidence }) => evidence))],
    ...(all.some(({ disputed }) => disputed === true) ? { disputed: true } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

/** Text from a peer without what would play with a terminal: control characters escaped. */
export function withoutControls(text: string): string {
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A name from a peer, fit for a sentence: control characters escaped, cut at 100 characters. */
export function printable(name: string): string {
  const plain = withoutControls(name);
  return plain.length > 100 ? `${plain.slice(0, 100)}...` : plain;
}

/** The certificate in a sentence: `"pool01.contoso.com"`. */
export function called(certificate: CertificateFacts): string {
  return `"${printable(certificate.subjectCommonNames.at(-1) ?? certificate.dnsNames[0] ?? certificate.subjectText)}"`;
}
