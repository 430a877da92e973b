import assert from 'node:assert/strict';
import { verifyServerCertificate } from '../../src/firmware/certificate-policy.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { SignInRoute } from '../../src/firmware/name-check.js';
import type { Service } from '../../src/firmware/schema.js';
import { issue, now } from '../protocol/x509/issue.js';

const store = loadProfiles();
const root = issue({ commonName: 'Lab Root', ca: true });
const [sip, pool, cas] = ['sip.contoso.com', 'pool01.contoso.com', 'cas.contoso.com'];

interface Row {
  certificate: string;
  commonName: string;
  dnsNames: string[];
  service: Service;
  method?: SignInRoute;
  host: string;
  /** Beta, CU1, June 2012, CU7, Office 365 minimum, Windows: `+` or the failed checks, with the confidence of what decided. */
  expected: string[];
}

/** SIP domain contoso.com, pool pool01.contoso.com, the root trusted: what is reported or inferred of each build, certificate by certificate. */
const rows: Row[] = [
  { certificate: 'exact SAN', commonName: pool, dnsNames: [pool, sip], service: 'sip', host: sip,
    expected: ['+ inferred', '+ observed', '+ observed', '+ inferred', '+ inferred', '+ observed'] },
  { certificate: 'wildcard SAN, SIP', commonName: pool, dnsNames: [pool, '*.contoso.com'], service: 'sip', host: sip,
    expected: ['name assumed', 'name observed', '+ observed disputed', '+ inferred disputed', '+ inferred disputed', '+ observed'] },
  { certificate: 'wildcard SAN, SIP, the name itself only as the CN', commonName: sip, dnsNames: [pool, '*.contoso.com'], service: 'sip', host: sip,
    expected: ['name assumed', 'name assumed', '+ observed disputed', '+ inferred disputed', '+ inferred disputed', '+ observed'] },
  { certificate: 'wildcard SAN, web on the pool name', commonName: pool, dnsNames: [pool, '*.contoso.com'], service: 'web', method: 'pin', host: pool,
    expected: ['+ inferred', '+ observed', '+ observed', '+ inferred', '+ inferred', '+ observed'] },
  { certificate: 'pool name only', commonName: pool, dnsNames: [pool], service: 'sip', host: sip,
    expected: ['name inferred', 'name inferred', 'name inferred', 'name inferred', 'name inferred', 'name inferred'] },
  { certificate: 'wildcard CN, no SAN', commonName: '*.contoso.com', dnsNames: [], service: 'sip', host: sip,
    expected: ['name assumed', 'name inferred', 'name assumed', 'name assumed', 'name assumed', '+ assumed'] },
  { certificate: 'wildcard CN and SAN, SIP', commonName: '*.contoso.com', dnsNames: ['*.contoso.com'], service: 'sip', host: sip,
    expected: ['name assumed', 'name inferred', '+ observed disputed', '+ inferred disputed', '+ inferred disputed', '+ observed'] },
  { certificate: 'wildcard CN and SAN, web, PIN', commonName: '*.contoso.com', dnsNames: ['*.contoso.com'], service: 'web', method: 'pin', host: pool,
    expected: ['name observed', 'name assumed', '+ observed', '+ inferred', '+ inferred', '+ inferred'] },
  { certificate: 'wildcard CN and SAN, web, tethered', commonName: '*.contoso.com', dnsNames: ['*.contoso.com'], service: 'web', method: 'tethered', host: pool,
    expected: ['+ inferred', 'name assumed', '+ observed', '+ inferred', '+ inferred', '+ inferred'] },
  { certificate: "the hoster's wildcard", commonName: 'pool.hoster.net', dnsNames: ['*.hoster.net'], service: 'sip', host: 'sip.hoster.net',
    expected: ['name assumed', 'name observed', 'name-in-sip-domain inferred disputed', 'name-in-sip-domain inferred disputed', 'name-in-sip-domain inferred disputed', '+ inferred'] },
  // From CU7 discovery refuses the SRV target, whatever the certificate says (below).
  { certificate: 'exact SAN in another domain', commonName: 'pool.hoster.net', dnsNames: ['sip.hoster.net'], service: 'sip', host: 'sip.hoster.net',
    expected: ['+ inferred', '+ observed', '+ observed', '+ inferred', '+ inferred', '+ observed'] },
  { certificate: 'wildcard SAN, Exchange', commonName: 'mail.contoso.com', dnsNames: ['*.contoso.com'], service: 'exchange', method: 'tethered', host: cas,
    expected: ['name assumed', 'name inferred', '+ observed', '+ inferred', '+ inferred', '+ inferred'] },
  { certificate: 'bare domain as CN, exact SAN, Exchange', commonName: 'contoso.com', dnsNames: ['contoso.com', cas], service: 'exchange', method: 'tethered', host: cas,
    expected: [
      'bare-common-name inferred', 'bare-common-name inferred', 'bare-common-name assumed', 'bare-common-name assumed', 'bare-common-name assumed', '+ observed',
    ] },
];

describe('the verdict matrix', () => {
  for (const { certificate, commonName, dnsNames, service, method, host, expected } of rows) {
    const leaf = issue({ issuer: root, commonName, dnsNames });
    for (const [index, build] of store.behaviours().entries()) {
      it(`${certificate}: ${build} ${expected[index]}`, () => {
        const verdict = verifyServerCertificate({
          chain: [leaf.der], host, service, method, sipDomain: 'contoso.com', roots: [root.der], publicRoots: [], now, profile: store.get(build).profile,
        });
        const deciding = verdict.checks.filter(({ passed, decisive }) => decisive && passed === verdict.accepted);
        // A wildcard that the SIP domain does not bind leans on two rules; the weaker one counts.
        const check = deciding.find(({ rule }) => rule === 'name-in-sip-domain') ?? deciding[0];
        assert.ok(check);
        assert.equal(`${verdict.accepted ? '+' : check.rule} ${check.confidence}${check.disputed === true ? ' disputed' : ''}`, expected[index]);
        if (!verdict.accepted) assert.deepEqual(verdict.checks.filter(({ passed }) => !passed), [check]);
      });
    }
  }

  it('strict DNS naming, the other half of a foreign SRV target, starts with CU7', () => {
    assert.deepEqual(store.behaviours().map((build) => {
      const { value, confidence, disputed } = store.get(build).profile.discovery.strictDnsNaming;
      return `${value} ${confidence}${disputed === true ? ' disputed' : ''}`;
    }), ['false inferred', 'false observed', 'false observed disputed', 'true observed', 'true observed', 'false observed']);
  });
});
