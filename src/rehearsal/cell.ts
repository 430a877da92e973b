import { Failure } from '../failure.js';
import type { LoadedProfile } from '../firmware/loader.js';
import { factoryBuildOf, onModel } from '../firmware/models.js';
import type { Lab } from '../lab/lab.js';
import type { LabUser } from '../lab/topology-schema.js';
import { factoryReset, hardReset, type PhoneMemory } from '../phone/memory.js';
import { Phone } from '../phone/phone.js';
import type { Credentials, KeyPairPem } from '../phone/steps.js';
import { Trace } from '../trace/trace.js';
import { assess } from './assess.js';
import { FastForwardClock } from './fast-forward-clock.js';
import type { PlanPhone } from './plan-schema.js';
import type { Verdict } from './verdict.js';

export interface CellOptions {
  /** Builds that an update can bring; default: none. */
  firmware?: (build: string) => LoadedProfile | undefined;
  phone: PlanPhone;
  profile: LoadedProfile;
  /** The profile of a build that the phone may come to run in the course of it. */
  profileOf: (build: string) => LoadedProfile;
  lab: Lab;
  user: LabUser;
  macAddress: string;
  /** Used for the certificate request; default: the phone makes a key of its own. */
  keyPair?: KeyPairPem;
  signal: AbortSignal;
}

export interface SignInOptions {
  /** Builds that an update can bring; default: none. */
  firmware?: (build: string) => LoadedProfile | undefined;
  profile: LoadedProfile;
  lab: Lab;
  credentials: Credentials;
  macAddress: string;
  /** Used for the certificate request; default: the phone makes a key of its own. */
  keyPair?: KeyPairPem;
  signal: AbortSignal;
  clock: FastForwardClock;
  trace: Trace;
  memory: PhoneMemory | undefined;
  /** What the phone's clock says at power-on, milliseconds since 1970; undefined: the right time. */
  clockAtPowerOn?: number | undefined;
}

/** States in which the device only lets time pass; a rehearsal does not wait for that. */
const waits = new Set(['booting', 'rebooting', 'retrying']);

/** Rounds of sign-in after which a phone that still retries is called one that retries for ever. */
const rounds = 2;

/** What the phone of a cell remembers at the start, by the state that its plan gives it; undefined: it comes from its box. */
export async function memoryAtStart(options: CellOptions): Promise<PhoneMemory | undefined> {
  if (options.phone.state === 'fresh') return undefined;
  // It has signed in here before, by a clock that was right. Switched off since, it remembers; reset by hand, it has forgotten what that clears.
  const { memory } = await attempt({ ...options, phone: { ...options.phone, clock: undefined } }, undefined);
  switch (options.phone.state) {
    case 'signed-in': return memory;
    case 'reset': return hardReset(memory);
    case 'factory-reset': return options.profile.profile.kind === 'phone' ? factoryReset(factoryBuildOf(options.phone.model)) : hardReset(memory);
  }
}

/** Signs one phone of a plan in at one target, with what it remembers, until it comes to rest. */
export async function rehearseCell(options: CellOptions, memory?: PhoneMemory): Promise<Verdict> {
  return (await attempt(options, memory)).verdict;
}

/** The build is the plan's, unless a factory reset has brought back another. */
function attempt(options: CellOptions, memory: PhoneMemory | undefined) {
  const clock = new FastForwardClock();
  const installed = memory === undefined || memory.firmware === options.profile.profile.build ? options.profile : options.profileOf(memory.firmware);
  return rehearseSignIn({
    ...options, profile: onModel(installed, options.phone.model), credentials: credentialsFor(options.phone, options.user),
    clock, trace: new Trace({ now: () => clock.now() }), memory,
    clockAtPowerOn: options.phone.clock === 'lost' ? lostClock(options.profile) : undefined,
  });
}

/** Signs one phone in and waits until it comes to rest: signed in, waiting for its user, retrying in vain, or rebooting over and over. */
export async function rehearseSignIn(options: SignInOptions): Promise<{ verdict: Verdict; memory: PhoneMemory }> {
  const { clock, trace, memory } = options;
  const phone = new Phone({
    profile: options.profile.profile, publicRoots: options.profile.publicRoots, network: options.lab.network(), trace, clock,
    macAddress: options.macAddress, clockAtPowerOn: options.clockAtPowerOn, ...(memory === undefined ? {} : { memory }),
    ...(options.firmware === undefined ? {} : { firmware: options.firmware }),
    ...(options.keyPair === undefined ? {} : { keyPair: options.keyPair }),
  });
  const stop = phone.onChange((snapshot) => {
    // Not before the machine has set its timer for the wait, and not when it is over already.
    if (waits.has(snapshot.state)) setImmediate(() => { if (waits.has(phone.state)) clock.skipToNext(); });
  });
  try {
    phone.powerOn();
    phone.signIn(options.credentials);
    const snapshot = await phone.until('settled', { signal: options.signal, rounds });
    return { verdict: assess(snapshot, trace.events, phone.profile), memory: phone.memory };
  } finally {
    stop();
    phone.powerOff();
  }
}

function lostClock({ profile: { time: { afterPowerCut } } }: LoadedProfile): number | undefined {
  return afterPowerCut.value === null ? undefined : Date.parse(afterPowerCut.value);
}

/** What the user types or the PC hands over, from the lab's own account. */
function credentialsFor(phone: PlanPhone, user: LabUser): Credentials {
  if (phone.signIn === 'pin') {
    if (user.pin === undefined || user.lineUri === undefined) {
      throw new Failure('rehearsal/no-pin', `${user.sipUri} has no PIN or no line URI in the topology, so no phone can sign in as that user by PIN.`);
    }
    return { method: 'pin', phoneOrExtension: /;ext=(\d+)/.exec(user.lineUri)?.[1] ?? user.lineUri.replace(/\D/g, ''), pin: user.pin };
  }
  const [domain = '', name = ''] = user.account.split('\\');
  return { method: phone.signIn, sipUri: user.sipUri, domain, user: name, password: user.password };
}
