import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { createCertificateRequest, readCertificateRequest } from '../../../src/protocol/pkcs/pkcs10.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const request = createCertificateRequest({ subjectCommonName: 'alice@contoso.lab', privateKeyPem, hash: 'sha1' });

/** `openssl req -newkey rsa:1024 -sha1 -subj /C=US/O=Contoso/CN=alice@contoso.lab -addext subjectAltName=DNS:x -outform der` */
const openssl = Buffer.from(
  'MIIBmjCCAQMCAQAwOzELMAkGA1UEBhMCVVMxEDAOBgNVBAoMB0NvbnRvc28xGjAYBgNVBAMMEWFsaWNlQGNvbnRvc28ubGFiMIGfMA0GCSqGSIb3DQEBAQUA'
  + 'A4GNADCBiQKBgQDH/CGeyca5G3+genxIgstKEPHl9x9Ye3otYhKUyLCsXMKhvH/UKBHTaDD+gckHsrmSfI1s7wGx/H4mp8U8ie3tZgjTK/Dgw8ZM3ykIup0R'
  + 'puKwayE6uxBxJXzhEf0BJS4eaT377cSr2n9cWwaUDx8o+/5d4bSZ3pQ8dF+5FUrGXQIDAQABoB8wHQYJKoZIhvcNAQkOMRAwDjAMBgNVHREEBTADggF4MA0G'
  + 'CSqGSIb3DQEBBQUAA4GBADohbDZB5KPz80XR9POzBrVkuVNJTfLcVIfNzE54z3cP1phY8W4w5VEFOG+Dz74sL5fJYAXH1DQ3K/1G6llVKFKEv9tldpGanZ9q'
  + 'nPA6evEmtRyJzdGKqaAjkcEZ+1bpYa962ytpxYCElEUhcY9YAaZg2aBXuGZwlYabc+5bgfYA', 'base64');

describe('a PKCS#10 certificate request', () => {
  it('comes back', () => {
    for (const hash of ['sha1', 'sha256'] as const) {
      const read = readCertificateRequest(createCertificateRequest({ subjectCommonName: 'alice@contoso.lab', privateKeyPem, hash }));
      assert.deepEqual({ ...read, publicKey: read.publicKey.export({ type: 'spki', format: 'pem' }) }, {
        subjectCommonName: 'alice@contoso.lab', subjectText: 'CN=alice@contoso.lab', signatureValid: true, keyBits: 1024,
        wanted: { dnsNames: [], ipAddresses: [], extendedKeyUsage: undefined, basicConstraints: undefined }, publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
      });
    }
  });
  it('is read as openssl writes it: more in the subject, attributes', () => {
    const read = readCertificateRequest(openssl);
    assert.deepEqual([read.subjectCommonName, read.signatureValid, read.keyBits, read.wanted.dnsNames], ['alice@contoso.lab', true, 1024, ['x']]);
  });
  it('proves nothing once a bit of it is changed', () => {
    const at = request.indexOf('alice');
    const tampered = Buffer.from(request);
    tampered.write('mallo', at);
    const read = readCertificateRequest(tampered);
    assert.deepEqual([read.subjectCommonName, read.signatureValid], ['mallo@contoso.lab', false]);
    const signature = Buffer.from(request);
    signature.writeUInt8(signature.readUInt8(signature.length - 1) ^ 1, signature.length - 1);
    assert.equal(readCertificateRequest(signature).signatureValid, false);
  });
  it('garbage gives a Failure or proves nothing', () => {
    const isFailure = (error: unknown) => error instanceof Failure && error.code === 'pkcs10/malformed';
    const refused = (damaged: Buffer) => {
      try {
        assert.equal(readCertificateRequest(damaged).signatureValid, false);
      } catch (error) {
        assert.ok(isFailure(error), String(error));
      }
    };
    // The CertificationRequestInfo, which is the signed part: after the outer SEQUENCE's four bytes, 30 81 and its length.
    const signed = 4 + 3 + request.readUInt8(6);
    fc.assert(fc.property(fc.integer({ min: 4, max: signed - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = Buffer.from(request);
      damaged.writeUInt8(damaged.readUInt8(at) ^ change, at);
      refused(damaged);
    }));
    fc.assert(fc.property(fc.nat(request.length - 40), fc.uint8Array({ maxLength: 20 }), (kept, tail) => {
      refused(Buffer.concat([request.subarray(0, kept), tail]));
    }));
    assert.throws(() => readCertificateRequest(Buffer.alloc(100_000)), isFailure);
  });
});
