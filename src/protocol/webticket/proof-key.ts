import { createHmac } from 'node:crypto';

/** The URI of the algorithm in `wst:ComputedKey` (WS-Trust 1.3 section 4.4.4). */
export const psha1Algorithm = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/CK/PSHA1';

/**
 * The key that client and server compute from both entropies: P_SHA1 of TLS 1.0 (RFC 2246 section 5) with the client's entropy
 * as secret and the server's as seed, cut to the length of the client's (WS-Trust 1.3 section 4.4.4).
 */
export function proofKey(clientEntropy: Buffer, serverEntropy: Buffer): Buffer {
  const hmac = (...parts: Buffer[]): Buffer => createHmac('sha1', clientEntropy).update(Buffer.concat(parts)).digest();
  const blocks: Buffer[] = [];
  let a = serverEntropy;
  for (let length = 0; length < clientEntropy.length; length += 20) {
    a = hmac(a);
    blocks.push(hmac(a, serverEntropy));
  }
  return Buffer.concat(blocks).subarray(0, clientEntropy.length);
}
