import assert from 'node:assert/strict';
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { Failure } from '../../../src/failure.js';
import { buildCertificate, type CertificateFields } from '../../../src/protocol/pkcs/certificate-builder.js';
import type { HashName, Signer } from '../../../src/protocol/pkcs/signature-algorithm.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 });
const otherKey = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const fields: CertificateFields = {
  serialNumber: Buffer.from('00ff', 'hex'), subjectCommonName: 'sip.contoso.lab', issuerCommonName: 'Contoso Lab Root', publicKey: ec.publicKey,
  issuerPublicKey: rsa.publicKey, notBefore: Date.UTC(2012, 5, 1), notAfter: Date.UTC(2051, 5, 1), keyUsage: ['digitalSignature', 'keyEncipherment'],
};
const issued = (change: Partial<CertificateFields> = {}, signer: Partial<Signer> = {}) =>
  new X509Certificate(buildCertificate({ ...fields, ...change }, { privateKey: rsa.privateKey, hash: 'sha1', ...signer }));

describe('a certificate built, as OpenSSL reads it', () => {
  it('has the fields asked for', () => {
    const certificate = issued({
      dnsNames: ['pool.contoso.lab', '*.contoso.lab'], ipAddresses: ['10.0.0.10'], extendedKeyUsage: ['serverAuth', '1.3.6.1.4.1.311.20.2.2'],
      basicConstraints: { certificateAuthority: false },
    });
    assert.equal(certificate.subject, 'CN=sip.contoso.lab');
    assert.equal(certificate.issuer, 'CN=Contoso Lab Root');
    assert.equal(certificate.subjectAltName, 'DNS:pool.contoso.lab, DNS:*.contoso.lab, IP Address:10.0.0.10');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1', '1.3.6.1.4.1.311.20.2.2']);
    assert.equal(certificate.validFrom, 'Jun  1 00:00:00 2012 GMT');
    assert.equal(certificate.validTo, 'Jun  1 00:00:00 2051 GMT');
    assert.equal(certificate.serialNumber, '40FF');
    assert.equal(certificate.ca, false);
    assert.deepEqual(certificate.publicKey.export({ type: 'spki', format: 'der' }), ec.publicKey.export({ type: 'spki', format: 'der' }));
  });
  it('leaves out what was not asked for', () => {
    const certificate = issued({ subjectCommonName: undefined });
    assert.equal(certificate.subject, undefined);
    assert.equal(certificate.subjectAltName, undefined);
    assert.equal(certificate.keyUsage, undefined);
  });
  it('is a CA where that was asked for, and names its issuer', () => {
    const authority = issued({ subjectCommonName: fields.issuerCommonName, publicKey: rsa.publicKey, keyUsage: ['keyCertSign', 'cRLSign'],
      basicConstraints: { certificateAuthority: true, pathLength: 0 } });
    assert.equal(authority.ca, true);
    assert.ok(authority.checkIssued(authority));
    // OpenSSL compares names, key identifiers and key usage.
    assert.ok(issued().checkIssued(authority));
    assert.ok(!issued({ issuerPublicKey: ec.publicKey }).checkIssued(authority), 'another authority key identifier');
    assert.ok(!issued({ issuerCommonName: 'Another Root' }).checkIssued(authority));
  });

  const hashes: HashName[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
  for (const hash of hashes) {
    it(`is signed with ${hash} and RSA`, () => {
      assert.ok(issued({}, { hash }).verify(rsa.publicKey));
      assert.ok(!issued({}, { hash }).verify(otherKey));
    });
  }
  for (const hash of ['sha1', 'sha256'] as const) {
    it(`is signed with ${hash} and RSA-PSS`, () => {
      const certificate = issued({}, { hash, rsaScheme: 'rsa-pss' });
      assert.ok(certificate.verify(rsa.publicKey));
      assert.notDeepEqual(certificate.raw, issued({}, { hash }).raw);
    });
  }
  it('is signed with ECDSA', () => { assert.ok(issued({}, { privateKey: ec.privateKey, hash: 'sha256' }).verify(ec.publicKey)); });

  it('cannot be had where there is no such thing', () => {
    const code = (expected: string) => (error: unknown) => error instanceof Failure && error.code === expected;
    assert.throws(() => issued({}, { privateKey: ec.privateKey, hash: 'md5' }), code('pkcs/algorithm'));
    assert.throws(() => issued({ ipAddresses: ['10.0.0'] }), code('pkcs/ip-address'));
    const short = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey;
    assert.throws(() => issued({}, { privateKey: short, hash: 'sha512' }), {
      code: 'pkcs/signing', message: 'The 512 bit RSA key cannot sign with sha512.',
    });
  });
});
