import assert from 'node:assert/strict';
import type { Topology } from '../../src/lab/topology-schema.js';
import { hardReset, type PhoneMemory } from '../../src/phone/memory.js';
import { rehearseSignIn } from '../../src/rehearsal/cell.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { Trace } from '../../src/trace/trace.js';
import { deployment } from './deployment.js';
import { labOf, profiles, signal, signInAt, topology } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const pool = 'pool01.contoso.example';
const healthy = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] });
const phones = profiles.behaviours().filter((build) => profiles.get(build).profile.kind === 'phone');
const unavailable = ['Connection to Microsoft Exchange is unavailable. Please contact your support team'];

/** The healthy deployment with an Exchange server, whose certificate carries these names. */
function withExchange(subjectAlternativeNames: string[], issuer: 'root' | 'other' = 'root', commonName = 'mail.contoso.example'): Topology {
  return topology({
    ...healthy,
    authorities: { ...healthy.authorities, other: { commonName: 'Exchange Root CA' } },
    certificates: { ...healthy.certificates, exchange: { commonName, subjectAlternativeNames, issuer } },
    servers: [...healthy.servers, { fqdn: 'mail.contoso.example', address: '10.0.0.20', exchange: { certificate: 'exchange' } }],
    dns: [...healthy.dns, ...['mail', 'autodiscover'].map((host) => ({ name: `${host}.contoso.example`, type: 'A', address: '10.0.0.20' }))],
  });
}

const exact = ['mail.contoso.example', 'autodiscover.contoso.example'];

describe('observation june-2012-wildcard-exchange', () => {
  const lab = labOf(withExchange(['*.contoso.example']));

  it('connects 4.0.7577.4100', async () => {
    const verdict = await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: 'tethered' });
    assert.deepEqual([verdict.outcome, verdict.exchange, verdict.screen], ['signed-in', 'connected', ['Alice', '+15550100 X100']]);
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

describe('an Exchange certificate whose common name is the bare domain', () => {
  const lab = labOf(withExchange(exact, 'root', 'contoso.example'));
  const observed = ['Microsoft Exchange integration unavailable.', 'Connection to Exchange is unavailable due to invalid network credentials.'];

  it('costs a phone its Exchange, with the message that was seen, though every name is among the alternative ones', async () => {
    for (const [firmware, confidence] of [['4.0.7577.107', 'inferred'], ['4.0.7577.4463', 'assumed']] as const) {
      const verdict = await signInAt(lab(), { firmware, signIn: 'tethered' });
      assert.deepEqual([verdict.outcome, verdict.exchange, verdict.screen, verdict.confidence], ['degraded', 'unavailable', observed, confidence]);
      assert.match(verdict.cause?.sentence ?? '', /common name contoso\.example is the bare domain of autodiscover\.contoso\.example/);
      assert.match(verdict.remedy?.sentence ?? '', /real host name/);
    }
  });

  it('is all the same to a PC', async () => {
    assert.equal((await signInAt(lab(), { firmware: 'windows-lync-2010', signIn: 'typed' })).exchange, 'connected');
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
      assert.deepEqual([cured.outcome, cured.exchange, cured.screen], ['signed-in', 'connected', ['Alice', '+15550100 X100']]);
    });
  }

  it('is not cured by TrustedCACerts while the chain is inferred from the web certificate', async () => {
    lab().setPolicy({ TrustedCACerts: ['other'] });
    assert.equal((await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: 'tethered' })).outcome, 'degraded');
  });
});

describe('a phone that learnt its chain before Exchange was among the trusted', () => {
  const lab = labOf(withExchange(exact, 'other'));

  it('needs a reset, as the remedy says', async () => {
    const profile = profiles.get('4.0.7577.4463');
    const credentials = { method: 'tethered', sipUri: 'sip:alice@contoso.example', domain: 'LAB', user: 'alice', password: 'lab-Password-1' } as const;
    const signIn = (memory: PhoneMemory | undefined) => {
      const clock = new FastForwardClock();
      return rehearseSignIn({ profile, builds: () => undefined, network: lab().network(), credentials, macAddress: '00-04-F2-00-01-76', keyPair: pooledKey(), signal, clock, trace: new Trace({ now: () => clock.now() }), memory });
    };
    const before = await signIn(undefined);
    assert.equal(before.verdict.outcome, 'degraded');
    assert.match(before.verdict.remedy?.sentence ?? '', /a phone that learnt its chain before needs a reset/);
    lab().setPolicy({ TrustedCACerts: ['other'], InferCertChainFromSSL: false });
    assert.equal((await signIn(before.memory)).verdict.outcome, 'degraded');
    assert.equal((await signIn(hardReset(before.memory))).verdict.outcome, 'signed-in');
  });
});

describe('a password that was changed under a phone with a client certificate', () => {
  const lab = labOf(withExchange(exact));

  it('costs it Exchange only, with a message that says so', async () => {
    const profile = profiles.get('4.0.7577.4463');
    const clock = new FastForwardClock();
    const options = { profile, builds: () => undefined, network: lab().network(), macAddress: '00-04-F2-00-01-76', keyPair: pooledKey(), signal, clock };
    const credentials = { method: 'tethered', sipUri: 'sip:alice@contoso.example', domain: 'LAB', user: 'alice', password: 'lab-Password-1' } as const;
    const first = await rehearseSignIn({ ...options, credentials, trace: new Trace(), memory: undefined });
    assert.equal(first.verdict.exchange, 'connected');
    lab().setUser('sip:alice@contoso.example', { password: 'another-Password-2' });
    const { verdict } = await rehearseSignIn({ ...options, credentials, trace: new Trace(), memory: first.memory });
    assert.deepEqual([verdict.outcome, verdict.exchange, verdict.cause?.rule], ['degraded', 'unavailable', 'exchange-credentials-refused']);
    assert.deepEqual(verdict.screen, ['Microsoft Exchange integration unavailable.', 'Connection to Exchange is unavailable due to invalid network credentials.']);
    assert.match(verdict.cause?.sentence ?? '', /refused the password of LAB\\alice/);
    assert.match(verdict.remedy?.sentence ?? '', /tether the phone once more/);
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
