import assert from 'node:assert/strict';
import { Phone } from '../../src/phone/phone.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { deployment } from './deployment.js';
import { bothRoutes, labOf, profiles, seen, signal, signInAt } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const cu1 = '4.0.7577.107';
const retryingScreen = ['Cannot connect to the server. Retrying.', 'If the problem continues, contact your', 'support team.'];

const pool = 'lync.schertz.local';
const wildcard = deployment({ sipDomain: 'mslync.net', pool, srvTarget: 'sip.mslync.net', registrarNames: [pool, '*.mslync.net'] });

describe('observation wildcard-covers-sip-name', () => {
  const lab = labOf(wildcard);
  for (const route of bothRoutes) {
    it(`leaves a CU1 phone retrying, by ${route}, after it got its root and its client certificate`, async () => {
      const start = lab().trace.events.length;
      const verdict = await signInAt(lab(), { firmware: cu1, signIn: route });
      assert.equal(verdict.outcome, 'failed');
      assert.equal(verdict.stage, 'connecting');
      assert.equal(verdict.behaviour, 'retrying');
      assert.deepEqual(verdict.obtained, { rootChain: true, clientCertificate: true, lockPolicy: false, contacts: false, presence: false, mediaRelay: false, locationProfile: false });
      assert.deepEqual(verdict.screen, retryingScreen);
      assert.equal(verdict.cause?.rule, 'certificate-refused');
      assert.match(verdict.cause.sentence, /sip\.mslync\.net is covered only by the wildcard \*\.mslync\.net, which this build does not accept/);
      assert.equal(verdict.confidence, 'observed');
      assert.deepEqual(verdict.evidence, ['schertz-2011-02']);
      const { unfinishedHandshake, sip } = seen(lab(), start);
      assert.ok(unfinishedHandshake, 'the server logs a connection closed before TLS negotiation completed');
      assert.ok(!sip, 'no SIP follows');
    });
  }

  it('lets the Windows client in', async () => {
    assert.equal((await signInAt(lab(), { firmware: 'windows-lync-2010', signIn: 'typed' })).outcome, 'signed-in');
  });

  it('would let a PIN phone in on the second candidate if option 120 named the pool', async () => {
    lab().setDhcp({ option120: pool });
    const start = lab().trace.events.length;
    const verdict = await signInAt(lab(), { firmware: cu1, signIn: 'pin' });
    assert.deepEqual([verdict.outcome, verdict.confidence], ['signed-in', 'inferred']);
    assert.ok(seen(lab(), start).unfinishedHandshake, 'the SRV target came first and was refused');
  });
});

describe('observation exact-san-added', () => {
  const lab = labOf(wildcard);
  for (const route of bothRoutes) {
    it(`lets a CU1 phone in, by ${route}, as soon as the certificate names sip.mslync.net, without anyone touching the phone`, async () => {
      await lab().setCertificate('registrar', { subjectAlternativeNames: [pool, '*.mslync.net'] });
      const clock = new FastForwardClock();
      const { profile, publicRoots } = profiles.get(cu1);
      await using phone = new Phone({ profile, publicRoots, network: lab().network(), clock, keyPair: pooledKey() });
      phone.powerOn();
      phone.signIn(route === 'pin' ? { method: 'pin', phoneOrExtension: '100', pin: '48213' }
        : { method: 'tethered', sipUri: 'sip:alice@mslync.net', domain: 'LAB', user: 'alice', password: 'lab-Password-1' });
      clock.skipToNext();
      await phone.until(({ state }) => state === 'retrying', { signal });
      await lab().setCertificate('registrar', { subjectAlternativeNames: [pool, '*.mslync.net', 'sip.mslync.net'] });
      clock.skipToNext();
      const { state } = await phone.until(({ state: now }) => now === 'signedIn' || now === 'retrying', { signal })
        .then(() => phone.until('settled', { signal, rounds: 2 }));
      assert.equal(state, 'signedIn');
    });
  }

  it('keeps the Windows client signed in', async () => {
    await lab().setCertificate('registrar', { subjectAlternativeNames: [pool, '*.mslync.net', 'sip.mslync.net'] });
    assert.equal((await signInAt(lab(), { firmware: 'windows-lync-2010', signIn: 'typed' })).outcome, 'signed-in');
  });
});

describe('observation single-namespace', () => {
  const lab = labOf(deployment({ sipDomain: 'schertz.local', pool, srvTarget: pool, registrarNames: [pool, '*.mslync.net'] }));
  for (const route of bothRoutes) {
    it(`lets a CU1 phone in, by ${route}, where the SRV record points at the pool's own name`, async () => {
      const verdict = await signInAt(lab(), { firmware: cu1, signIn: route });
      assert.equal(verdict.outcome, 'signed-in');
      assert.equal(verdict.confidence, 'observed');
    });
  }
});

describe('observation june-2012-wildcard', () => {
  const lab = labOf(wildcard);
  for (const route of bothRoutes) {
    it(`lets a phone of June 2012 in, by ${route}, with the wildcard`, async () => {
      const verdict = await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: route });
      assert.equal(verdict.outcome, 'signed-in');
      assert.equal(verdict.confidence, 'observed');
    });
  }
});
