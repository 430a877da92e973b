import { called, check, printable, standard, type Check } from './certificate-check.js';
import type { BuiltChain } from './chain-building.js';
import type { FirmwareProfile } from './schema.js';
import type { Provenance } from './sourced.js';
import type { CertificateFacts } from '../protocol/x509/certificate.js';

/** The operating system compares the root of the chain with the certificates it holds, the learnt ones among them. */
const learntRoots: Provenance = { confidence: 'documented', evidence: ['ce6-ssl'] };

/** `trust` and `chain-complete`: whether the chain ends at a root the client has, and whether every certificate up to there is at hand. */
export function trustChecks(chain: BuiltChain, { certificate: rules, kind }: FirmwareProfile): Check[] {
  const who = kind === 'pc' ? 'this client' : 'this phone';
  const last = chain.path[chain.path.length - 1] as CertificateFacts;
  const facts = { path: chain.path.map(({ subjectText }) => subjectText), issuer: last.issuerText };
  return [trust(), complete()];

  function trust(): Check {
    if (chain.anchor === 'learnt') return check('trust', true, `The chain ends at ${called(last)}, which is among the roots ${who} has learnt.`, learntRoots, { facts });
    if (chain.anchor === 'public') return check('trust', true, `The chain ends at ${called(last)}, which is in this profile's public store.`, rules.publicRoots, { decisive: true, facts });
    const known = rules.publicRoots.confidence === 'documented' || rules.publicRoots.confidence === 'observed';
    const missing = `not among the roots ${who} has learnt; not in this profile's public store${known ? '' : ' (list unverified)'}`;
    const end = chain.end === 'self-signed' ? `The root ${called(last)}` : `The "${printable(last.issuerText)}" that signed ${called(last)}`;
    return check('trust', false, `${end} is ${missing}.`, rules.publicRoots, { facts });
  }

  function complete(): Check {
    const issuer = `"${printable(last.issuerText)}"`;
    if (chain.end === 'issuer-missing') {
      const fetching = rules.fetchesIntermediates.value ? 'this client may fetch it, the emulator does not' : 'this build fetches none';
      return check('chain-complete', false, `The certificate of ${issuer}, which issued ${called(last)}, was neither presented nor learnt, and ${fetching}.`, rules.fetchesIntermediates, { facts });
    }
    if (chain.end === 'issuer-did-not-sign') {
      return check('chain-complete', false, `A certificate of ${issuer} is at hand, but its key did not sign ${called(last)}.`, standard, { facts });
    }
    return check('chain-complete', true, `Every certificate from ${called(chain.path[0] as CertificateFacts)} to ${called(last)} is at hand and signed by the next.`, standard, { facts });
  }
}
