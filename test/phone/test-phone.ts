import type { FirmwareProfile } from '../../src/firmware/schema.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Network } from '../../src/network/network.js';
import type { PhoneMemory } from '../../src/phone/memory.js';
import { Phone } from '../../src/phone/phone.js';
import { SimulatedClock } from '../simulated-clock.js';
import { FakeSteps, type Answers } from './fake-steps.js';

const store = loadProfiles();

export const cu1 = store.get('4.0.7577.107').profile;
export const windows = store.get('windows-lync-2010').profile;

/** A network that nothing may use: the steps are fakes. */
export const noNetwork: Network = {
  localAddress: '0.0.0.0', nameServers: [], domainName: undefined,
  withLease: ({ address, nameServers, domainName }) => ({ ...noNetwork, localAddress: address, nameServers, domainName }),
  datagrams: () => { throw new Error('a fake step used the network'); },
  connect: () => { throw new Error('a fake step used the network'); },
};

/** A phone on fake steps and a simulated clock that starts at 0. */
export function testPhone({ profile = cu1, memory, answers = {} }: { profile?: FirmwareProfile; memory?: PhoneMemory; answers?: Partial<Answers> } = {}) {
  const clock = new SimulatedClock();
  const steps = new FakeSteps(answers);
  const phone = new Phone({ profile, publicRoots: [], network: noNetwork, clock, steps, ...(memory === undefined ? {} : { memory }) });
  const states: string[] = [];
  phone.onChange(({ state }) => { if (states.at(-1) !== state) states.push(state); });
  return {
    phone, steps, clock, states,
    /** Powers on and lets the time of booting pass. */
    boot: () => {
      phone.powerOn();
      clock.increment(profile.timers.boot.value);
    },
  };
}
