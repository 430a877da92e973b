import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { md4 } from './md4.js';
import { rc4 } from './rc4.js';

/** NTProofStr and the fixed part of NTLMv2_CLIENT_CHALLENGE (MS-NLMP 2.2.2.7, 2.2.2.8). */
const proofSize = 16;
const blobHeader = 28;

const hmacMd5 = (key: Buffer, ...data: Buffer[]) => createHmac('md5', key).update(Buffer.concat(data)).digest();

/** NTOWFv2 (MS-NLMP 3.3.2): the key that stands for password, user and domain; 16 bytes. The domain counts as written, the user in upper case. */
export function ntowfv2(password: string, user: string, domain: string): Buffer {
  return hmacMd5(md4(Buffer.from(password, 'utf16le')), Buffer.from(user.toUpperCase() + domain, 'utf16le'));
}

export interface NtlmV2Input {
  /** NTOWFv2. */
  key: Buffer;
  /** 8 bytes each. */
  serverChallenge: Buffer;
  clientChallenge: Buffer;
  /** FILETIME, 8 bytes. */
  time: Buffer;
  targetInfo: Buffer;
}

/** What a client answers, and the session key both ends then share (MS-NLMP 3.3.2). */
export function computeNtlmV2({ key, serverChallenge, clientChallenge, time, targetInfo }: NtlmV2Input) {
  const blob = Buffer.concat([Buffer.from('0101000000000000', 'hex'), time, clientChallenge, Buffer.alloc(4), targetInfo, Buffer.alloc(4)]);
  const ntProof = hmacMd5(key, serverChallenge, blob);
  return {
    ntProof,
    ntResponse: Buffer.concat([ntProof, blob]),
    lmResponse: Buffer.concat([hmacMd5(key, serverChallenge, clientChallenge), clientChallenge]),
    sessionBaseKey: hmacMd5(key, ntProof),
  };
}

/** Checks a client's NTLMv2 response; undefined when it is not one or was not made with that key, else the session base key. */
export function verifyNtlmV2(key: Buffer, serverChallenge: Buffer, ntResponse: Buffer): Buffer | undefined {
  if (ntResponse.length < proofSize + blobHeader) return undefined;
  const ntProof = ntResponse.subarray(0, proofSize);
  if (!timingSafeEqual(hmacMd5(key, serverChallenge, ntResponse.subarray(proofSize)), ntProof)) return undefined;
  return hmacMd5(key, ntProof);
}

/** Encrypts, or decrypts, the exported session key with the session base key (MS-NLMP 3.1.5.1.2). */
export const exchangeSessionKey = (sessionBaseKey: Buffer, sessionKey: Buffer) => rc4(sessionBaseKey, sessionKey);

/** SIGNKEY and SEALKEY of both directions with extended session security and 128 bit (MS-NLMP 3.4.5.2, 3.4.5.3). */
export function sessionKeys(exportedSessionKey: Buffer) {
  const key = (purpose: string) => createHash('md5').update(exportedSessionKey).update(`session key to ${purpose} key magic constant\0`).digest();
  return {
    client: { sign: key('client-to-server signing'), seal: key('client-to-server sealing') },
    server: { sign: key('server-to-client signing'), seal: key('server-to-client sealing') },
  };
}
export type DirectionKeys = ReturnType<typeof sessionKeys>['client'];
