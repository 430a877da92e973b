import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../failure.js';
import { proveAccount, type PasswordOf } from './account-proof.js';
import { decodeAuthenticate, decodeChallenge, encodeAuthenticate, encodeChallenge } from './messages.js';
import { flags, hasFlag } from './negotiate-flags.js';
import { computeNtlmV2, exchangeSessionKey, ntowfv2, sessionKeys, type DirectionKeys } from './ntlmv2.js';
import { rc4 } from './rc4.js';
import { encodeTargetInfo, fileTime, type NtlmServerNames } from './target-info.js';

/** Flags of an OCS 2007 R2 challenge and of the Communicator's answer to it, as published traces show them. */
const challengeFlags = flags(
  'UNICODE', 'OEM', 'SIGN', 'SEAL', 'DATAGRAM', 'LM_KEY', 'NTLM', 'ALWAYS_SIGN', 'EXTENDED_SESSIONSECURITY', 'IDENTIFY', 'TARGET_INFO',
  'VERSION', 'KEY_128', 'KEY_EXCHANGE', 'KEY_56');
const authenticateFlags = flags(
  'UNICODE', 'REQUEST_TARGET', 'SIGN', 'DATAGRAM', 'NTLM', 'ALWAYS_SIGN', 'EXTENDED_SESSIONSECURITY', 'IDENTIFY', 'TARGET_INFO',
  'VERSION', 'KEY_128', 'KEY_EXCHANGE');

/** MS-SIPAE 3.1: every SIP message is signed with this sequence number, so that messages may arrive in any order. */
const sequenceNumber = Buffer.from([100, 0, 0, 0]);
const signatureVersion = Buffer.from([1, 0, 0, 0]);

/** Signs what one end of a security association sends and checks what it receives. */
export interface NtlmSession {
  /** `response` or `rspauth` for a signature string: 32 lower-case hex digits. */
  sign(text: string): string;
  /** Whether the other end made that signature, in hex of any case, for that string. */
  verify(text: string, signature: string): boolean;
}

export type DatagramVerdict = { ok: true; domain: string; user: string; session: NtlmSession } | { ok: false; reason: string };

/** CHALLENGE_MESSAGE of connectionless NTLM, where no NEGOTIATE_MESSAGE comes first (MS-NLMP 3.2.5.2). */
export function createDatagramChallenge(names: NtlmServerNames, serverChallenge: Buffer = randomBytes(8)): Buffer {
  return encodeChallenge({ flags: challengeFlags, targetName: '', serverChallenge, targetInfo: encodeTargetInfo(names) });
}

export interface DatagramAuthenticateInput {
  /** As the server sent it. */
  challenge: Buffer;
  domain: string;
  user: string;
  password: string;
  workstation: string;
  /** Milliseconds since 1970, or a FILETIME. */
  time: number | Buffer;
  /** Random ones by default: 8 and 16 bytes. */
  clientChallenge?: Buffer;
  exportedSessionKey?: Buffer;
}

/** The client's answer to a challenge, and its end of the session. Throws a Failure `ntlm/malformed` when the challenge is unusable. */
export function createDatagramAuthenticate(input: DatagramAuthenticateInput): { message: Buffer; session: NtlmSession } {
  const { serverChallenge, targetInfo } = decodeChallenge(input.challenge);
  const answer = computeNtlmV2({
    key: ntowfv2(input.password, input.user, input.domain),
    serverChallenge,
    clientChallenge: input.clientChallenge ?? randomBytes(8),
    time: typeof input.time === 'number' ? fileTime(input.time) : input.time,
    targetInfo,
  });
  const exportedSessionKey = input.exportedSessionKey ?? randomBytes(16);
  const message = encodeAuthenticate({
    flags: authenticateFlags, domain: input.domain, user: input.user, workstation: input.workstation,
    lmResponse: answer.lmResponse, ntResponse: answer.ntResponse,
    encryptedSessionKey: exchangeSessionKey(answer.sessionBaseKey, exportedSessionKey),
  });
  const keys = sessionKeys(exportedSessionKey);
  return { message, session: session(keys.client, keys.server) };
}

export interface DatagramVerification {
  /** As it was sent. */
  challenge: Buffer;
  /** As it came from the client. */
  authenticate: Buffer;
  passwordOf: PasswordOf;
}

/** Judges a client's answer; on success, with the server's end of the session. */
export function verifyDatagramAuthenticate({ challenge, authenticate, passwordOf }: DatagramVerification): DatagramVerdict {
  try {
    const { serverChallenge } = decodeChallenge(challenge);
    const message = decodeAuthenticate(authenticate);
    const proof = proveAccount(message, serverChallenge, passwordOf);
    if (!proof.ok) return proof;
    for (const flag of ['EXTENDED_SESSIONSECURITY', 'KEY_128'] as const) {
      if (!hasFlag(message.flags, flag)) return { ok: false, reason: `The client does not negotiate ${flag}, without which messages are not signed here.` };
    }
    const exchanged = hasFlag(message.flags, 'KEY_EXCHANGE');
    if (exchanged && message.encryptedSessionKey.length !== 16) return { ok: false, reason: 'The encrypted session key is not 16 bytes long.' };
    const keys = sessionKeys(exchanged ? exchangeSessionKey(proof.sessionBaseKey, message.encryptedSessionKey) : proof.sessionBaseKey);
    return { ok: true, domain: proof.domain, user: proof.user, session: session(keys.server, keys.client) };
  } catch (error) {
    if (error instanceof Failure) return { ok: false, reason: error.message };
    throw error;
  }
}

function session(own: DirectionKeys, peer: DirectionKeys): NtlmSession {
  return {
    sign: (text) => messageSignature(own, text).toString('hex'),
    verify: (text, signature) => {
      const claimed = Buffer.from(signature, 'hex');
      return signature.length === 32 && claimed.length === 16 && timingSafeEqual(messageSignature(peer, text), claimed);
    },
  };
}

/** NTLMSSP_MESSAGE_SIGNATURE with extended session security; the sealing key starts afresh each message in datagram mode (MS-NLMP 3.4.4.2). */
function messageSignature(keys: DirectionKeys, text: string): Buffer {
  const checksum = createHmac('md5', keys.sign).update(sequenceNumber).update(text, 'utf8').digest().subarray(0, 8);
  const sealKey = createHash('md5').update(keys.seal).update(sequenceNumber).digest();
  return Buffer.concat([signatureVersion, rc4(sealKey, checksum), sequenceNumber]);
}
