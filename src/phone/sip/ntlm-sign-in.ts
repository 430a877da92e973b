import { createDatagramAuthenticate } from '../../protocol/ntlm/datagram.js';
import { formatAuthentication } from '../../protocol/sip/authentication-header.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { SecurityAssociation } from '../../protocol/sip/security-association.js';
import { clause, Failure } from '../../failure.js';
import type { FirmwareProfile } from '../../firmware/schema.js';
import { StageFailure, unsourced } from '../stage-failure.js';
import { readToken, unusable, type Proof } from './registrar-challenge.js';

const scheme = 'NTLM';
/** The first version whose client signs the REGISTER that completes the handshake (MS-SIPAE 3.2.5.1). */
const signsCompletion = 4;

type NtlmProof = Extract<Proof, { scheme: typeof scheme }>;

/** A security association, and what the REGISTER that completes it is to carry. */
export interface NtlmKeys {
  association: SecurityAssociation;
  /** The last token, for a signed REGISTER; or, in versions before 4, the whole header of an unsigned one. */
  completion: { gssapiData: string } | { header: string };
}

/**
 * Leg 2: an empty token, since NTLM without a connection has no NEGOTIATE_MESSAGE, and the server's challenge (MS-SIPAE 4.1, MS-NLMP 1.3.1.3).
 * `send` sends a REGISTER with these credentials. Throws `challenge-unusable` for a challenge that is none, `registration-refused` when the server breaks it off.
 */
export async function answerNtlmChallenge(
  { challenge, account: { domain, user, password } }: NtlmProof, { peer, now, newest }: { peer: string; now: number; newest: number },
  send: (credentials: string) => Promise<SipMessage>,
): Promise<NtlmKeys> {
  const { realm, targetName } = challenge;
  const version = Math.min(challenge.version, newest);
  const common = { realm, targetname: targetName };
  const { opaque, data } = readToken(await send(formatAuthentication(scheme, Object.entries({ qop: 'auth', ...common, 'gssapi-data': '', version: String(version) }))), scheme, peer);
  try {
    const { message, session: signer } = createDatagramAuthenticate({ challenge: data, domain, user, password, workstation: '', time: now });
    const gssapiData = message.toString('base64');
    return {
      association: new SecurityAssociation({ end: 'client', scheme, opaque, realm, targetName, version, signer }),
      completion: version >= signsCompletion ? { gssapiData }
        : { header: formatAuthentication(scheme, Object.entries({ qop: 'auth', opaque, ...common, 'gssapi-data': gssapiData, version: String(version) })) },
    };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw unusable(peer, `The phone could not answer the NTLM challenge of ${peer}: ${clause(error)}`, {}, error);
  }
}

/** A 401 to the completing REGISTER: the password is wrong, or the phone speaks an older version of the protocol than the server. */
export function ntlmRefused({ challenge, account }: NtlmProof, peer: string, sipUri: string, newest: FirmwareProfile['signIn']['authenticationVersion']): StageFailure {
  const facts = { peer, status: 401, account: `${account.domain}\\${account.user}`, sipUri };
  if (newest.value < Math.min(challenge.version, signsCompletion)) {
    return new StageFailure('authentication-too-old', 'stop',
      `${peer} answered REGISTER with 401: it speaks version ${challenge.version} of SIP authentication, and the phone version ${newest.value}, in which the last REGISTER of a sign-in is not signed.`,
      { facts: { ...facts, version: newest.value }, because: [newest], screen: 'registrar-not-contacted' });
  }
  return new StageFailure('credentials-refused', 'stop', `${peer} refused the password of ${facts.account} (401 to the NTLM answer).`, {
    // As at the web services: the phone asks for other credentials, which is assumed.
    facts, because: [unsourced], screen: 'sign-in',
  });
}

