import type { Clock } from '../../src/clock.js';
import { systemClock } from '../../src/clock.js';
import type { FirmwareProfile } from '../../src/firmware/schema.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import type { Endpoint } from '../../src/network/network.js';
import type { StepTools } from '../../src/phone/steps.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { Trace } from '../../src/trace/trace.js';

const profiles = loadProfiles();

export interface StepToolsOptions {
  /** `10.0.0.2:53/udp` to loopback ports. */
  forward?: Record<string, readonly Endpoint[]>;
  /** Default: June 2012. */
  build?: string;
  /** Changes to the profile's discovery values. */
  discovery?: Partial<FirmwareProfile['discovery']>;
  clock?: Clock;
  signal?: AbortSignal;
  domainName?: string;
}

/** What a step is given: a phone at 10.0.1.50 whose name server is 10.0.0.2. */
export function stepTools(options: StepToolsOptions = {}): StepTools {
  const { profile, publicRoots } = profiles.get(options.build ?? '4.0.7577.4100');
  return {
    network: new MappedNetwork({
      localAddress: '10.0.1.50', nameServers: ['10.0.0.2'], domainName: options.domainName, forward: new Map(Object.entries(options.forward ?? {})),
    }),
    trace: new Trace(),
    clock: new PhoneClock(options.clock ?? systemClock),
    profile: { ...profile, discovery: { ...profile.discovery, ...options.discovery } },
    publicRoots,
    macAddress: '00-04-F2-00-01-76',
    signal: options.signal ?? new AbortController().signal,
  };
}
