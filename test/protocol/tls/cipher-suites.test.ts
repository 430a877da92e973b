import assert from 'node:assert/strict';
import { cipherSuiteName, openSslCipherList } from '../../../src/protocol/tls/cipher-suites.js';

describe('cipher suites', () => {
  it('keeps the order and leaves out what OpenSSL no longer has', () => {
    assert.equal(openSslCipherList(['TLS_RSA_WITH_RC4_128_MD5', 'TLS_RSA_WITH_AES_256_CBC_SHA', 'TLS_RSA_WITH_3DES_EDE_CBC_SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA']),
      'AES256-SHA:AES128-SHA:@SECLEVEL=0');
  });

  it('names a code point', () => {
    assert.equal(cipherSuiteName(0xc014), 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA');
    assert.equal(cipherSuiteName(0x1301), '0x1301');
  });

  it('refuses a name it does not know, and a client with nothing left to offer', () => {
    assert.throws(() => openSslCipherList(['AES128-SHA']), { code: 'tls/unknown-cipher-suite', message: /AES128-SHA is not among/ });
    assert.throws(() => openSslCipherList(['TLS_RSA_WITH_RC4_128_SHA']), { code: 'tls/no-cipher-suite', message: /TLS_RSA_WITH_RC4_128_SHA/ });
  });
});
