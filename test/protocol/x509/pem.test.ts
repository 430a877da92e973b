import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { readPemCertificates } from '../../../src/protocol/x509/pem.js';

describe('readPemCertificates', () => {
  const [first, second] = rootCertificates as [string, string];

  it('reads every certificate of a bundle in order, comments and CRLF allowed', () => {
    const read = readPemCertificates(`# one\r\n${first.replaceAll('\n', '\r\n')}\r\n\r\n# two\r\n${second}`);
    assert.equal(read.length, 2);
    assert.deepEqual(read.map(({ der }) => der), [first, second].map((pem) => new X509Certificate(pem).raw));
  });

  it('says so when there is none', () => {
    for (const text of ['', 'hello', first.slice(0, 200)]) {
      assert.throws(() => readPemCertificates(text), { code: 'x509/no-certificate', message: /^The text holds no certificate: / });
    }
  });

  it('says which one cannot be read', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    assert.throws(() => readPemCertificates(first + '\n' + broken), { code: 'x509/malformed', message: /^Certificate 2 of 2 in the PEM text cannot be read\. / });
  });
});
