import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { createAuthorities, type CertificateAuthority } from '../../src/lab/certificate-authority.js';
import { generateKeys, type KeyPair } from '../../src/lab/key-pair.js';
import { authoritySchema, certificateSchema } from '../../src/lab/topology-schema.js';

const now = Date.UTC(2012, 5, 15);
const authority = (spec: object) => authoritySchema.parse({ keyBits: 1024, ...spec });

describe('the lab\'s certification authorities', () => {
  let authorities: Map<string, CertificateAuthority>;
  let keys: KeyPair;
  const issued = (spec: object, by = 'issuing') => authorities.get(by)!.issueServer(certificateSchema.parse({ issuer: by, ...spec }), keys, now);

  before(async () => {
    [authorities, keys] = await Promise.all([
      createAuthorities({
        issuing: authority({ commonName: 'Contoso Issuing', issuer: 'root', hash: 'sha256', pathLength: 0 }),
        root: authority({ commonName: 'Contoso Root', notAfter: '2032-01-01T00:00:00Z' }),
      }, now),
      generateKeys({ keyType: 'rsa', keyBits: 1024 }),
    ]);
  });

  it('form a chain that OpenSSL verifies up to the root', () => {
    const { issuerChain, leaf } = issued({ commonName: 'pool.contoso.lab' });
    const [server, intermediate, root] = [leaf, ...issuerChain].map((der) => new X509Certificate(der)) as [X509Certificate, X509Certificate, X509Certificate];
    assert.equal(issuerChain.length, 2);
    assert.ok(server.checkIssued(intermediate) && server.verify(intermediate.publicKey));
    assert.ok(intermediate.checkIssued(root) && intermediate.verify(root.publicKey));
    assert.ok(root.checkIssued(root) && root.verify(root.publicKey));
    assert.deepEqual([server.ca, intermediate.ca, root.ca], [false, true, true]);
    assert.deepEqual([intermediate.subject, root.subject], ['CN=Contoso Issuing', 'CN=Contoso Root']);
    assert.equal(root.validTo, 'Jan  1 00:00:00 2032 GMT');
  });
  it('issue what the spec says, valid from yesterday for two years', () => {
    const certificate = new X509Certificate(issued({ commonName: 'pool.contoso.lab', subjectAlternativeNames: ['pool.contoso.lab', '*.Contoso.lab'] }).leaf);
    assert.equal(certificate.subject, 'CN=pool.contoso.lab');
    assert.equal(certificate.subjectAltName, 'DNS:pool.contoso.lab, DNS:*.Contoso.lab');
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.deepEqual([certificate.validFrom, certificate.validTo], ['Jun 14 00:00:00 2012 GMT', 'Jun 15 00:00:00 2014 GMT']);
  });
  it('issue what is wrong too, where that is asked for', () => {
    const certificate = new X509Certificate(issued({
      subjectAlternativeNames: ['sip.contoso.lab'], notBefore: '2000-01-01T00:00:00Z', notAfter: '2001-01-01T00:00:00Z', extendedKeyUsage: [],
      certificateAuthority: true, signature: 'rsa-pss', hash: 'sha256',
    }, 'root').leaf);
    assert.equal(certificate.subject, undefined);
    assert.equal(certificate.validTo, 'Jan  1 00:00:00 2001 GMT');
    assert.equal(certificate.keyUsage, undefined);
    assert.equal(certificate.ca, true);
    assert.ok(certificate.verify(new X509Certificate(authorities.get('root')!.certificate).publicKey));
  });
  it('have a server send its intermediates unless told not to, and never the root', () => {
    const pemCertificates = (pem: string) => pem.match(/-----BEGIN CERTIFICATE-----/g)?.length;
    assert.equal(pemCertificates(issued({}).certificatePem), 2);
    assert.equal(pemCertificates(issued({ sendChain: false }).certificatePem), 1);
    assert.equal(pemCertificates(issued({}, 'root').certificatePem), 1);
    assert.deepEqual(issued({}).chain[1], authorities.get('issuing')!.certificate);
  });
});

describe('a key pair', () => {
  it('is of the type and size asked for', async () => {
    const pairs = await Promise.all([generateKeys({ keyType: 'rsa', keyBits: 1024 }), generateKeys({ keyType: 'ec', keyBits: 2048 })]);
    assert.deepEqual(pairs.map(({ publicKey }) => publicKey.asymmetricKeyDetails?.modulusLength ?? publicKey.asymmetricKeyDetails?.namedCurve),
      [1024, 'prime256v1']);
  });
});
