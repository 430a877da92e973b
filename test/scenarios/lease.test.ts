import assert from 'node:assert/strict';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import { Phone } from '../../src/phone/phone.js';
import type { Credentials } from '../../src/phone/steps.js';
import { smallTopology } from '../lab/small-topology.js';
import { pooledKey } from '../pin-phone.js';
import { SimulatedClock } from '../simulated-clock.js';
import { startLab } from '../start-lab.js';

const firmware = loadProfiles().get('4.0.7577.4100');
const { profile } = firmware;
const [address, server, everybody] = ['10.0.0.100', '10.0.0.2:67', '255.255.255.255:67'];
const alice = { method: 'pin', phoneOrExtension: '100', pin: '482135790264' } as const;

/** RFC 2131 section 4.4.5, with a lease of 60 s: T1 after 30 s, T2 after 52.5 s. */
describe('The lease of a phone', () => {
  const topology = smallTopology();
  const lease = { firstAddress: address, addresses: 1, subnetMask: '255.255.255.0', seconds: 60 };
  let clock: SimulatedClock;
  let lab: Lab;
  before(async () => { lab = await startLab(topology); });
  beforeEach(() => {
    clock = new SimulatedClock(Date.now());
    lab.setDhcp({ lease });
  });
  after(() => lab.close());

  async function phoneWithLease(credentials: Credentials = alice): Promise<Phone> {
    const phone = new Phone({ ...firmware, network: lab.network(), clock, keyPair: pooledKey() });
    phone.powerOn();
    phone.signIn(credentials);
    clock.increment(profile.timers.boot.value);
    await phone.until('settled');
    return phone;
  }
  /** Time goes on, and the phone does what is due. */
  const pass = async (milliseconds: number) => {
    clock.increment(milliseconds);
    await new Promise(setImmediate);
  };
  /** Whom the phone has asked for more of the lease it has. */
  const requests = ({ trace }: Phone) => trace.events.flatMap((event) => (event.layer === 'dhcp' && event.direction === 'sent' && event.summary === `DHCPREQUEST ${address} for longer` ? [event.peer] : []));
  const noted = ({ trace }: Phone, start: string) => trace.events.some((event) => event.layer === 'note' && event.summary.startsWith(start));
  /** Resolves when a DHCP server has answered the phone with `summary` once more. */
  const answered = ({ trace }: Phone, summary: string) => new Promise<void>((resolve) => {
    const stop = trace.subscribe((event) => {
      if (event.layer !== 'dhcp' || event.direction !== 'received' || event.summary !== summary) return;
      stop();
      setImmediate(resolve);
    });
  });

  it('is renewed by its own server at half of its life, again and again, while the phone stays signed in', async () => {
    await using phone = await phoneWithLease();
    for (const times of [1, 2, 3]) {
      clock.increment(29_999);
      assert.equal(requests(phone).length, times - 1);
      const renewed = answered(phone, `DHCPACK ${address}`);
      clock.increment(1);
      await renewed;
      assert.deepEqual(requests(phone), Array.from({ length: times }, () => server));
    }
    assert.deepEqual([phone.state, phone.snapshot.address], ['signedIn', address]);
    phone.powerOff();
    await pass(0);
    assert.equal(clock.fireNext(), false, 'a timer is left');
  });

  it('is renewed by any server after seven eighths, where its own was silent', async () => {
    await using phone = await phoneWithLease();
    lab.setDhcp({ lease: null });
    await pass(30_000);
    await pass(22_499);
    assert.deepEqual(requests(phone), [server], 'once, since the next time would be within a minute');
    lab.setDhcp({ lease });
    const renewed = answered(phone, `DHCPACK ${address}`);
    clock.increment(1);
    await renewed;
    assert.deepEqual([requests(phone), phone.state], [[server, everybody], 'signedIn']);
  });

  it('runs out where no server answers: the phone gives up its registration and signs in anew once there is a lease', async () => {
    await using phone = await phoneWithLease();
    lab.setDhcp({ lease: null });
    for (const part of [30_000, 22_500, 7_499]) await pass(part);
    assert.deepEqual([phone.state, phone.snapshot.address], ['signedIn', address]);
    clock.increment(1);
    const { state, stage, failure, screen } = await phone.until(({ state: now }) => now === 'retrying');
    assert.deepEqual([state, stage, failure?.rule, screen], ['retrying', 'address', 'no-lease', profile.screens['acquiring-ip-address'].value]);
    assert.ok(noted(phone, `The lease of ${address} is over: no server renewed it in time.`));
    assert.ok(phone.snapshot.obtained.clientCertificate, 'what it remembers stays');

    lab.setDhcp({ lease });
    clock.increment(profile.timers.retryFirst.value);
    assert.equal((await phone.until(({ state: now }) => now === 'signedIn')).failure, undefined);
  });

  it('is refused where its address is no longer to be given: the phone takes another and signs in with that', async () => {
    await using phone = await phoneWithLease();
    lab.setDhcp({ lease: { ...lease, firstAddress: '10.0.0.200' } });
    clock.increment(30_000);
    assert.equal((await phone.until(({ state, address: now }) => state === 'signedIn' && now !== address)).address, '10.0.0.200');
    assert.ok(noted(phone, `The lease of ${address} is over: 10.0.0.2 refused to renew it.`));
    assert.ok(phone.trace.events.some((event) => event.layer === 'sip' && event.direction === 'sent' && event.text?.includes('SIP/2.0/TLS 10.0.0.200:')));
  });

  it('is let go by a phone that was refused, which then waits for its user as before', async () => {
    await using phone = await phoneWithLease({ ...alice, pin: '11111' });
    assert.equal(phone.state, 'refused');
    lab.setDhcp({ lease: { ...lease, firstAddress: '10.0.0.200' } });
    clock.increment(30_000);
    assert.equal((await phone.until(({ address: now }) => now === undefined)).state, 'refused');
    phone.signIn(alice);
    assert.equal(phone.state, 'vlan');
    assert.equal((await phone.until(({ state }) => state === 'signedIn')).address, '10.0.0.200');
  });
});
