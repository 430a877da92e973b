import { createHmac } from 'node:crypto';

/** Which PRF a connection uses: MD5 xor SHA-1 up to TLS 1.1, the suite's hash (SHA-256 unless it names SHA-384) in TLS 1.2. */
export type PrfHash = 'md5-sha1' | 'sha256' | 'sha384';

/**
 * The TLS pseudorandom function: RFC 2246 section 5 for `md5-sha1`, RFC 5246 section 5 for the others.
 * @param seed for the master secret and for exported keys: client random, then server random
 * @param length bytes wanted
 */
export function prf(hash: PrfHash, secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'ascii'), seed]);
  if (hash !== 'md5-sha1') return expand(hash, secret, labelled, length);
  // The two halves share the middle byte of a secret of odd length.
  const half = Math.ceil(secret.length / 2);
  const first = expand('md5', secret.subarray(0, half), labelled, length);
  const second = expand('sha1', secret.subarray(secret.length - half), labelled, length);
  return Buffer.from(first.map((byte, index) => byte ^ (second[index] ?? 0)));
}

/** P_hash: HMAC(secret, A(1) seed), HMAC(secret, A(2) seed), ... with A(i) = HMAC(secret, A(i-1)) and A(0) = seed. */
function expand(hash: string, secret: Buffer, seed: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  let chained = seed;
  for (let produced = 0; produced < length;) {
    chained = createHmac(hash, secret).update(chained).digest();
    const block = createHmac(hash, secret).update(chained).update(seed).digest();
    blocks.push(block);
    produced += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}
