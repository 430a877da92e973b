import assert from 'node:assert/strict';
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { buildCertificate } from '../../../src/protocol/pkcs/certificate-builder.js';
import { encodeCertificates, readCertificates } from '../../../src/protocol/pkcs/pkcs7.js';

const openssl = 'MIIBnQYJKoZIhvcNAQcCoIIBjjCCAYoCAQExADALBgkqhkiG9w0BBwGgggFyMIIBbjCCARWgAwIBAgIUVOr+sBz6p685PiYQue4ZAypaX8owCgYIKoZIzj0E'
  + 'AwIwDDEKMAgGA1UEAwwBeDAgFw0yNjExMjIwOTUxMzdaGA8yMTI2MTAyOTA5NTEzN1owDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA'
  + 'BNLQNJ8lzOZDqpNQ+4MPg3RGO5HoMFLMhKErU6Xcvtot2hKUgpnT2dq4N75eDvQ/HXS6jGZ63B6zcAsoZFVzrDCjUzBRMB0GA1UdDgQWBBSBZrjL9BM/lHEb'
  + 'leGIxAfG8VmLFjAfBgNVHSMEGDAWgBSBZrjL9BM/lHEbleGIxAfG8VmLFjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCIFr/0vngoTkSGVry'
  + 'nWpDNsI6pkXCstcQF3oWSi5b2+KPAiAkou/WbxtZ7sufKQu12y8j40JtDBQO1h8xlzlXBO7XjTEA';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const certificate = (commonName: string) => buildCertificate({
  serialNumber: Buffer.from([1]), subjectCommonName: commonName, issuerCommonName: 'Contoso Lab Root', publicKey, issuerPublicKey: publicKey,
  notBefore: 0, notAfter: Date.UTC(2030), keyUsage: ['digitalSignature'],
}, { privateKey, hash: 'sha256' });

describe('a certificate chain as PKCS#7', () => {
  const chain = [certificate('Contoso Lab Root'), certificate('Contoso Lab Issuing')];

  it('comes back byte for byte, in order', () => {
    assert.deepEqual(readCertificates(encodeCertificates(chain)), chain);
    assert.deepEqual(readCertificates(encodeCertificates([])), []);
  });
  it('is what RFC 2315 calls degenerate SignedData', () => {
    // SEQUENCE { OID signedData, [0] { SEQUENCE { INTEGER 1, SET {}, SEQUENCE { OID data }, [0] {}, SET {} } } }
    assert.equal(encodeCertificates([]).toString('hex'),
      '30250609' + '2a864886f70d010702' + 'a0183016' + '020101' + '3100' + '300b0609' + '2a864886f70d010701' + 'a000' + '3100');
  });
  it('is read from what openssl crl2pkcs7 wrote', () => {
    const [read] = readCertificates(Buffer.from(openssl, 'base64'));
    assert.ok(read);
    assert.equal(new X509Certificate(read).subject, 'CN=x');
  });
  it('garbage, or another PKCS#7 type, gives a Failure', () => {
    const isFailure = (error: unknown) => error instanceof Failure && error.code === 'pkcs7/malformed';
    const whole = encodeCertificates(chain);
    for (let kept = 0; kept < whole.length; kept++) assert.throws(() => readCertificates(whole.subarray(0, kept)), isFailure);
    fc.assert(fc.property(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 20 }), (kept, tail) => {
      try {
        // Garbage within a signature, which nobody checks here, is none to the reader.
        assert.ok(readCertificates(Buffer.concat([whole.subarray(0, kept), tail])).length <= 2);
      } catch (error) {
        assert.ok(isFailure(error), String(error));
      }
    }));
    assert.throws(() => readCertificates(Buffer.from('300b06092a864886f70d010701', 'hex')), { message: 'The PKCS#7 message is not SignedData.' });
    assert.throws(() => readCertificates(Buffer.alloc(1_000_000)), isFailure);
    assert.throws(() => readCertificates(Buffer.from('30'.repeat(100_000), 'hex')), isFailure);
  });
});
