import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { isSignedBy, readCertificate } from '../../../src/protocol/x509/certificate.js';
import { encode, issue, now, rsaKey } from './issue.js';
import forge from 'node-forge';

const { asn1 } = forge;
const malformed = (error: unknown) => error instanceof Failure && error.code === 'x509/malformed' && /^The bytes are not a well-formed X\.509 certificate: .+\.$/.test(error.message);

describe('readCertificate', () => {
  const root = issue({ commonName: 'Lab Root', ca: true, pathLength: 1 });

  it('agrees with OpenSSL about every root certificate that Node carries', () => {
    assert.ok(rootCertificates.length > 100);
    for (const pem of rootCertificates) {
      const native = new X509Certificate(pem);
      const facts = readCertificate(native.raw);
      assert.equal(facts.notBefore, Date.parse(native.validFrom));
      assert.equal(facts.notAfter, Date.parse(native.validTo));
      assert.equal(facts.basicConstraints?.ca, native.ca);
      assert.equal(facts.fingerprint, native.fingerprint256.replaceAll(':', '').toLowerCase());
      assert.equal(BigInt('0x' + facts.serial), BigInt('0x' + native.serialNumber));
      assert.deepEqual(facts.extendedKeyUsage, (native as { keyUsage?: string[] }).keyUsage);
      const names = native.subject.split('\n').filter((line) => line.startsWith('CN=')).map((line) => line.slice(3));
      if (!native.subject.includes('\\')) assert.deepEqual(facts.subjectCommonNames, names);
      assert.equal(facts.selfIssued, native.subject === native.issuer);
      // A hash that OpenSSL would verify with is the hash the table names: its signature must hold.
      if (facts.selfIssued) assert.ok(isSignedBy(facts, facts), facts.subjectText);
      assert.match(facts.signature.hash ?? '', /^sha\d+$/);
    }
  });

  it('reads names, times, usages and constraints', () => {
    const facts = readCertificate(issue({
      commonName: 'Größe', issuer: root, dnsNames: ['*.mslync.net', 'a\0b', ''], addresses: [Buffer.from([10, 0, 0, 1]), Buffer.from('20010db8000000000000000000000001', 'hex')],
      hash: 'sha256', notAfter: Date.UTC(2051, 0, 2, 3, 4, 5),
    }).der);
    assert.deepEqual(facts.subjectCommonNames, ['Größe']);
    assert.equal(facts.subjectText, 'CN=Größe');
    assert.equal(facts.issuerText, 'CN=Lab Root');
    assert.deepEqual(facts.dnsNames, ['*.mslync.net', 'a\0b', '']);
    assert.deepEqual(facts.ipAddresses, ['10.0.0.1', '2001:db8::1']);
    assert.equal(facts.notAfter, Date.UTC(2051, 0, 2, 3, 4, 5));
    assert.deepEqual(facts.signature, { algorithm: 'rsa-pkcs1', hash: 'sha256' });
    assert.deepEqual(facts.extendedKeyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.equal(facts.basicConstraints, undefined);
    assert.equal(facts.selfIssued, false);
    assert.deepEqual(readCertificate(root.der).basicConstraints, { ca: true, pathLength: 1 });
  });

  it('names key types and signature algorithms, and checks each natively', () => {
    const keys = {
      ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
      dsa: generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey,
      ed25519: generateKeyPairSync('ed25519').privateKey,
    };
    const seen = Object.values(keys).map((key) => {
      const facts = readCertificate(issue({ commonName: 'self', key }).der);
      assert.ok(isSignedBy(facts, facts));
      return [facts.key.type, facts.key.bits, facts.key.curve, facts.signature.algorithm, facts.signature.hash];
    });
    assert.deepEqual(seen, [
      ['ec', undefined, 'prime256v1', 'ecdsa', 'sha1'],
      ['dsa', 1024, undefined, 'dsa', 'sha1'],
      ['ed25519', undefined, undefined, 'ed25519', undefined],
    ]);
    for (const [wish, expected] of [
      [{ pss: true, hash: 'sha256' }, { algorithm: 'rsa-pss', hash: 'sha256' }],
      [{ pss: 'defaults' }, { algorithm: 'rsa-pss', hash: 'sha1' }],
      [{ pss: true, hash: 'sha1' }, { algorithm: 'rsa-pss', hash: 'sha1' }],
      [{ hash: 'md5' }, { algorithm: 'rsa-pkcs1', hash: 'md5' }],
      [{ hash: 'sha384' }, { algorithm: 'rsa-pkcs1', hash: 'sha384' }],
    ] as const) {
      const facts = readCertificate(issue({ commonName: 'self', ...wish }).der);
      assert.deepEqual(facts.signature, expected);
      assert.ok(isSignedBy(facts, facts));
    }
  });

  it('tells a signature by another key of the same name', () => {
    const other = readCertificate(issue({ commonName: 'Lab Root', ca: true, key: rsaKey('other') }).der);
    const leaf = readCertificate(issue({ commonName: 'leaf', issuer: root }).der);
    assert.equal(isSignedBy(leaf, readCertificate(root.der)), true);
    assert.equal(isSignedBy(leaf, other), false);
  });

  it('gives the same object for the same bytes', () => {
    assert.equal(readCertificate(Buffer.from(root.der)), readCertificate(root.der));
  });

  const octetString = (bytes: string) => encode(asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OCTETSTRING, false, bytes));
  const bad: readonly (readonly [string, () => Buffer])[] = [
    ['nothing', () => Buffer.alloc(0)],
    ['text', () => Buffer.from('-----BEGIN CERTIFICATE-----')],
    ['half a certificate', () => root.der.subarray(0, root.der.length >> 1)],
    ['a certificate and one byte more', () => Buffer.concat([root.der, Buffer.from([0])])],
    ['ten megabytes', () => Buffer.alloc(10_000_000, 0x30)],
    ['an endless nest of sequences', () => Buffer.from('3080'.repeat(5000), 'hex')],
    ['an extension twice', () => issue({ commonName: 'x', dnsNames: ['a'], extensions: [['2.5.29.17', octetString('b')]] }).der],
    ['names that are no sequence', () => issue({ commonName: 'x', extensions: [['2.5.29.17', octetString('b')]] }).der],
    ['an address of three bytes', () => issue({ commonName: 'x', addresses: [Buffer.from([1, 2, 3])] }).der],
    ['a usage that is no identifier', () => issue({ commonName: 'x', extendedKeyUsage: undefined, extensions: [['2.5.29.37', encode(asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, '')]))]] }).der],
  ];
  for (const [what, make] of bad) it(`refuses ${what} with a sentence`, () => { assert.throws(() => readCertificate(make()), malformed); });

  it('never throws anything else, whatever the bytes', () => {
    const attempt = (der: Buffer) => {
      try { readCertificate(der); } catch (error) { assert.ok(malformed(error), String(error)); }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => { attempt(Buffer.from(bytes)); }));
    const good = issue({ commonName: 'leaf', issuer: root, dnsNames: ['a.b', '*.c'], addresses: [Buffer.from([10, 0, 0, 1])], notAfter: now }).der;
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const der = Buffer.from(good);
      for (const [at, value] of changes) der[at] = value;
      attempt(der);
    }), { numRuns: 1000 });
  });
});
