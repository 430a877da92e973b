import assert from 'node:assert/strict';
import vectors from '../../vectors/sip-auth.json' with { type: 'json' };
import { Failure } from '../../../src/failure.js';
import { securityKeys, tlsDskSigner } from '../../../src/protocol/tlsdsk/keys.js';

const { tlsDsk } = vectors;

describe('TLS-DSK keys', () => {
  for (const version of ['tls10', 'tls12sha256', 'tls12sha384'] as const) {
    it(`of ${version} are the last two quarters of the key material`, () => {
      const keys = securityKeys(Buffer.from(tlsDsk[version].keyMaterial, 'hex'), 'AES128-SHA');
      assert.equal(keys.clientKey.toString('hex'), tlsDsk[version].clientKey);
      assert.equal(keys.serverKey.toString('hex'), tlsDsk[version].serverKey);
    });
  }

  const suites = { md5: 'RC4-MD5', sha1: 'AES128-SHA', sha256: 'AES128-SHA256', sha384: 'AES256-GCM-SHA384' };
  for (const [name, { response, rspauth }] of Object.entries(tlsDsk.signatures)) {
    it(`sign as in the vector ${name}, and take the other end's signature in any case`, () => {
      const [version, hash] = name.split('/') as ['tls10', keyof typeof suites];
      const keys = securityKeys(Buffer.from(tlsDsk[version].keyMaterial, 'hex'), suites[hash]);
      const [client, server] = [tlsDskSigner(keys, 'client'), tlsDskSigner(keys, 'server')];
      assert.equal(client.sign(tlsDsk.requestString), response);
      assert.equal(server.sign(tlsDsk.responseString), rspauth);
      assert.equal(server.verify(tlsDsk.requestString, response.toUpperCase()), true);
      assert.equal(client.verify(tlsDsk.responseString, rspauth), true);
      assert.equal(client.verify(tlsDsk.requestString, response), false);
      for (const wrong of ['', 'zz', response.slice(2), `${response.slice(2)}zz`]) assert.equal(server.verify(tlsDsk.requestString, wrong), false);
    });
  }

  it('take the hash of the MAC from the name of the suite, IANA or OpenSSL', () => {
    const hash = (suite: string) => securityKeys(Buffer.alloc(128), suite).hash;
    assert.equal(hash('TLS_RSA_WITH_RC4_128_MD5'), 'md5');
    assert.equal(hash('TLS_RSA_WITH_AES_128_CBC_SHA'), 'sha1');
    assert.throws(() => hash('AES128-CCM'), (error: unknown) => error instanceof Failure && error.code === 'tlsdsk/no-keys');
  });
});
