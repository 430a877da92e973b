import type { FirmwareProfile } from '../../firmware/schema.js';
import { authenticationHeaders } from '../../protocol/sip/authentication-header.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { StageFailure, unsourced } from '../stage-failure.js';
import type { AccountCredentials, ClientCertificate } from '../steps.js';
import { registrationRefusal } from './registration-refusal.js';

/** How a phone can prove itself: by its certificate, or by the AD credentials typed on it. Kerberos is off for these phones until somebody configures it. */
const schemes = ['TLS-DSK', 'NTLM'] as const;
export type Scheme = (typeof schemes)[number];

/** One line of a 401 (MS-SIPAE 3.3.5.1). */
export interface SchemeChallenge {
  realm: string;
  targetName: string;
  /** 2, 3 or 4. */
  version: number;
}

/** What a 401 to an unsigned REGISTER offers. */
export interface RegistrarChallenge {
  usable: ReadonlyMap<Scheme, SchemeChallenge>;
  /** Every scheme named: `NTLM, Kerberos`. */
  offered: readonly string[];
  /** `sts-uri`, where a client without a certificate gets one. */
  certProvUrl: string | undefined;
}

/** What the phone can prove itself with. */
export interface Proofs {
  certificate: ClientCertificate | undefined;
  account: AccountCredentials | undefined;
}

export type Proof =
  | { scheme: 'TLS-DSK'; challenge: SchemeChallenge; certificate: ClientCertificate }
  | { scheme: 'NTLM'; challenge: SchemeChallenge; account: AccountCredentials };

/** Reads it. Throws `registration-refused` for another answer, `challenge-unusable` for a registrar that wants no authentication. */
export function readChallenge(response: SipMessage, peer: string): RegistrarChallenge {
  if (!isChallenge(response)) {
    if (response.status !== 200) throw registrationRefusal(response, peer);
    throw unusable(peer, `${peer} accepted a registration without authentication, so nothing it says later could be verified`);
  }
  const lines = authenticationHeaders(response, 'challenge');
  const usable = new Map<Scheme, SchemeChallenge>();
  let certProvUrl: string | undefined;
  for (const scheme of schemes) {
    const parameters = lines.find((line) => line.scheme.toUpperCase() === scheme)?.parameters;
    const realm = parameters?.get('realm');
    const targetName = parameters?.get('targetname');
    const version = Number(parameters?.get('version') ?? 2);
    if (realm === undefined || targetName === undefined || !(version >= 2 && version <= 4)) continue;
    usable.set(scheme, { realm, targetName, version });
    if (scheme === 'TLS-DSK') certProvUrl = parameters?.get('sts-uri');
  }
  return { usable, offered: lines.map(({ scheme }) => scheme), certProvUrl };
}

/**
 * The certificate where the registrar takes it, else the AD account (Microsoft, "User and client authentication": a CX700 falls back to NTLM).
 * Throws `authentication-not-offered`, or `challenge-unusable` where a scheme is named but cannot be answered.
 */
export function chooseProof({ usable, offered }: RegistrarChallenge, { certificate, account }: Proofs, peer: string, known: FirmwareProfile['signIn']['registrarAuthentication']): Proof {
  const byCertificate = usable.get('TLS-DSK');
  if (byCertificate !== undefined && certificate !== undefined) return { scheme: 'TLS-DSK', challenge: byCertificate, certificate };
  const byAccount = usable.get('NTLM');
  if (byAccount !== undefined && account !== undefined) return { scheme: 'NTLM', challenge: byAccount, account };
  const wanted: Scheme[] = [...(certificate === undefined ? [] : ['TLS-DSK'] as const), ...(account === undefined ? [] : ['NTLM'] as const)];
  throw notOffered(peer, offered, wanted, known);
}

/** The registrar takes nothing that the phone has. What the device does then is not known. */
export function notOffered(peer: string, offered: readonly string[], wanted: readonly Scheme[], known: FirmwareProfile['signIn']['registrarAuthentication']): StageFailure {
  const offer = offered.join(', ') || 'nothing';
  const garbled = offered.some((name) => wanted.some((scheme) => scheme === name.toUpperCase()));
  if (garbled) return unusable(peer, `${peer} offers ${offer} for authentication, and no ${wanted.join(' or ')} challenge with realm, targetname and a known version`, { offered: offer });
  return new StageFailure('authentication-not-offered', 'retry',
    `${peer} offers ${offer} for authentication, and the phone can only register with ${wanted.map((scheme) => names[scheme]).join(' or ')}.`, {
      facts: { peer, offered: offer, wanted: wanted.join(', ') }, because: [known, unsourced], screen: 'registrar-not-contacted',
    });
}

const names: Record<Scheme, string> = { 'TLS-DSK': 'a client certificate (TLS-DSK)', 'NTLM': 'AD credentials (NTLM)' };

/** A 401 in the middle of a handshake carries a token; one without means that the server has given it up. */
export function readToken(response: SipMessage, scheme: Scheme, peer: string): { opaque: string; data: Buffer } {
  const parameters = authenticationHeaders(response, 'challenge').find((challenge) => challenge.scheme.toUpperCase() === scheme)?.parameters;
  const opaque = parameters?.get('opaque');
  const data = parameters?.get('gssapi-data');
  if (isChallenge(response) && opaque !== undefined && data) return { opaque, data: Buffer.from(data, 'base64') };
  if (response.status === 200) throw unusable(peer, `${peer} accepted the registration before the ${scheme} handshake was complete`);
  throw registrationRefusal(response, peer);
}

/** Real servers say 401; 407 is processed in the same way (MS-SIP 3.1.4). */
function isChallenge({ status }: SipMessage): boolean {
  return status === 401 || status === 407;
}

export function unusable(peer: string, sentence: string, facts: Record<string, unknown> = {}, cause?: unknown): StageFailure {
  return new StageFailure('challenge-unusable', 'retry', `${sentence}.`, { facts: { peer, ...facts }, cause, screen: 'registrar-not-contacted' });
}
