import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { checkRules } from '../../src/firmware/certificate-check.js';
import { verifyServerCertificate, type CertificateInput, type CertificateVerdict } from '../../src/firmware/certificate-policy.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { FirmwareProfile } from '../../src/firmware/schema.js';
import { issue, now, rsaKey, serverAuth, type CertificateWish } from '../protocol/x509/issue.js';

const store = loadProfiles();
const june2012 = store.get('4.0.7577.4100').profile;
const root = issue({ commonName: 'Lab Root', ca: true });
const host = 'sip.contoso.com';

/** A profile with some certificate rules changed, for axes that the shipped builds do not differ in. */
function changed(values: Partial<{ [K in keyof FirmwareProfile['certificate']]: unknown }>): FirmwareProfile {
  const certificate = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, confidence: 'assumed', evidence: [] }]));
  return { ...june2012, certificate: { ...june2012.certificate, ...certificate } };
}

function judge(wish: CertificateWish, more: Partial<CertificateInput> = {}): CertificateVerdict {
  const leaf = issue({ issuer: root, commonName: 'pool01.contoso.com', dnsNames: [host], ...wish });
  return verifyServerCertificate({
    chain: [leaf.der], host, service: 'sip', sipDomain: 'contoso.com', roots: [root.der], publicRoots: [], now, profile: june2012, ...more,
  });
}

const failed = (verdict: CertificateVerdict) => verdict.checks.filter(({ passed }) => !passed).map(({ rule }) => rule);
const found = (verdict: CertificateVerdict, rule: string) => {
  const check = verdict.checks.find((each) => each.rule === rule);
  assert.ok(check, rule);
  return check;
};

