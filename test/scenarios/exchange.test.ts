import assert from 'node:assert/strict';
import type { Topology } from '../../src/lab/topology-schema.js';
import { deployment } from './deployment.js';
import { labOf, profiles, signInAt, topology } from './sign-in.js';

const pool = 'pool01.contoso.example';
const healthy = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] });
const phones = profiles.behaviours().filter((build) => profiles.get(build).profile.kind === 'phone');
const unavailable = ['Connection to Microsoft Exchange is unavailable. Please contact your support team'];

/** The healthy deployment with an Exchange server, whose certificate carries these names. */
function withExchange(subjectAlternativeNames: string[], issuer: 'root' | 'other' = 'root'): Topology {
  return topology({
    ...healthy,
    authorities: { ...healthy.authorities, other: { commonName: 'Exchange Root CA' } },
    certificates: { ...healthy.certificates, exchange: { commonName: 'mail.contoso.example', subjectAlternativeNames, issuer } },
    servers: [...healthy.servers, { fqdn: 'mail.contoso.example', address: '10.0.0.20', exchange: { certificate: 'exchange' } }],
    dns: [...healthy.dns, ...['mail', 'autodiscover'].map((host) => ({ name: `${host}.contoso.example`, type: 'A', address: '10.0.0.20' }))],
  });
}

const exact = ['mail.contoso.example', 'autodiscover.contoso.example'];

describe('observation june-2012-wildcard-exchange', () => {
  const lab = labOf(withExchange(['*.contoso.example']));

  it('connects 4.0.7577.4100', async () => {
    const verdict = await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: 'tethered' });
    assert.deepEqual([verdict.outcome, verdict.exchange, verdict.screen], ['signed-in', 'connected', ['Home']]);
    assert.equal(verdict.confidence, 'observed');
  });

  it('leaves 4.0.7577.107 signed in without Exchange', async () => {
    const verdict = await signInAt(lab(), { firmware: '4.0.7577.107', signIn: 'tethered' });
    assert.deepEqual([verdict.outcome, verdict.stage, verdict.behaviour, verdict.exchange], ['degraded', 'signedIn', 'signed-in', 'unavailable']);
    assert.deepEqual(verdict.screen, unavailable);
    assert.equal(verdict.confidence, 'inferred');
    assert.equal(verdict.cause?.rule, 'certificate-refused');
    assert.match(verdict.cause.sentence, /^The phone refused the certificate of autodiscover\.contoso\.example:443: .*\*\.contoso\.example/);
    assert.match(verdict.remedy?.sentence ?? '', /autodiscover\.contoso\.example spelt out.*4\.0\.7577\.4100/);
  });
});

describe('observation exchange-other-ca', () => {
  const lab = labOf(withExchange(exact, 'other'));
  afterEach(() => { lab().setPolicy({ TrustedCACerts: [], InferCertChainFromSSL: true }); });
  const cure = () => { lab().setPolicy({ TrustedCACerts: ['other'], InferCertChainFromSSL: false }); };

  for (const firmware of phones) {
    it(`leaves ${firmware} signed in without Exchange, until TrustedCACerts holds the other root`, async () => {
      const verdict = await signInAt(lab(), { firmware, signIn: 'tethered' });
      assert.deepEqual([verdict.outcome, verdict.exchange, verdict.screen], ['degraded', 'unavailable', unavailable]);
      assert.equal(verdict.cause?.rule, 'certificate-refused');
      assert.ok(verdict.remedy?.commands.some((command) => command.includes('-TrustedCACerts @{Add=$root} -InferCertChainFromSSL $false')));
      cure();
      const cured = await signInAt(lab(), { firmware, signIn: 'tethered' });
      assert.deepEqual([cured.outcome, cured.exchange, cured.screen], ['signed-in', 'connected', ['Home']]);
    });
  }

  it('is not cured by TrustedCACerts while the chain is inferred from the web certificate', async () => {
    lab().setPolicy({ TrustedCACerts: ['other'] });
    assert.equal((await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: 'tethered' })).outcome, 'degraded');
  });
});

describe('observation pin-never-reaches-exchange', () => {
  const lab = labOf(withExchange(exact));
  for (const firmware of phones) {
    it(`is by design for ${firmware}, and no failure`, async () => {
      const start = lab().trace.events.length;
      const verdict = await signInAt(lab(), { firmware, signIn: 'pin' });
      assert.deepEqual([verdict.outcome, verdict.exchange, verdict.cause], ['signed-in', 'by-design', undefined]);
      assert.ok(!lab().trace.events.slice(start).some(({ actor }) => actor === 'exchange'));
    });
  }

  it('while the same user, tethered, gets there', async () => {
    assert.equal((await signInAt(lab(), { firmware: '4.0.7577.107', signIn: 'tethered' })).exchange, 'connected');
  });
});

describe('a deployment without Exchange', () => {
  const lab = labOf(healthy);

  it('misses nothing', async () => {
    const verdict = await signInAt(lab(), { firmware: '4.0.7577.107', signIn: 'tethered' });
    assert.deepEqual([verdict.outcome, verdict.exchange], ['signed-in', 'none']);
  });
});
