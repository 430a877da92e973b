import type { Facts } from '../failure.js';
import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { called, check, printable, standard, type Check } from './certificate-check.js';
import type { BuiltChain } from './chain-building.js';
import type { FirmwareProfile } from './schema.js';
import type { Provenance, Sourced } from './sourced.js';

/** The operating system compares the root of the chain with the certificates it holds, the learnt ones among them. */
const learntRoots: Provenance = { confidence: 'documented', evidence: ['ce6-ssl'] };

/** `trust` and `chain-complete`: whether the chain ends at a root the client has, and whether every certificate up to there is at hand. */
export function trustChecks(chain: BuiltChain, { certificate: rules, kind }: FirmwareProfile): Check[] {
  const last = chain.path[chain.path.length - 1] as CertificateFacts;
  const facts = { path: chain.path.map(({ subjectText }) => subjectText), issuer: last.issuerText };
  const who = kind === 'pc' ? 'this client' : 'this phone';
  return [trust(chain, last, rules.publicRoots, who, facts), complete(chain, last, rules.fetchesIntermediates, facts)];
}

function trust({ anchor, end }: BuiltChain, last: CertificateFacts, rule: Provenance, who: string, facts: Facts): Check {
  if (anchor === 'learnt') {
    return check('trust', true, `The chain ends at ${called(last)}, which is among the roots ${who} has learnt.`, learntRoots, { facts });
  }
  if (anchor === 'public') {
    return check('trust', true, `The chain ends at ${called(last)}, which is in this profile's public store.`, rule, { decisive: true, facts });
  }
  const unverified = rule.confidence === 'documented' || rule.confidence === 'observed' ? '' : ' (list unverified)';
  const root = end === 'self-signed' ? `The root ${called(last)}` : `The "${printable(last.issuerText)}" that signed ${called(last)}`;
  const sentence = `${root} is not among the roots ${who} has learnt; not in this profile's public store${unverified}.`;
  return check('trust', false, sentence, rule, { facts });
}

function complete({ path, end }: BuiltChain, last: CertificateFacts, rule: Sourced<boolean>, facts: Facts): Check {
  const issuer = `"${printable(last.issuerText)}"`;
  if (end === 'issuer-missing') {
    const fetching = rule.value ? 'this client may fetch it, the emulator does not' : 'this build fetches none';
    const sentence = `The certificate of ${issuer}, which issued ${called(last)}, was neither presented nor learnt, and ${fetching}.`;
    return check('chain-complete', false, sentence, rule, { facts });
  }
  if (end === 'issuer-did-not-sign') {
    return check('chain-complete', false, `A certificate of ${issuer} is at hand, but its key did not sign ${called(last)}.`, standard, { facts });
  }
  const sentence = `Every certificate from ${called(path[0] as CertificateFacts)} to ${called(last)} is at hand and signed by the next.`;
  return check('chain-complete', true, sentence, standard, { facts });
}
