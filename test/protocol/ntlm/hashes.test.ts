import assert from 'node:assert/strict';
import { md4 } from '../../../src/protocol/ntlm/md4.js';
import { rc4 } from '../../../src/protocol/ntlm/rc4.js';

describe('MD4 (RFC 1320, appendix A.5)', () => {
  const vectors: [string, string][] = [
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['a', 'bde52cb31de33e46245e05fbdbd6fb24'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['abcdefghijklmnopqrstuvwxyz', 'd79e1c308aa5bbcdeea8ed63df412da9'],
    ['ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789', '043f8582f241db351ce627e153e7f0e4'],
    ['12345678901234567890123456789012345678901234567890123456789012345678901234567890', 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ];
  for (const [message, digest] of vectors) {
    it(`hashes ${message.length} bytes`, () => { assert.equal(md4(Buffer.from(message)).toString('hex'), digest); });
  }
});

describe('RC4 (RFC 6229, key stream at offset 0)', () => {
  const vectors: [key: string, stream: string][] = [
    ['0102030405', 'b2396305f03dc027ccc3524a0a1118a86982944f18fc82d589c403a47a0d0919'],
    ['0102030405060708090a0b0c0d0e0f10', '9ac7cc9a609d1ef7b2932899cde41b975248c4959014126a6e8a84f11d1a9e1c'],
  ];
  for (const [key, stream] of vectors) {
    it(`makes the key stream of ${key}`, () => {
      assert.equal(rc4(Buffer.from(key, 'hex'), Buffer.alloc(32)).toString('hex'), stream);
    });
  }
});
