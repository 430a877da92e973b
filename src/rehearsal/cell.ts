import type { CertificatePolicy } from '../firmware/certificate-policy.js';
import type { LoadedProfile } from '../firmware/loader.js';
import { factoryBuildOf, onModel } from '../firmware/models.js';
import type { Network } from '../network/network.js';
import { RecordingNetwork } from '../network/recording-network.js';
import { factoryReset, hardReset, type PhoneMemory } from '../phone/memory.js';
import { loadMemory } from '../phone/memory-file.js';
import { Phone, type PhoneSnapshot } from '../phone/phone.js';
import { stages, type Credentials, type KeyPairPem, type PhoneSteps, type Stage } from '../phone/steps.js';
import { Capture } from '../trace/capture.js';
import type { TraceEvent } from '../trace/event.js';
import { Trace } from '../trace/trace.js';
import { assess } from './assess.js';
import { FastForwardClock } from './fast-forward-clock.js';
import type { PlanPhone } from './plan-schema.js';
import type { Verdict } from './verdict.js';

export interface CellOptions {
  phone: PlanPhone;
  profile: LoadedProfile;
  /** The builds that an update or a factory reset can bring; what is none of them is undefined. */
  builds: (build: string) => LoadedProfile | undefined;
  network: Network;
  /** Where a phone that remembers a sign-in had it; default: the same. */
  networkBefore?: Network;
  credentials: Credentials;
  macAddress: string;
  /** Used for the certificate request; default: the phone makes a key of its own. */
  keyPair?: KeyPairPem;
  /** Default: the build's own. */
  certificatePolicy?: CertificatePolicy | undefined;
  /** Default: the device's own. */
  steps?: PhoneSteps;
  /** A dry run: the phone goes no further than here. */
  stopBefore?: Stage | undefined;
  /** Whether every byte it sends and receives is kept. */
  captured?: boolean;
  signal: AbortSignal;
}

export interface SignInOptions extends Omit<CellOptions, 'phone'> {
  clock: FastForwardClock;
  trace: Trace;
  memory: PhoneMemory | undefined;
  /** What the phone's clock says at power-on, milliseconds since 1970; undefined: the right time. */
  clockAtPowerOn?: number | undefined;
  /** Whether the network is one outside the office. */
  outside?: boolean;
  /** Awaited while the phone is signed in, before its power goes. */
  whileSignedIn?: (phone: Phone) => Promise<void>;
}

/** What came of one sign-in. */
export interface SignInResult {
  verdict: Verdict;
  memory: PhoneMemory;
  /** The phone's own trace of it. */
  events: readonly TraceEvent[];
  capture?: Capture;
}

/** A memory, and the verdict on the sign-in that brought it, if there was one. */
export interface StartingMemory {
  /** undefined: it comes from its box. */
  memory: PhoneMemory | undefined;
  verdict?: Verdict;
}

/** States in which the device only lets time pass; a rehearsal does not wait for that. */
const waits = new Set(['booting', 'rebooting', 'retrying']);

/** Rounds of sign-in after which a phone that still retries is called one that retries for ever. */
const rounds = 2;

/**
 * What the phone of a cell remembers at the start, by the state that its plan gives it.
 */
export async function memoryAtStart(options: CellOptions): Promise<StartingMemory> {
  const { state, memory: file } = options.phone;
  if (state === 'fresh') return { memory: undefined };
  // It has signed in here before, by a clock that was right. Switched off since, it remembers; reset by hand, it has forgotten what that clears.
  const before: StartingMemory & { memory: PhoneMemory } = file === undefined ? await rehearseCell({ ...options, network: options.networkBefore ?? options.network, phone: { ...options.phone, clock: undefined } }) : { memory: loadMemory(file) };
  switch (state) {
    case 'signed-in': return before;
    case 'reset': return { ...before, memory: hardReset(before.memory) };
    case 'factory-reset': return { ...before, memory: options.profile.profile.kind === 'phone' ? factoryReset(factoryBuildOf(options.phone.model)) : hardReset(before.memory) };
  }
}

/**
 * Signs one phone of a plan in at one target, with what it remembers, until it comes to rest. The build is the plan's, unless a factory
 * reset has brought back another. Rejects with an `UnfinishedSignIn`.
 */
