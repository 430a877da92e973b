import { clause } from '../../failure.js';
import { formatAuthentication } from '../../protocol/sip/authentication-header.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { SecurityAssociation } from '../../protocol/sip/security-association.js';
import { TlsDskClient } from '../../protocol/tlsdsk/handshake.js';
import { tlsDskSigner } from '../../protocol/tlsdsk/keys.js';
import { readToken, unusable, type Proof } from './registrar-challenge.js';

const scheme = 'TLS-DSK';

/**
 * Legs 2 and 3: the TLS handshake inside REGISTER and 401 (MS-SIPAE 3.2.5.1). `send` sends a REGISTER with these credentials.
 * Throws `challenge-unusable` when the handshake breaks, `registration-refused` when the server breaks it off.
 */
export async function agreeOnKeys(
  { challenge: { realm, targetName, version }, certificate }: Extract<Proof, { scheme: typeof scheme }>, peer: string,
  send: (credentials: string) => Promise<SipMessage>,
): Promise<SecurityAssociation> {
  const client = await attempt(peer, () => new TlsDskClient(certificate));
  const exchange = async (flight: Buffer, opaque?: string) => readToken(await send(formatAuthentication(scheme, Object.entries({
    qop: 'auth', ...(opaque !== undefined && { opaque }), realm, targetname: targetName,
    'gssapi-data': flight.toString('base64'), version: String(version),
  }))), scheme, peer);
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

async function attempt<T>(peer: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw unusable(peer, `The phone could not authenticate itself to ${peer}: ${clause(error as Error)}`, {}, error);
  }
}
