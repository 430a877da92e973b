import assert from 'node:assert/strict';
import { Phone } from '../../src/phone/phone.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import { deployment } from './deployment.js';
import { bothRoutes, labOf, profiles, signal, signInAt } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const [cu1, june2012, cu7] = ['4.0.7577.107', '4.0.7577.4100', '4.0.7577.4363'];
const pool = 'lync.schertz.local';
const names = { sipDomain: 'mslync.net', pool, srvTarget: 'sip.mslync.net', registrarNames: ['*.mslync.net', '*.schertz.local'], webNames: [pool] };
const beforeSignIn = { leg: 'before-sign-in', url: 'http://ucupdates-r2.schertz.local/RequestHandler/ucdevice.upx' };

describe('observation update-catch-22', () => {
  const lab = labOf(deployment({ ...names, approvedVersion: june2012, publishesUpdates: true }));

  for (const route of bothRoutes) {
    it(`brings the phone, by ${route}, the build that lets it in, where the way to the update before sign-in is open: plain HTTP involves no certificate`, async () => {
      const verdict = await signInAt(lab(), { firmware: cu1, signIn: route });
      assert.deepEqual([verdict.outcome, verdict.firmware], ['signed-in', june2012]);
      assert.deepEqual(verdict.updates[0], { ...beforeSignIn, open: true, sentence: `The update service at ${beforeSignIn.url} has nothing to install over ${june2012}.` });
    });
  }

  it('leaves it stuck where the files are to be had over https alone: it has no root yet to trust', async () => {
    lab().setUpdates({ store: 'https' });
    const verdict = await signInAt(lab(), { firmware: cu1, signIn: 'pin' });
    lab().setUpdates({ store: 'http' });
    assert.deepEqual([verdict.outcome, verdict.stage, verdict.firmware], ['failed', 'connecting', cu1]);
    assert.deepEqual([verdict.updates[0]?.open, verdict.updates[0]?.rule], [false, 'certificate-refused']);
    assert.match(verdict.updates[0]?.sentence ?? '', /^The phone refused the certificate of lync\.schertz\.local:443: /);
  });

  it('leaves it stuck where ucupdates-r2 is not published; the verdict says so, and what to publish', async () => {
    lab().setDnsRecords(lab().topology.dns.filter(({ name }) => !name.startsWith('ucupdates-r2')));
    for (const route of bothRoutes) {
      const verdict = await signInAt(lab(), { firmware: cu1, signIn: route });
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.firmware, verdict.cause?.rule], ['failed', 'connecting', cu1, 'certificate-refused']);
      assert.deepEqual(verdict.updates.map(({ leg, url, open }) => ({ leg, url, open })), [{ ...beforeSignIn, open: false }]);
      assert.match(verdict.updates[0]?.sentence ?? '', /^ucupdates-r2\.schertz\.local:80 could not be reached: DNS gave no address/);
      assert.match(verdict.remedy?.sentence ?? '', /publish ucupdates-r2\.schertz\.local/);
      assert.ok(verdict.remedy?.commands.some((command) => command.startsWith('Add-DnsServerResourceRecordA -ZoneName "schertz.local" -Name "ucupdates-r2"')));
    }
  });
});

describe('observation downgrade-by-approval', () => {
  const lab = labOf(deployment({ ...names, approvedVersion: cu1, publishesUpdates: true }));

  it('installs the older build, and the phone then behaves as that: it takes the wildcard no more', async () => {
    const verdict = await signInAt(lab(), { firmware: june2012, signIn: 'pin' });
    assert.deepEqual([verdict.outcome, verdict.stage, verdict.firmware, verdict.cause?.rule], ['failed', 'connecting', cu1, 'certificate-refused']);
  });

  it('goes on with the build that it has installed when the power comes back', async () => {
    const verdict = await signInAt(lab(), { firmware: june2012, signIn: 'pin', state: 'signed-in' });
    assert.equal(verdict.firmware, cu1);
  });

  it('installs no build that there is no profile of, and says so', async () => {
    lab().setUpdates({ rules: [{ model: 'CX600', approvedVersion: '4.0.7577.9' }] });
    const verdict = await signInAt(lab(), { firmware: june2012, signIn: 'pin' });
    lab().setUpdates({ rules: [{ model: 'CX600', approvedVersion: cu1 }] });
    assert.deepEqual([verdict.outcome, verdict.firmware, verdict.updates[0]?.open, verdict.updates[0]?.rule], ['signed-in', june2012, true, 'update-build-unknown']);
  });
});

describe('Device update', () => {
  const lab = labOf(deployment({ ...names, registrarNames: ['sip.mslync.net'], publishesUpdates: true }));

  it('brings a test device what is pending, and any other phone what is approved', async () => {
    lab().setUpdates({ rules: [{ model: 'CX600', approvedVersion: june2012, pendingVersion: cu7 }], testDevices: ['00-04-F2-00-01-76'] });
    assert.equal((await signInAt(lab(), { firmware: cu1, signIn: 'pin' })).firmware, cu7);
    lab().setUpdates({ testDevices: [] });
    assert.equal((await signInAt(lab(), { firmware: cu1, signIn: 'pin' })).firmware, june2012);
  });

  it('reaches a signed-in phone within a day of its approval', async () => {
    lab().setUpdates({ rules: [] });
    const clock = new FastForwardClock();
    await using phone = new Phone({ ...profiles.get(cu1), firmware: phoneBuilds(profiles, 'CX600'), network: lab().network(), clock, keyPair: pooledKey() });
    const asleep = () => { setImmediate(() => { if (phone.state === 'booting' || phone.state === 'rebooting') clock.skipToNext(); }); };
    phone.onChange(asleep);
    phone.powerOn();
    phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '48213' });
    assert.equal((await phone.until('settled', { signal })).state, 'signedIn');
    lab().setUpdates({ rules: [{ model: 'CX600', approvedVersion: june2012 }] });
    const day = clock.now() + phone.profile.timers.updateCheck.value;
    // Whatever else is due before, keep-alives among it, comes before.
    while (clock.now() < day && phone.state === 'signedIn') clock.skipToNext();
    const { firmware } = await phone.until((snapshot) => snapshot.firmware === june2012 && snapshot.state === 'signedIn', { signal });
    assert.equal(firmware, june2012);
    assert.equal(phone.memory.firmware, june2012);
  });
});