export async function rehearseCell(options: CellOptions, memory?: PhoneMemory): Promise<SignInResult> {
  const clock = new FastForwardClock();
  const { model, clock: clockState } = options.phone;
  const installed = memory === undefined || memory.firmware === options.profile.profile.build ? undefined : options.builds(memory.firmware);
  const capture = options.captured === true ? new Capture({ now: () => clock.now() }) : undefined;
  const trace = new Trace({ now: () => clock.now() });
  const result = await rehearseSignIn({
    ...options, profile: installed ?? onModel(options.profile, model), clock, trace, memory,
    network: capture === undefined ? options.network : new RecordingNetwork(options.network, capture),
    clockAtPowerOn: clockState === 'lost' ? lostClock(options.profile) : undefined, outside: options.phone.location === 'outside',
  }).catch((error: unknown) => { throw new UnfinishedSignIn(error, trace.events); });
  return capture === undefined ? result : { ...result, capture };
}

/** A sign-in that came to no verdict: it was interrupted, its deadline came, or the phone itself failed. */
export class UnfinishedSignIn extends Error {
  /** The message that crossed the network last: `DNS sent to 192.0.2.53:53: SRV _sip._tls.contoso.com`. */
  readonly last: string | undefined;

  constructor(cause: unknown, events: readonly TraceEvent[]) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    const last = events.findLast((event) => 'direction' in event || event.layer === 'tls');
    if (last !== undefined && 'peer' in last) this.last = `${last.layer.toUpperCase()} ${'direction' in last ? `${last.direction} ${last.direction === 'sent' ? 'to' : 'from'}` : 'with'} ${last.peer}: ${last.summary.slice(0, 200)}`;
  }
}

/** Signs one phone in and waits until it comes to rest: signed in, waiting for its user, retrying in vain, or rebooting over and over. */
export async function rehearseSignIn(options: SignInOptions): Promise<SignInResult> {
  const { clock, trace, memory, builds: firmware, network } = options;
  const phone = new Phone({
    profile: options.profile.profile, publicRoots: options.profile.publicRoots, certificatePolicy: options.certificatePolicy, firmware, network, trace, clock,
    macAddress: options.macAddress, clockAtPowerOn: options.clockAtPowerOn, ...(memory === undefined ? {} : { memory }),
    ...(options.keyPair === undefined ? {} : { keyPair: options.keyPair }), ...(options.steps === undefined ? {} : { steps: options.steps }),
  });
  const { reached, look } = stopAt(options.stopBefore);
  const stop = phone.onChange((snapshot) => {
    // The machine has entered the stage, but nothing of it is done before the power goes.
    if (look(snapshot)) phone.powerOff();
    // Not before the machine has set its timer for the wait. Others may be due before that, as of a short lease.
    if (waits.has(snapshot.state)) setImmediate(() => { clock.skipWhile(() => waits.has(phone.state)); });
  });
  try {
    phone.powerOn();
    phone.signIn(options.credentials);
    const snapshot = await Promise.race([phone.until('settled', { signal: options.signal, rounds }), reached]);
    const verdict = assess(snapshot, trace.events, phone.profile, { buildAtStart: options.profile.profile.build, outside: options.outside === true });
    if (snapshot.state === 'signedIn') await options.whileSignedIn?.(phone);
    return { verdict, memory: phone.memory, events: trace.events };
  } finally {
    stop();
    phone.powerOff();
  }
}

/** Resolves `reached` with what `look` was shown when the phone entered `stage` or a later one. */
function stopAt(stage: Stage | undefined): { reached: Promise<PhoneSnapshot>; look: (snapshot: PhoneSnapshot) => boolean } {
  if (stage === undefined) return { reached: new Promise(() => {}), look: () => false };
  const last = stages.indexOf(stage);
  let resolve: (snapshot: PhoneSnapshot) => void = () => {};
  const reached = new Promise<PhoneSnapshot>((done) => { resolve = done; });
  return {
    reached,
    look: (snapshot) => {
      const stops = stages.some((each, index) => each === snapshot.state && index >= last);
      if (stops) resolve(snapshot);
      return stops;
    },
  };
}

function lostClock({ profile: { time: { afterPowerCut } } }: LoadedProfile): number | undefined {
  return afterPowerCut.value === null ? undefined : Date.parse(afterPowerCut.value);
}
