import assert from 'node:assert/strict';
import { Failure } from '../../../src/failure.js';
import { loadProfiles } from '../../../src/firmware/loader.js';
import type { Network } from '../../../src/network/network.js';
import { Phone } from '../../../src/phone/phone.js';
import { assess } from '../../../src/rehearsal/assess.js';
import { faultyLabOf } from '../../faults/faulty-lab.js';
import { pooledKey } from '../../pin-phone.js';
import { SimulatedClock } from '../../simulated-clock.js';
import { brokenServers, type BrokenServer } from './broken-servers.js';
import { firstNamed } from './first-named.js';

const byPin = { method: 'pin', phoneOrExtension: '100', pin: '482135790264' } as const;
const { profile, publicRoots } = loadProfiles().get('4.0.7577.4100');

describe('The rule named first for a server that is broken as no topology says', () => {
  const clock = new SimulatedClock(Date.now());
  const keyPair = pooledKey();
  const faulty = faultyLabOf(clock);

  /** The network with a firewall in it, which says nothing of what it drops, and perhaps another DHCP server. */
  const changed = (network: Network, dropped: readonly number[], otherDhcp: BrokenServer['otherDhcp']): Network => ({
    localAddress: network.localAddress, nameServers: network.nameServers, domainName: network.domainName,
    async *datagrams(to, payload, options) {
      if (to.port === 67 && otherDhcp !== undefined) yield otherDhcp(payload);
      yield* network.datagrams(to, payload, options);
    },
    connect: (to, options) => {
      if (!dropped.includes(to.port)) return network.connect(to, options);
      faulty().stall();
      return new Promise((_, reject) => { options?.signal?.addEventListener('abort', () => { reject(new Failure('network/timeout', `${to.address}:${to.port} did not accept the connection in time.`)); }); });
    },
  });

  for (const { fault, at, expected, make, credentials = byPin, dropped = [], otherDhcp } of brokenServers) {
    it(`${fault}, ${at}: ${expected}`, async () => {
      await using phone = new Phone({ profile, publicRoots, network: changed(faulty().leasedNetwork(), dropped, otherDhcp), clock, keyPair });
      faulty().phone = phone;
      faulty().misbehaviour = make(faulty());
      phone.powerOn();
      phone.signIn(credentials);
      clock.increment(profile.timers.boot.value);
      const snapshot = await phone.until('settled');
      const verdict = assess(snapshot, phone.trace.events, profile);
      assert.equal(firstNamed(verdict), expected, JSON.stringify([verdict.outcome, verdict.stage, verdict.cause, verdict.notices]));
    });
  }
});