describe('verifyServerCertificate', () => {
  it('reports every check, once, in one order, and accepts a plain chain in every build', () => {
    for (const build of store.builds()) {
      const verdict = judge({}, { profile: store.get(build).profile, tlsVersion: 'TLSv1' });
      // The SIP domain matters to SIP alone, a bare common name to Exchange.
      assert.deepEqual(verdict.checks.map(({ rule }) => rule), checkRules.filter((rule) => rule !== 'bare-common-name'));
      assert.deepEqual(judge({}, { profile: store.get(build).profile, tlsVersion: 'TLSv1', service: 'exchange' }).checks.map(({ rule }) => rule), checkRules.filter((rule) => rule !== 'name-in-sip-domain'));
      assert.deepEqual(failed(verdict), [], build);
      // Only the exact name decided, so the verdict is as good as that is known.
      assert.deepEqual(verdict.checks.filter(({ decisive }) => decisive).map(({ rule, confidence, evidence }) => [rule, confidence, evidence]),
        [['name', store.get(build).profile.certificate.exactName.confidence, ['schertz-2011-02']]], build);
    }
  });

  describe('names', () => {
    const sentence = (wish: CertificateWish, more: Partial<CertificateInput> = {}) => {
      const { passed, sentence, confidence } = found(judge(wish, more), 'name');
      return `${passed ? 'yes' : 'no'}, ${confidence}: ${sentence}`;
    };
    const cu1 = store.get('4.0.7577.107').profile;

    it('says which name covers the host, which does not, and how well the rule is known', () => {
      const wildcard = { dnsNames: ['lync.schertz.local', '*.mslync.net'] };
      const sip = { host: 'sip.mslync.net', sipDomain: 'mslync.net' };
      assert.equal(sentence(wildcard, { ...sip, profile: cu1 }), 'no, observed: sip.mslync.net is covered only by the wildcard *.mslync.net, which this build does not accept.');
      assert.equal(sentence(wildcard, sip), 'yes, observed: sip.mslync.net is covered by the wildcard *.mslync.net, which this build accepts.');
      assert.equal(sentence({}), 'yes, observed: sip.contoso.com is among the certificate\'s names.');
      assert.equal(sentence({ dnsNames: ['SIP.contoso.com'] }), 'yes, assumed: sip.contoso.com is among the certificate\'s names.');
      assert.equal(sentence({ dnsNames: ['pool01.contoso.com', 'evil\0.com'] }), 'no, inferred: sip.contoso.com is not among the certificate\'s names (pool01.contoso.com, evil\\x00.com).');
      assert.equal(sentence({ dnsNames: ['*.com'] }), 'no, assumed: sip.contoso.com lies more than one label below the wildcard *.com, which covers one label only.');
      assert.equal(sentence({ dnsNames: ['s*.contoso.com'] }), 'no, assumed: sip.contoso.com is covered only by s*.contoso.com, and this build accepts no wildcard for a part of a label.');
      assert.equal(sentence({ dnsNames: ['*.com'] }, { host: 'contoso.com' }), 'no, assumed: contoso.com is covered only by the wildcard *.com, which is too wide for this build.');
      assert.equal(sentence({ dnsNames: ['*.co.uk'] }, { host: 'a.co.uk', profile: changed({ wildcardPublicSuffix: 'refused' }) }),
        'no, assumed: a.co.uk is covered only by the wildcard *.co.uk, which spans a public suffix and which this build does not accept.');
      assert.equal(sentence({ dnsNames: ['Sip.contoso.com'] }, { profile: changed({ letterCase: 'significant' }) }),
        'no, assumed: sip.contoso.com and Sip.contoso.com differ in letter case, which matters to this build.');
      assert.equal(sentence({ dnsNames: ['sip.contoso.com.'] }), 'no, assumed: sip.contoso.com and sip.contoso.com. differ in the dot at the end, which matters to this build.');
      assert.equal(sentence({ dnsNames: ['xn--bcher-kva.example'] }, { host: 'bücher.example' }), 'yes, observed: bücher.example is among the certificate\'s names.');
      assert.equal(sentence({}, { host: 'a b' }), 'no, documented: "a b" is not a host name.');
    });

    it('falls back to the common name only as the profile says', () => {
      const common = { commonName: host, dnsNames: [] };
      assert.equal(sentence(common), 'yes, assumed: sip.contoso.com is the common name of the certificate\'s subject, which this build compares.');
      assert.equal(sentence({ ...common, dnsNames: ['pool01.contoso.com'] }), 'no, assumed: sip.contoso.com is only the common name of the certificate\'s subject, which this build does not compare when there are DNS names.');
      assert.equal(sentence(common, { profile: changed({ commonName: 'never' }) }), 'no, assumed: sip.contoso.com is only the common name of the certificate\'s subject, which this build does not compare.');
      assert.match(sentence({ ...common, dnsNames: ['pool01.contoso.com'] }, { profile: changed({ commonName: 'always' }) }), /^yes/);
      const wildcard = { commonName: '*.contoso.com', dnsNames: [] };
      assert.equal(sentence(wildcard), 'no, assumed: sip.contoso.com is covered only by the wildcard *.contoso.com in the subject\'s common name, which this build does not accept.');
      assert.equal(sentence(wildcard, { profile: cu1 }).slice(0, 13), 'no, inferred:');
      assert.equal(sentence(wildcard, { profile: changed({ commonNameWildcard: true }) }), 'yes, assumed: sip.contoso.com is covered by the wildcard *.contoso.com in the subject\'s common name, which this build accepts.');
      assert.equal(sentence({ commonName: undefined, dnsNames: [] }), 'no, inferred: The certificate has no name to compare with sip.contoso.com.');
    });

    it('compares an IP address with iPAddress entries, or not at all', () => {
      const addressed = { addresses: [Buffer.from([10, 0, 0, 1])], dnsNames: ['10.0.0.2'] };
      const san = { profile: changed({ ipAddress: 'san' }) };
      assert.equal(sentence(addressed, { host: '10.0.0.1' }), 'no, assumed: 10.0.0.1 is an IP address, and this build accepts none as a server\'s name.');
      assert.equal(sentence(addressed, { host: '10.0.0.1', ...san }), 'yes, assumed: 10.0.0.1 is among the certificate\'s IP addresses.');
      assert.equal(sentence(addressed, { host: '10.0.0.2', ...san }), 'no, assumed: 10.0.0.2 is not among the certificate\'s IP addresses (10.0.0.1).');
    });

    it('holds a wildcard match on SIP to the SIP domain, and only there', () => {
      const wish = { dnsNames: ['*.hoster.net'] };
      const hosted = { host: 'sip.hoster.net' };
      const check = found(judge(wish, hosted), 'name-in-sip-domain');
      assert.equal(check.sentence, 'sip.hoster.net, matched by the wildcard *.hoster.net, lies outside the SIP domain contoso.com, where this build accepts no wildcard.');
      assert.deepEqual([check.passed, check.confidence, check.disputed, check.evidence], [false, 'inferred', true, ['schertz-2011-02']]);
      assert.deepEqual(failed(judge(wish, { ...hosted, service: 'web' })), []);
      assert.deepEqual(failed(judge({ dnsNames: ['sip.hoster.net'] }, hosted)), []);
      assert.deepEqual(failed(judge(wish, { ...hosted, sipDomain: undefined })), []);
      const tolerated = found(judge(wish, { ...hosted, profile: changed({ wildcardWithinSipDomain: false }) }), 'name-in-sip-domain');
      assert.deepEqual([tolerated.passed, tolerated.decisive], [true, true]);
    });
  });

  describe('trust', () => {
    const middle = issue({ commonName: 'Lab Issuing', issuer: root, ca: true, key: rsaKey('middle', 1024) });
    const leaf = issue({ commonName: host, dnsNames: [host], issuer: middle });
    const verdict = (chain: readonly Buffer[], more: Partial<CertificateInput> = {}) => judge({}, { chain, ...more });
    const sentences = (result: CertificateVerdict) => result.checks.filter(({ passed }) => !passed).map(({ sentence }) => sentence);

    it('finds the root whether it is presented or not, in any order, among learnt and public roots', () => {
      for (const chain of [[leaf, middle], [leaf, middle, root], [leaf, root, middle]]) assert.deepEqual(failed(verdict(chain.map(({ der }) => der))), []);
      const publicly = verdict([leaf.der, middle.der], { roots: [], publicRoots: [root.der] });
      assert.deepEqual(failed(publicly), []);
      assert.equal(found(publicly, 'trust').sentence, 'The chain ends at "Lab Root", which is in this profile\'s public store.');
      assert.equal(found(publicly, 'trust').decisive, true);
    });

    it('takes an intermediate that came with the downloaded chain, and fetches none', () => {
      assert.deepEqual(failed(verdict([leaf.der], { intermediates: [middle.der] })), []);
      assert.deepEqual(sentences(verdict([leaf.der])), [
        'The "CN=Lab Issuing" that signed "sip.contoso.com" is not among the roots this phone has learnt; not in this profile\'s public store (list unverified).',
        'The certificate of "CN=Lab Issuing", which issued "sip.contoso.com", was neither presented nor learnt, and this build fetches none.',
      ]);
    });

    it('trusts an intermediate or a self-signed leaf that it was given as a root', () => {
      assert.deepEqual(failed(verdict([leaf.der], { roots: [middle.der] })), []);
      const alone = issue({ commonName: host, dnsNames: [host] });
      assert.deepEqual(failed(verdict([alone.der], { roots: [alone.der] })), []);
      assert.deepEqual(sentences(verdict([alone.der])), [
        'The root "sip.contoso.com" is not among the roots this phone has learnt; not in this profile\'s public store (list unverified).',
      ]);
    });

    it('tells a new root of the same name from the one it learnt', () => {
      const renewed = issue({ commonName: 'Lab Root', ca: true, key: rsaKey('renewed', 1024) });
      const moved = issue({ commonName: host, dnsNames: [host], issuer: renewed });
      assert.deepEqual(sentences(verdict([moved.der])), [
        'The "CN=Lab Root" that signed "sip.contoso.com" is not among the roots this phone has learnt; not in this profile\'s public store (list unverified).',
        'A certificate of "CN=Lab Root" is at hand, but its key did not sign "sip.contoso.com".',
      ]);
      assert.deepEqual(failed(verdict([moved.der, renewed.der])), ['trust']);
      assert.equal(found(verdict([moved.der, renewed.der]), 'chain-length').facts.length, 2);
    });

    it('prefers a current intermediate to an expired one of the same key', () => {
      const expired = issue({ commonName: 'Lab Issuing', issuer: root, ca: true, key: rsaKey('middle', 1024), notAfter: now - 1 });
      assert.deepEqual(failed(verdict([leaf.der, expired.der, middle.der])), []);
      assert.deepEqual(failed(verdict([leaf.der, expired.der])), ['validity']);
    });

    it('ends a circle, and a crowd of issuers of one name', () => {
      const [a, b] = [rsaKey('a', 1024), rsaKey('b', 1024)];
      const first = issue({ commonName: 'A', ca: true, key: a, issuer: { commonName: 'B', privateKey: b, der: Buffer.alloc(0) } });
      const second = issue({ commonName: 'B', ca: true, key: b, issuer: { commonName: 'A', privateKey: a, der: Buffer.alloc(0) } });
      const under = issue({ commonName: host, dnsNames: [host], issuer: first });
      assert.deepEqual(failed(verdict([under.der, first.der, second.der])), ['trust', 'chain-complete']);
      const crowd = Array.from({ length: 30 }, () => issue({ commonName: 'A', ca: true, key: a, issuer: { commonName: 'A', privateKey: a, der: Buffer.alloc(0) } }).der);
      assert.deepEqual(failed(verdict([under.der, ...crowd])), ['trust']);
    });
  });

  describe('fields', () => {
    const refused = (rule: string, sentence: string, wish: CertificateWish, more: Partial<CertificateInput> = {}) => {
      const verdict = judge(wish, more);
      assert.deepEqual(failed(verdict), [rule]);
      assert.equal(found(verdict, rule).sentence, sentence);
      assert.equal(found(verdict, rule).decisive, true);
    };
    const authority = (wish: CertificateWish, more: Partial<CertificateInput> = {}) => {
      const middle = issue({ commonName: 'Issuing', issuer: root, ca: true, key: rsaKey('middle', 1024), ...wish });
      const leaf = issue({ commonName: host, dnsNames: [host], issuer: middle });
      return { chain: [leaf.der, middle.der], ...more };
    };

    it('validity, at the clock it is given', () => {
      refused('validity', 'The certificate "pool01.contoso.com" expired on 2012-06-30 23:59 UTC, and the clock says 2012-07-01 00:00 UTC.', { notAfter: now - 1000 });
      refused('validity', 'The certificate "pool01.contoso.com" is not valid before 2012-07-02 00:00 UTC, and the clock says 2012-07-01 00:00 UTC.', { notBefore: now + 86_400_000 });
      const ignored = judge({ notAfter: now - 1000 }, { profile: changed({ validity: 'ignored' }) });
      assert.deepEqual([ignored.accepted, found(ignored, 'validity').decisive], [true, true]);
    });

    it('signature hash, of every certificate but the trusted root', () => {
      const cu1 = store.get('4.0.7577.107').profile;
      refused('signature-hash', 'The certificate "pool01.contoso.com" is signed with SHA-256, which this build does not know.', { hash: 'sha256' }, { profile: cu1 });
      refused('signature-hash', 'The certificate "Issuing" is signed with SHA-384, which this build does not know.', {}, authority({ hash: 'sha384' }));
      const newer = issue({ commonName: 'Lab Root', ca: true, hash: 'sha256' });
      assert.deepEqual(failed(judge({ issuer: newer }, { roots: [newer.der], profile: cu1 })), []);
      assert.equal(found(judge({ hash: 'sha256' }), 'signature-hash').decisive, true);
    });

    it('key type and size', () => {
      const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      refused('key-type', 'The certificate "pool01.contoso.com" has a key of the type ec (prime256v1), which this build does not know.', { key: ec });
      assert.deepEqual(failed(judge({ key: ec }, { profile: store.get('windows-lync-2010').profile })), []);
      const ecRoot = issue({ commonName: 'EC Root', ca: true, key: ec, hash: 'sha256' });
      refused('key-type', 'The certificate "pool01.contoso.com" is signed by a key of the type ec, which this build does not know.', { issuer: ecRoot }, { roots: [ecRoot.der] });
      const edwards = generateKeyPairSync('ed25519').privateKey;
      const edwardsRoot = issue({ commonName: 'Edwards Root', ca: true, key: edwards });
      assert.deepEqual(failed(judge({ issuer: edwardsRoot }, { roots: [edwardsRoot.der] })), ['key-type']);
      const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey;
      refused('key-type', 'The certificate "pool01.contoso.com" has a key of the type dsa, which this build does not know.', { key: dsa });
      refused('key-size', 'The certificate "pool01.contoso.com" has an RSA key of 768 bits, where this build wants 1024 at least.', { key: rsaKey('short', 768) });
      assert.equal(found(judge({ key: rsaKey('middling', 1024) }), 'key-size').decisive, true);
    });

    it('RSASSA-PSS', () => {
      refused('rsa-pss', 'The certificate "pool01.contoso.com" uses RSASSA-PSS (the alternate signature format), which this build does not know.', { pss: true });
      assert.equal(found(judge({ pss: true }), 'rsa-pss').confidence, 'documented');
      assert.deepEqual(failed(judge({ pss: true }, { profile: changed({ rsaPss: true }) })), []);
    });

    it('extended key usage', () => {
      const clientOnly = { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] };
      const none = { extendedKeyUsage: undefined };
      refused('extended-key-usage', 'The certificate is not meant for server authentication, which this build wants.', clientOnly);
      refused('extended-key-usage', 'The certificate has no extended key usage, which this build wants.', none);
      assert.deepEqual(failed(judge(none, { profile: changed({ extendedKeyUsage: 'if-present' }) })), []);
      assert.deepEqual(failed(judge(clientOnly, { profile: changed({ extendedKeyUsage: 'if-present' }) })), ['extended-key-usage']);
      assert.deepEqual(failed(judge(clientOnly, { profile: changed({ extendedKeyUsage: 'ignored' }) })), []);
      assert.deepEqual(failed(judge({ extendedKeyUsage: ['2.5.29.37.0'] })), []);
      assert.deepEqual(failed(judge({ extendedKeyUsage: ['1.3.6.1.5.5.7.3.2', serverAuth] })), []);
    });

    it('basic constraints, path length and chain length', () => {
      refused('basic-constraints', 'The certificate "Issuing" issued the next certificate without being an authority (basicConstraints).', {}, authority({ ca: false }));
      refused('basic-constraints', 'The certificate "Issuing" issued the next certificate without being an authority (basicConstraints).', {}, authority({ ca: undefined }));
      assert.deepEqual(failed(judge({}, authority({ ca: false }, { profile: changed({ basicConstraints: 'ignored' }) }))), []);
      // A root of version 1 has no extensions.
      const old = issue({ commonName: 'Old Root', ca: undefined, extendedKeyUsage: undefined });
      assert.deepEqual(failed(judge({ issuer: old }, { roots: [old.der] })), []);
      const narrow = issue({ commonName: 'Narrow Root', ca: true, pathLength: 0, key: rsaKey('narrow', 1024) });
      assert.deepEqual(failed(judge({ issuer: narrow }, { roots: [narrow.der] })), []);
      // A root that changed its key signs its own new certificate, which does not count.
      const rolled = issue({ commonName: 'Narrow Root', ca: true, issuer: narrow, key: rsaKey('rolled', 1024) });
      assert.deepEqual(failed(judge({}, authority({ issuer: rolled }, { roots: [rolled.der] }))), []);
      const underRolled = issue({ commonName: host, dnsNames: [host], issuer: rolled });
      assert.deepEqual(failed(judge({}, { chain: [underRolled.der, rolled.der], roots: [narrow.der] })), []);
      refused('path-length', 'The certificate "Narrow Root" allows 0 intermediate authorities below it, and the chain has 1.', {}, authority({ issuer: narrow }, { roots: [narrow.der] }));
      refused('chain-length', 'The chain has 3 certificates; this build takes 2.', {}, authority({}, { profile: changed({ maximumChainLength: 2 }) }));
    });

    it('TLS version', () => {
      refused('tls-version', 'The server speaks TLS 1.2, which this build does not speak.', {}, { tlsVersion: 'TLSv1.2' });
      assert.equal(found(judge({}, { tlsVersion: 'TLSv1' }), 'tls-version').sentence, 'The server speaks TLS 1.0, which this build speaks.');
    });

    it('several faults at once are all reported', () => {
      const verdict = judge({ hash: 'sha384', pss: true, notAfter: now - 1, dnsNames: ['other.contoso.com'], key: rsaKey('short', 768), extendedKeyUsage: undefined }, { roots: [], tlsVersion: 'TLSv1.2' });
      assert.deepEqual(failed(verdict), ['name', 'trust', 'chain-complete', 'validity', 'signature-hash', 'key-size', 'rsa-pss', 'extended-key-usage', 'tls-version']);
    });
  });

  describe('what cannot be read', () => {
    const good = issue({ commonName: host, dnsNames: [host], issuer: root });
    it('a leaf: refused, with nothing else to say', () => {
      const verdict = judge({}, { chain: [Buffer.from('garbage')], tlsVersion: 'TLSv1' });
      assert.equal(verdict.accepted, false);
      assert.deepEqual(verdict.checks.map(({ rule }) => rule), ['well-formed', 'tls-version']);
      assert.equal(verdict.checks[0]?.sentence, 'Certificate 1 of the 1 presented cannot be read. The bytes are not a well-formed X.509 certificate: they are not DER.');
    });
    it('a certificate after the leaf: refused, the others judged', () => {
      assert.deepEqual(failed(judge({}, { chain: [good.der, Buffer.from([0x30])] })), ['well-formed']);
    });
    it('nothing, or far too many', () => {
      assert.equal(judge({}, { chain: [] }).checks[0]?.sentence, 'The server presented no certificate.');
      assert.equal(judge({}, { chain: Array<Buffer>(500).fill(good.der) }).checks[0]?.sentence, 'The server presented 500 certificates; only the first 32 were read.');
    });
    it('a root or an intermediate the phone holds: passed over', () => {
      assert.deepEqual(failed(judge({}, { chain: [good.der], roots: [Buffer.from('x'), root.der], intermediates: [Buffer.alloc(0)] })), []);
    });
  });

  it('says how the build ends a connection it refuses', () => {
    const beta = store.get('4.0.7400.0').profile;
    const ends = (more: Partial<CertificateInput>) => judge({ dnsNames: ['x'] }, more).onRefusal;
    assert.equal(ends({}), 'silent-close');
    assert.equal(ends({ profile: beta, service: 'web', method: 'pin' }), 'reboot');
    assert.equal(ends({ profile: beta, service: 'web', method: 'tethered' }), 'silent-close');
    assert.equal(ends({ profile: beta, service: 'sip', method: 'pin' }), 'silent-close');
    const restless = { ...beta, certificate: { ...beta.certificate, onRefusal: { ...beta.certificate.onRefusal, sip: beta.certificate.onRefusal.web } } };
    assert.equal(ends({ profile: restless, service: 'sip', method: 'tethered' }), 'reboot');
    assert.equal(ends({ profile: store.get('windows-lync-2010').profile }), 'alert');
  });
});
