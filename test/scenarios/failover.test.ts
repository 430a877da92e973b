import assert from 'node:assert/strict';
import { Phone, type PhoneSnapshot } from '../../src/phone/phone.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { pooledKey } from '../pin-phone.js';
import { labOf, profiles } from './sign-in.js';
import { domain, name, twoPools, user } from './two-pools.js';

const srv = (target: string, priority: number) => ({ name: `_sipinternaltls._tcp.${domain}`, type: 'SRV', target: name(target), port: 5061, priority });

/** The second pool is for when the first is down. Anybody serves bob, alice is at home in the first. */
const withBackup = twoPools({
  firstRegistrar: { backupRegistrar: name('pool02') }, dns: [srv('pool01', 0), srv('pool02', 10)], option120: null,
  users: [user('alice', 100, { registrarPool: name('pool01') }), user('bob', 101)],
});

describe('failover', () => {
  const lab = labOf(withBackup);
  const keyPair = pooledKey();
  const firmware = profiles.get('4.0.7577.4100');
  const waits = new Set(['booting', 'retrying']);

  /** A phone switched on with an extension keyed in; what it only waits for is skipped. */
  function phoneOf(extension: string, memory?: Phone['memory']): Phone {
    const clock = new FastForwardClock();
    const phone = new Phone({ ...firmware, network: lab().network(), clock, keyPair, ...(memory === undefined ? {} : { memory }) });
    phone.onChange(({ state }) => { if (waits.has(state)) setImmediate(() => { if (waits.has(phone.state)) clock.skipToNext(); }); });
    phone.powerOn();
    if (memory === undefined) phone.signIn({ method: 'pin', phoneOrExtension: extension, pin: '48213' });
    return phone;
  }

  const tried = ({ attempts }: PhoneSnapshot) => attempts.map(({ candidate, failure }) => [candidate.source, candidate.host, failure?.rule]);
  const registeredAt = (host: string) => (phone: Phone) => phone.until(({ state }) => state === 'signedIn' && phone.memory.lastRegistrar?.host === name(host));

  it('a server that answers 503 sends the phone on to the next candidate, which it remembers', async () => {
    lab().setFaults({ registrarsUnavailable: [name('pool01')] });
    await using phone = phoneOf('101');
    const snapshot = await registeredAt('pool02')(phone);
    assert.deepEqual(tried(snapshot), [['internal-srv-tls', name('pool01'), 'registration-refused'], ['internal-srv-tls', name('pool02'), undefined]]);
    assert.match(snapshot.attempts[0]?.failure?.message ?? '', /answered REGISTER with 503 Service Unavailable/);

    // Switched on again it goes there at once; when that one has gone, the list is made anew.
    const { memory } = phone;
    phone.powerOff();
    lab().setFaults({ registrarsUnavailable: [] });
    await using again = phoneOf('101', memory);
    assert.deepEqual(tried(await registeredAt('pool02')(again)), [['last-good', name('pool02'), undefined]]);
    again.powerOff();
    await lab().stopServer(name('pool02'));
    await using once = phoneOf('101', memory);
    assert.deepEqual(tried(await registeredAt('pool01')(once)), [['last-good', name('pool02'), 'registrar-unreachable'], ['internal-srv-tls', name('pool01'), undefined]]);
    await lab().startServer(name('pool02'));
  });

  it('tells of the 503 when every candidate says it', async () => {
    lab().setFaults({ registrarsUnavailable: [name('pool01'), name('pool02')] });
    await using phone = phoneOf('101');
    const snapshot = await phone.until('settled');
    lab().setFaults({ registrarsUnavailable: [] });
    assert.deepEqual([snapshot.state, snapshot.stage, snapshot.failure?.rule, snapshot.failure?.facts['status']], ['retrying', 'registering', 'registration-refused', 503]);
    assert.deepEqual(tried(snapshot).map(([, host]) => host), [name('pool01'), name('pool02')]);
  });

  it('a pool that dies under a signed-in phone loses it to the backup registrar, and gets it back', async () => {
    await using phone = phoneOf('100');
    await registeredAt('pool01')(phone);
    await lab().stopServer(name('pool01'));
    const atBackup = await registeredAt('pool02')(phone);
    assert.deepEqual(tried(atBackup).map(([, host, rule]) => [host, rule]), [[name('pool01'), 'registrar-unreachable'], [name('pool02'), undefined]]);
    const said = lab().trace.events.flatMap((event) => (event.layer === 'sip' && event.actor === 'registrar' ? [event.text ?? ''] : []));
    assert.ok(said.some((text) => text.includes('is-connected-to-primary="no"')));
    assert.ok(phone.trace.events.some((event) => event.layer === 'note' && /no user services for now \(survivable mode\)/.test(event.summary)));

    const states: string[] = [];
    phone.onChange(({ state }) => { if (states.at(-1) !== state) states.push(state); });
    await lab().startServer(name('pool01'));
    assert.deepEqual(tried(await registeredAt('pool01')(phone)), [['last-good', name('pool01'), undefined]]);
    assert.deepEqual(states.filter((state) => state !== 'signedIn'), ['connecting', 'registering', 'provisioning'], 'no message, no wait');
  });

  it('a user who is moved to the other pool is told so, and signs in there after a wait', async () => {
    await using phone = phoneOf('100');
    await registeredAt('pool01')(phone);
    const states: string[] = [];
    phone.onChange(({ state }) => { states.push(state); });
    lab().setUser(`sip:alice@${domain}`, { registrarPool: name('pool02') });
    const there = await registeredAt('pool02')(phone);
    lab().setUser(`sip:alice@${domain}`, { registrarPool: name('pool01') });
    // The server that it remembers sends it on.
    assert.deepEqual([states[0], tried(there).at(-1)], ['retrying', ['last-good', name('pool01'), undefined]]);
    const notified = lab().trace.events.flatMap((event) => (event.layer === 'sip' && event.actor === 'registrar' ? [event.text ?? ''] : []));
    assert.ok(notified.some((text) => text.includes('4142;') && text.includes('deregistered;event=deactivated')));
  });

  it('a user who is disabled is signed out, and not let in again until enabled', async () => {
    await using phone = phoneOf('101');
    await phone.until('settled');
    lab().setUser(`sip:bob@${domain}`, { enabled: false });
    const { failure } = await phone.until(({ state }) => state === 'refused');
    assert.match(failure?.message ?? '', /User disabled.*does not let the phone register again/);
    phone.retry();
    await phone.until(({ state }) => state !== 'refused');
    const again = await phone.until('settled');
    assert.deepEqual([again.state, again.failure?.rule, again.failure?.facts['status'], again.failure?.facts['id']], ['refused', 'registration-refused', 404, 4005]);
    lab().setUser(`sip:bob@${domain}`, { enabled: true });
    phone.retry();
    assert.equal((await phone.until(({ state }) => state === 'signedIn')).failure, undefined);
  });
});
