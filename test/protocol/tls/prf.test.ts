import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { prf } from '../../../src/protocol/tls/prf.js';

interface Vectors {
  tls10Prf: { label: string; secret: string; clientRandom: string; serverRandom: string; out: string };
  tlsDsk: {
    master: string; clientRandom: string; serverRandom: string; label: string;
    tls10: { keyMaterial: string }; tls12sha256: { keyMaterial: string }; tls12sha384: { keyMaterial: string };
  };
}
const vectors = JSON.parse(readFileSync(new URL('../../vectors/sip-auth.json', import.meta.url), 'utf8')) as Vectors;
const hex = (text: string) => Buffer.from(text, 'hex');

describe('the TLS pseudorandom function', () => {
  it('agrees with the NIST CAVS vector for TLS 1.0', () => {
    const { label, secret, clientRandom, serverRandom, out } = vectors.tls10Prf;
    assert.equal(prf('md5-sha1', hex(secret), label, hex(clientRandom + serverRandom), out.length / 2).toString('hex'), out);
  });

  // Published test vector of the IETF TLS mailing list, 2009 (100 bytes, P_SHA256).
  it('agrees with the published vector for TLS 1.2 with SHA-256', () => {
    const secret = hex('9bbe436ba940f017b17652849a71db35');
    const seed = hex('a0ba9f936cda311827a6f796ffd5198c');
    assert.equal(prf('sha256', secret, 'test label', seed, 100).toString('hex'),
      'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab'
      + '4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66');
  });

  for (const [hash, set] of [['md5-sha1', 'tls10'], ['sha256', 'tls12sha256'], ['sha384', 'tls12sha384']] as const) {
    it(`derives TLS-DSK key material with ${hash}`, () => {
      const { master, clientRandom, serverRandom, label } = vectors.tlsDsk;
      assert.equal(prf(hash, hex(master), label, hex(clientRandom + serverRandom), 128).toString('hex'), vectors.tlsDsk[set].keyMaterial);
    });
  }
});
