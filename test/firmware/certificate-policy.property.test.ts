import assert from 'node:assert/strict';
import fc from 'fast-check';
import { verifyServerCertificate, type CertificateInput } from '../../src/firmware/certificate-policy.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import { services, type FirmwareProfile } from '../../src/firmware/schema.js';
import { anyCharacter } from '../any-character.js';
import { issue, now, rsaKey, type CertificateWish } from '../protocol/x509/issue.js';

const store = loadProfiles();
const root = issue({ commonName: 'Lab Root', ca: true, key: rsaKey('authority', 1024) });
const labels = ['sip', 'pool01', '*', 's*', 'a.b'];
const domains = ['contoso.com', 'hoster.net', 'com', 'co.uk', ''];
const name = fc.tuple(fc.constantFrom(...labels), fc.constantFrom(...domains)).map((parts) => parts.join('.'));
const host = fc.tuple(fc.constantFrom('sip', 'pool01', 'a.b'), fc.constantFrom('contoso.com', 'hoster.net', 'co.uk')).map((parts) => parts.join('.'));
const profile = fc.record({
  build: fc.constantFrom(...store.builds()),
  commonName: fc.constantFrom('never', 'if-no-san', 'always'), commonNameWildcard: fc.boolean(),
  trailingDot: fc.constantFrom('ignored-in-host', 'ignored-in-both', 'significant'),
}).map(({ build, ...rules }): FirmwareProfile => {
  const base = store.get(build).profile;
  const certificate = Object.fromEntries(Object.entries(rules).map(([key, value]) => [key, { value, confidence: 'assumed', evidence: [] }]));
  return { ...base, certificate: { ...base.certificate, ...certificate } };
});
const situation = fc.record({
  host, profile, service: fc.constantFrom(...services), method: fc.constantFrom('pin' as const, 'tethered' as const), sipDomain: fc.constantFrom(undefined, 'contoso.com'),
});
const wish = fc.record({ commonName: fc.option(name, { nil: undefined }), dnsNames: fc.array(name, { maxLength: 3 }) });

const judge = (input: Partial<CertificateInput>, wished: CertificateWish) => verifyServerCertificate({
  chain: [issue({ issuer: root, ...wished }).der], host: 'sip.contoso.com', service: 'sip', roots: [root.der], publicRoots: [], now,
  profile: store.get('4.0.7577.4100').profile, ...input,
});

describe('verifyServerCertificate, for any input', () => {
  it('accepts exactly when every check passed, and gives each check a sentence', () => {
    fc.assert(fc.property(situation, wish, (input, wished) => {
      const { accepted, checks } = judge(input, wished);
      assert.equal(accepted, checks.every(({ passed }) => passed));
      assert.equal(new Set(checks.map(({ rule }) => rule)).size, checks.length);
      for (const { sentence, passed, decisive } of checks) {
        assert.match(sentence, /^["A-Za-z0-9].*\.$/);
        assert.ok(passed || decisive);
      }
    }));
  });

  it('never turns acceptance into refusal when the exact name is added to the SAN', () => {
    fc.assert(fc.property(situation, wish, (input, wished) => {
      const added = judge(input, { ...wished, dnsNames: [...wished.dnsNames, input.host] });
      assert.equal(added.accepted, true);
    }));
  });

  it('does not care for letter case', () => {
    fc.assert(fc.property(situation, wish, (input, wished) => {
      const upper = { ...wished, commonName: wished.commonName?.toUpperCase(), dnsNames: wished.dnsNames.map((each) => each.toUpperCase()) };
      const verdicts = [judge(input, wished), judge(input, upper), judge({ ...input, host: input.host.toUpperCase() }, wished)];
      assert.equal(new Set(verdicts.map(({ accepted }) => accepted)).size, 1);
    }));
  });

  it('accepts from a build without wildcards only what every build accepts', () => {
    const [cu1, june2012] = ['4.0.7577.107', '4.0.7577.4100'].map((build) => store.get(build).profile) as [FirmwareProfile, FirmwareProfile];
    fc.assert(fc.property(situation, wish, (input, wished) => {
      if (judge({ ...input, profile: cu1 }, wished).accepted) assert.ok(judge({ ...input, profile: june2012 }, wished).accepted);
    }));
  });

  it('never throws, whatever bytes are presented for whatever host', () => {
    const good = issue({ issuer: root, commonName: 'x', dnsNames: ['*.contoso.com'] }).der;
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, value]) => {
        const damaged = Buffer.from(good);
        damaged[at] = value;
        return damaged;
      }),
    );
    fc.assert(fc.property(fc.array(bytes, { maxLength: 4 }), fc.string({ unit: anyCharacter }), situation, (chain, anyHost, input) => {
      verifyServerCertificate({ ...input, host: anyHost, chain, roots: [root.der], publicRoots: [], now, tlsVersion: 'TLSv1.1' });
    }));
  });
});
