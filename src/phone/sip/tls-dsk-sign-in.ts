import { authenticationHeaders, formatAuthentication } from '../../protocol/sip/authentication-header.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { SecurityAssociation } from '../../protocol/sip/security-association.js';
import { TlsDskClient } from '../../protocol/tlsdsk/handshake.js';
import { tlsDskSigner } from '../../protocol/tlsdsk/keys.js';
import { clause } from '../connection.js';
import { StageFailure } from '../stage-failure.js';
import type { ClientCertificate } from '../steps.js';
import { registrationRefusal } from './registration-refusal.js';

const scheme = 'TLS-DSK';

/** The TLS-DSK line of a 401 (MS-SIPAE 3.3.5.1). */
export interface TlsDskChallenge {
  realm: string;
  targetName: string;
  version: number;
  /** `sts-uri`, where a client without a certificate gets one. */
  certProvUrl: string | undefined;
}

/** Reads what a 401 to an unsigned REGISTER offers. Throws `registration-refused` for another answer, `challenge-unusable` without TLS-DSK. */
export function readChallenge(response: SipMessage, peer: string): TlsDskChallenge {
  if (!isChallenge(response)) {
    if (response.status !== 200) throw registrationRefusal(response, peer);
    throw unusable(peer, `${peer} accepted a registration without authentication, so nothing it says later could be verified`);
  }
  const challenges = authenticationHeaders(response, 'challenge');
  const parameters = challenges.find((challenge) => challenge.scheme.toUpperCase() === scheme)?.parameters;
  const realm = parameters?.get('realm');
  const targetName = parameters?.get('targetname');
  const version = Number(parameters?.get('version') ?? 2);
  if (realm !== undefined && targetName !== undefined && version >= 2 && version <= 4) {
    return { realm, targetName, version, certProvUrl: parameters?.get('sts-uri') };
  }
  const offered = challenges.map((challenge) => challenge.scheme).join(', ') || 'nothing';
  throw unusable(peer, `${peer} offers ${offered} for authentication, and no TLS-DSK challenge with realm, targetname and a known version`, { offered });
}

/**
 * Legs 2 and 3: the TLS handshake inside REGISTER and 401 (MS-SIPAE 3.2.5.1). `send` sends a REGISTER with these credentials.
 * Throws `challenge-unusable` when the handshake breaks, `registration-refused` when the server breaks it off.
 */
export async function agreeOnKeys(
  challenge: TlsDskChallenge, certificate: ClientCertificate, peer: string, send: (credentials: string) => Promise<SipMessage>,
): Promise<SecurityAssociation> {
  const { realm, targetName, version } = challenge;
  const client = await attempt(peer, () => new TlsDskClient(certificate));
  const exchange = async (flight: Buffer, opaque?: string) => readToken(await send(formatAuthentication(scheme, Object.entries({
    qop: 'auth', ...(opaque !== undefined && { opaque }), realm, targetname: targetName,
    'gssapi-data': flight.toString('base64'), version: String(version),
  }))), peer);
  try {
    const hello = await exchange(await attempt(peer, () => client.step()));
    const finished = await exchange(await attempt(peer, () => client.step(hello.data)), hello.opaque);
    await attempt(peer, () => client.step(finished.data));
    const signer = tlsDskSigner(client.keys(), 'client');
    return new SecurityAssociation({ end: 'client', scheme, opaque: finished.opaque, realm, targetName, version, signer });
  } finally {
    client.close();
  }
}

/** A 401 in the middle of the handshake carries a token; one without means that the server has given it up. */
function readToken(response: SipMessage, peer: string): { opaque: string; data: Buffer } {
  const parameters = authenticationHeaders(response, 'challenge').find((challenge) => challenge.scheme.toUpperCase() === scheme)?.parameters;
  const opaque = parameters?.get('opaque');
  const data = parameters?.get('gssapi-data');
  if (isChallenge(response) && opaque !== undefined && data) return { opaque, data: Buffer.from(data, 'base64') };
  if (response.status === 200) throw unusable(peer, `${peer} accepted the registration before the TLS-DSK handshake was complete`);
  throw registrationRefusal(response, peer);
}

/** Real servers say 401; 407 is processed in the same way (MS-SIP 3.1.4). */
function isChallenge({ status }: SipMessage): boolean {
  return status === 401 || status === 407;
}

async function attempt<T>(peer: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw unusable(peer, `The phone could not authenticate itself to ${peer}: ${clause(error as Error)}`, {}, error);
  }
}

function unusable(peer: string, sentence: string, facts: Record<string, unknown> = {}, cause?: unknown): StageFailure {
  return new StageFailure('challenge-unusable', 'retry', `${sentence}.`, { facts: { peer, ...facts }, cause, screen: 'registrar-not-contacted' });
}
