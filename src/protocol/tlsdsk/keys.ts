import { createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../failure.js';
import type { MessageSigner } from '../sip/security-association.js';

/** Label of the exported key material (SChannel's EAP key block; MS-SIPAE 3.2.5.1). */
export const keyMaterialLabel = 'client EAP encryption';
/** Bytes of key material to export. */
export const keyMaterialLength = 128;

/** What a TLS-DSK handshake leaves behind: 32 bytes a direction, and the hash of the negotiated cipher suite's MAC. */
export interface SecurityKeys {
  clientKey: Buffer;
  serverKey: Buffer;
  hash: 'md5' | 'sha1' | 'sha256' | 'sha384';
}

/**
 * Cuts the key material: bytes 64 to 95 sign what the client sends, 96 to 127 what the server sends; the first half is unused.
 * @param cipherSuite OpenSSL or IANA name. That SHA-384 suites sign with that hash is inferred from 96-digit signatures of Skype
 *   for Business Online; that SHA-256 suites do likewise is assumed
 */
export function securityKeys(material: Buffer, cipherSuite: string): SecurityKeys {
  const hash = ({ MD5: 'md5', SHA: 'sha1', SHA256: 'sha256', SHA384: 'sha384' } as const)[/(?:MD5|SHA\d*)$/.exec(cipherSuite)?.[0] ?? ''];
  if (!hash || material.length !== keyMaterialLength) {
    throw new Failure('tlsdsk/no-keys', `The cipher suite ${cipherSuite} with ${material.length} bytes of key material gives no signing keys.`);
  }
  return { clientKey: material.subarray(64, 96), serverKey: material.subarray(96, 128), hash };
}

/** Signs with the key of this end and checks with that of the other: HMAC in hex, compared without case. */
export function tlsDskSigner(keys: SecurityKeys, end: 'client' | 'server'): MessageSigner {
  const mac = (key: Buffer, text: string) => createHmac(keys.hash, key).update(text, 'utf8').digest();
  const [own, other] = end === 'client' ? [keys.clientKey, keys.serverKey] : [keys.serverKey, keys.clientKey];
  return {
    sign: (text) => mac(own, text).toString('hex'),
    verify: (text, signature) => {
      const expected = mac(other, text);
      return /^[0-9a-f]+$/i.test(signature) && signature.length === expected.length * 2
        && timingSafeEqual(expected, Buffer.from(signature, 'hex'));
    },
  };
}
