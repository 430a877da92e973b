import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Failure } from '../../../src/failure.js';
import { looksLikePkcs12, readPkcs12 } from '../../../src/protocol/pkcs/pkcs12.js';

const file = (name: string) => readFileSync(`test/vectors/certificate-files/${name}`);
const password = 'k3y-of-the-file';

describe('PKCS #12', () => {
  for (const [name, opens, count] of [['modern.pfx', password, 2], ['windows-2008.pfx', password, 2], ['no-password.pfx', '', 1]] as const) {
    it(`of openssl is read, ${name}: the certificates, byte for byte`, () => {
      assert.ok(looksLikePkcs12(file(name)));
      const certificates = readPkcs12(file(name), opens);
      assert.equal(certificates.length, count);
      const server = new X509Certificate(file('server.pem')).raw;
      assert.ok(certificates.some((each) => each.equals(server)));
    });
  }

  it('stays shut with another password, and what is cut off or something else is refused', () => {
    assert.throws(() => readPkcs12(file('modern.pfx'), ''), { code: 'pkcs12/password' });
    assert.throws(() => readPkcs12(file('modern.pfx').subarray(0, 900), password), { code: 'pkcs12/malformed' });
    assert.throws(() => readPkcs12(file('server.csr.der'), password), { code: 'pkcs12/malformed' });
    assert.equal(looksLikePkcs12(file('server.csr.der')), false);
    assert.equal(looksLikePkcs12(file('chain.p7b')), false);
  });

  it('with a byte changed anywhere is read or refused, never anything else', () => {
    const whole = file('no-password.pfx');
    for (let at = 0; at < whole.length; at += 97) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      try {
        readPkcs12(changed, '');
      } catch (error) {
        assert.ok(error instanceof Failure, String(error));
      }
    }
  });
});
