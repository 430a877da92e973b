/** Left rotation of a 32-bit word. */
const rotate = (word: number, bits: number) => (word << bits) | (word >>> (32 - bits));

const rounds = [
  {
    mix: (x: number, y: number, z: number) => (x & y) | (~x & z),
    constant: 0, shifts: [3, 7, 11, 19], order: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  },
  {
    mix: (x: number, y: number, z: number) => (x & y) | (x & z) | (y & z),
    constant: 0x5a827999, shifts: [3, 5, 9, 13], order: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  },
  {
    mix: (x: number, y: number, z: number) => x ^ y ^ z,
    constant: 0x6ed9eba1, shifts: [3, 9, 11, 15], order: [0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
  },
];

/**
 * MD4 of `message`, 16 bytes (RFC 1320). Broken as a hash and needed as it is: NTLM's password hash is MD4, and the OpenSSL
 * that Node carries no longer offers it.
 */
export function md4(message: Buffer): Buffer {
  const padded = Buffer.alloc(Math.ceil((message.length + 9) / 64) * 64);
  message.copy(padded);
  padded[message.length] = 0x80;
  padded.writeBigUInt64LE(BigInt(message.length) * 8n, padded.length - 8);

  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < padded.length; block += 64) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (const { mix, constant, shifts, order } of rounds) {
      order.forEach((word, step) => {
        const sum = (a + mix(b, c, d) + padded.readInt32LE(block + word * 4) + constant) | 0;
        [a, b, c, d] = [d, rotate(sum, shifts[step % 4] ?? 0), b, c];
      });
    }
    [a, b, c, d].forEach((word, index) => { state[index] = (state[index] ?? 0) + word; });
  }
  const digest = Buffer.alloc(16);
  state.forEach((word, index) => digest.writeInt32LE(word, index * 4));
  return digest;
}
