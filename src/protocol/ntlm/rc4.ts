/**
 * RC4 of `data` from the start of the key stream; encrypting and decrypting are the same (key streams: RFC 6229). NTLM
 * encrypts its session key and its signatures with it; the OpenSSL that Node carries no longer offers it.
 */
export function rc4(key: Buffer, data: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index);
  const at = (index: number) => state[index & 255] ?? 0;
  const swap = (i: number, j: number) => { [state[i & 255], state[j & 255]] = [at(j), at(i)]; };
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
    swap(i, j);
  }
  const result = Buffer.alloc(data.length);
  for (let n = 0, i = 0, j = 0; n < data.length; n++) {
    i = (i + 1) & 255;
    j = (j + at(i)) & 255;
    swap(i, j);
    result[n] = (data[n] ?? 0) ^ at(at(i) + at(j));
  }
  return result;
}
