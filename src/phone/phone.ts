import { createActor, type Actor, type SnapshotFrom } from 'xstate';
import { systemClock, type Clock } from '../clock.js';
import { Failure } from '../failure.js';
import type { CertificatePolicy } from '../firmware/certificate-policy.js';
import type { FirmwareProfile } from '../firmware/schema.js';
import type { Network } from '../network/network.js';
import { Trace } from '../trace/trace.js';
import { callSentence, type Call, type CallAction } from './call.js';
import { deviceSteps } from './device-steps.js';
import { exchangeSentence, type ExchangeStatus } from './exchange/status.js';
import type { LockInput, LockState } from './lock/machine.js';
import { allowsPin } from './lock/policy.js';
import { phoneMachine } from './machine.js';
import type { Firmware, PhoneDevice, StateMeta } from './machine-types.js';
import { fresh, type PhoneMemory } from './memory.js';
import { closeSession, phoneActors } from './phone-actors.js';
import { PhoneClock } from './phone-clock.js';
import { obtainedOf, type Obtained } from './obtained.js';
import type { ConnectionAttempt } from './registrar-attempts.js';
import { screenLines } from './screens.js';
import type { StageFailure } from './stage-failure.js';
import type { Credentials, KeyPairPem, PhoneSteps, Stage, UpdateCheck } from './steps.js';
import { userServices, type UserServiceResults } from './user-services.js';

/** A stage of the sign-in, or what the phone does instead. */
export type PhoneState = Stage | 'off' | 'signingOut' | 'retrying' | 'refused' | 'rebooting' | 'rebootLoop';

/** What a phone is made of. */
export interface PhoneOptions {
  profile: FirmwareProfile;
  /** The build's public store as DER, as the profile loader reads it. */
  publicRoots: readonly Buffer[];
  /** How the phone judges the certificates of servers; default: as its build does (`verifyServerCertificate`). */
  certificatePolicy?: CertificatePolicy | undefined;
  network: Network;
  /** Default: one of its own. */
  trace?: Trace;
  /** The right time. */
  clock?: Clock;
  /** What the phone's own clock says whenever the power comes, milliseconds since 1970; default: the right time. */
  clockAtPowerOn?: number | undefined;
  /** Default: a phone fresh from its box. */
  memory?: PhoneMemory;
  /** `00-04-F2-00-01-76`. */
  macAddress?: string;
  /** Default: those of the device. @internal */
  steps?: PhoneSteps;
  /** What a build brings with it, for updates; default: no build is known but the installed one, and so none is installed. */
  firmware?: (build: string) => Firmware | undefined;
  /** Used for the certificate request instead of a new one. */
  keyPair?: KeyPairPem;
}

/** The phone at one moment. */
export interface PhoneSnapshot {
  state: PhoneState;
  /** The stage under way, or the one that failed. */
  stage: Stage;
  /** As System Information shows it: 0 where the phone learnt none. */
  vlan: number;
  /** Its own, from the lease; undefined before it has one, and on a network where it needs none. */
  address: string | undefined;
  /** The display, line by line. */
  screen: readonly string[];
  obtained: Obtained;
  /** The last thing that went wrong, until the user acts, the phone signs in or boots. */
  failure: StageFailure | undefined;
  /** What the registrar gave in the background since the phone signed in; what is missing is not known yet. */
  userServices: UserServiceResults;
  /** The latest call since the phone signed in; it stays when it has ended, until the next. */
  call: Call | undefined;
  /** Undefined until the phone is signed in. */
  lock: LockState | undefined;
  /** Known once the phone is signed in and has looked. */
  exchange: ExchangeStatus | undefined;
  /** Times in a row that it went to wait before trying again. */
  rounds: number;
  /** Restarts in a row that nobody asked for. */
  reboots: number;
  /** The build it runs. */
  firmware: string;
  /** The last question to the update service on each way to it, and what came of it. */
  updates: readonly UpdateCheck[];
  /** Signed in, and yet to hear from the update service. */
  updateCheckPending: boolean;
  /** The registrar candidates it last tried, in order. */
  attempts: readonly ConnectionAttempt[];
}

/** How `until` waits. */
export interface UntilOptions {
  signal?: AbortSignal;
  /** How often the phone must have gone to wait before `settled` calls it one that retries. Default 1. */
  rounds?: number;
}

interface Waiter {
  met: (snapshot: PhoneSnapshot) => boolean;
  resolve: (snapshot: PhoneSnapshot) => void;
  reject: (reason: Error) => void;
}

/** The machine with its actors, shared by all phones: what is a phone's own comes in as its input. */
const machine = phoneMachine.provide({ actors: phoneActors, actions: { closeSession: ({ context }) => { closeSession(context); } } });

/** One desk phone. Everything it does goes over the given network and into the given trace; nothing of it is global. */
export class Phone implements AsyncDisposable {
  readonly trace: Trace;
  readonly #actor: Actor<typeof phoneMachine>;
  readonly #listeners = new Set<(snapshot: PhoneSnapshot) => void>();
  readonly #observers = new Set<(snapshot: PhoneSnapshot) => void>();
  readonly #waiters = new Set<Waiter>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #clock: PhoneClock;
  readonly #clockAtPowerOn: number | undefined;
  #shown: PhoneSnapshot;

  constructor(options: PhoneOptions) {
    const { profile, publicRoots, network, clock = systemClock, memory = fresh(profile.build), macAddress = '00-04-F2-00-00-01' } = options;
    this.trace = options.trace ?? new Trace({ now: () => clock.now() });
    this.#clock = new PhoneClock(clock);
    this.#clockAtPowerOn = options.clockAtPowerOn;
    const device: PhoneDevice = {
      steps: options.steps ?? deviceSteps,
      tools: { network, trace: this.trace, clock: this.#clock, profile, publicRoots, macAddress, certificatePolicy: options.certificatePolicy },
      keyPair: options.keyPair,
      firmware: options.firmware ?? (() => undefined),
      started: (work) => { this.#watch(work); },
    };
    this.#actor = createActor(machine, { clock, input: { device, profile, memory, now: () => this.#clock.now() } });
    this.#shown = describe(this.#actor.getSnapshot());
    this.#actor.subscribe({
      next: (snapshot) => { this.#update(snapshot); },
      error: (error) => { this.#giveUp(error); },
    });
    this.#actor.start();
  }

  /** What survives when the power goes. */
  get memory(): PhoneMemory {
    return this.#actor.getSnapshot().context.memory;
  }

  /** Of the build it runs. */
  get profile(): FirmwareProfile {
    return this.#actor.getSnapshot().context.profile;
  }

  get state(): PhoneState {
    return this.snapshot.state;
  }

  get screen(): readonly string[] {
    return this.snapshot.screen;
  }

  get snapshot(): PhoneSnapshot {
    return describe(this.#actor.getSnapshot());
  }

  /** The power comes: the phone boots, and goes on by itself. */
  powerOn(): void {
    if (this.state === 'off') this.#clock.startAt(this.#clockAtPowerOn);
    this.#actor.send({ type: 'POWER_ON' });
  }

  /** At once, as by pulling the plug: connections close, timers go, only the memory stays. */
  powerOff(): void {
    this.#actor.send({ type: 'POWER_OFF' });
  }

  /**
   * The user signs in. A phone that is still starting remembers it for when it can; a phone whose remembered certificate
   * still serves needs no credentials and uses that. Fails with `phone/busy` when there is no sign-in screen to use.
   */
  signIn(credentials: Credentials): void {
    const event = { type: 'SIGN_IN', credentials } as const;
    if (!this.#actor.getSnapshot().can(event)) {
      throw new Failure('phone/busy', `The phone takes no sign-in while it is ${this.state}.`, { facts: { state: this.state } });
    }
    this.#actor.send(event);
  }

  /** The user acknowledges the message on the display: the phone tries again at once, with the same credentials. */
  retry(): void {
    this.#actor.send({ type: 'RETRY' });
  }

  /**
   * Signs the user out, cancelling a sign-in under way, and forgets them. Resolves when the server has been told; an abort ends the waiting, not
   * the signing out.
   */
  async signOut({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    signal?.throwIfAborted();
    this.#actor.send({ type: 'SIGN_OUT' });
    await this.until(({ state }) => state !== 'signingOut', signal === undefined ? {} : { signal });
  }

  /**
   * The user chooses the PIN of the phone lock. Fails with `phone/no-lock` where nobody asked for one or the phone is locked, and with
   * `phone/lock-pin-refused` for a PIN that the policy does not allow.
   */
  setLockPin(pin: string): void {
    const { lock } = this.snapshot;
    const { lock: kept } = this.memory;
    if (lock !== 'pin-wanted' && lock !== 'unlocked') throw new Failure('phone/no-lock', `The phone takes no PIN for its lock now; the lock is ${lock ?? 'not known'}.`);
    if (kept?.policy === undefined || !allowsPin(kept.policy, pin)) {
      throw new Failure('phone/lock-pin-refused', `A PIN for the lock has ${kept?.policy?.minimumPinLength ?? 0} to 15 digits.`);
    }
    this.#lock({ type: 'SET_LOCK_PIN', pin });
  }

  /** The user keys in the PIN of the lock; whether the phone is unlocked now. */
  unlock(pin: string): boolean {
    this.#lock({ type: 'UNLOCK', pin });
    return this.snapshot.lock === 'unlocked';
  }

  /**
   * The user calls somebody: a SIP address, with or without `sip:`, or a number; what comes of it is in the snapshot's `call`. Nothing while there is
   * a call already, since the phone has one line here. Fails with `phone/not-signed-in`.
   */
  call(target: string): void {
    this.#act({ do: 'dial', target });
  }

  /** The user takes the call that rings. Like the other two, it does nothing without one, and fails with `phone/not-signed-in`. */
  answer(): void {
    this.#act({ do: 'answer' });
  }

  /** The user does not want the call that rings. */
  reject(): void {
    this.#act({ do: 'reject' });
  }

  /** The user ends the call, or gives up calling. */
  hangUp(): void {
    this.#act({ do: 'hang-up' });
  }

  /** The user does something with the phone, so that it is not idle. */
  touch(): void {
    this.#lock({ type: 'USED' });
  }

  /** Calls `listener` whenever state or display have changed; returns the way to stop. */
  onChange(listener: (snapshot: PhoneSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  /** The same whenever anything has changed: Exchange, a call, the lock, what came in the background. */
  onEveryChange(listener: (snapshot: PhoneSnapshot) => void): () => void {
    this.#observers.add(listener);
    return () => { this.#observers.delete(listener); };
  }

  /**
   * Waits for a condition. `settled`: signed in and done with Exchange, updates and all that it asks for in the background, refused, in a reboot loop, or gone to wait for the n-th time (`rounds`).
   * Rejects with `phone/powered-off` when the power goes first, and with the signal's reason when that aborts.
   */
  until(condition: 'settled' | ((snapshot: PhoneSnapshot) => boolean), { signal, rounds = 1 }: UntilOptions = {}): Promise<PhoneSnapshot> {
    const met = condition === 'settled' ? (snapshot: PhoneSnapshot) => isSettled(snapshot, rounds) : condition;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const snapshot = this.snapshot;
      if (met(snapshot)) {
        resolve(snapshot);
        return;
      }
      const leave = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener('abort', abort);
      };
      const waiter: Waiter = {
        met,
        resolve: (value) => { leave(); resolve(value); },
        reject: (reason) => { leave(); reject(reason); },
      };
      const abort = () => { waiter.reject(signal?.reason as Error); };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', abort);
    });
  }

  /** Powers off for good and resolves once nothing of the phone is left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.powerOff();
    this.#actor.stop();
    await Promise.allSettled(this.#running);
  }

  #act(action: CallAction): void {
    if (this.state !== 'signedIn') {
      throw new Failure('phone/not-signed-in', `The phone can make and take no calls while it is ${this.state}.`, { facts: { state: this.state } });
    }
    this.#actor.send({ type: 'CALL', action });
  }

  #lock(input: LockInput): void {
    this.#actor.send(input);
  }

  #watch(work: Promise<unknown>): void {
    const settled = work.then(() => undefined, () => undefined).finally(() => { this.#running.delete(settled); });
    this.#running.add(settled);
  }

  #update(machine: SnapshotFrom<typeof phoneMachine>): void {
    const before = this.#shown;
    const now = this.#shown = describe(machine);
    if (now.failure !== undefined && now.failure !== before.failure) {
      const { message, rule, reaction } = now.failure;
      this.trace.record('phone', { layer: 'note', summary: message, detail: { stage: now.stage, rule, reaction } });
    }
    const ofExchange = now.exchange === undefined || now.exchange === before.exchange ? undefined : exchangeSentence(now.exchange);
    if (now.call !== undefined && now.call !== before.call) this.trace.record('phone', { layer: 'note', summary: callSentence(now.call) });
    if (ofExchange !== undefined) this.trace.record('phone', { layer: 'note', summary: ofExchange });
    const moved = now.state !== before.state;
    const redrawn = now.screen.join('\n') !== before.screen.join('\n');
    if (moved) this.trace.record('phone', { layer: 'state', state: now.state });
    if (redrawn) this.trace.record('phone', { layer: 'screen', lines: now.screen });
    if (moved || redrawn) for (const listener of [...this.#listeners]) listener(now);
    for (const observer of [...this.#observers]) observer(now);
    for (const waiter of [...this.#waiters]) {
      if (waiter.met(now)) waiter.resolve(now);
      else if (moved && now.state === 'off') waiter.reject(new Failure('phone/powered-off', 'The phone was switched off while something was expected of it.'));
    }
  }

  #giveUp(error: unknown): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error as Error);
  }
}

function isSettled({ state, rounds, exchange, updateCheckPending, userServices: results }: PhoneSnapshot, wanted: number): boolean {
  const arrived = exchange !== undefined && !updateCheckPending && userServices.every((service) => results[service] !== undefined);
  return (state === 'signedIn' && arrived) || state === 'refused' || state === 'rebootLoop'
    || (state === 'retrying' && rounds >= wanted);
}

function describe(machine: SnapshotFrom<typeof phoneMachine>): PhoneSnapshot {
  const { context, value } = machine;
  const metas = Object.values(machine.getMeta()) as StateMeta[];
  const meta = metas.find((each) => each?.screen !== undefined) ?? {};
  const { memory, failure, rounds, attempts, profile, updates, updateCheckPending } = context;
  const state = typeof value === 'string' ? value : value.signingIn;
  return {
    state,
    stage: meta.stage ?? context.failedStage ?? 'booting',
    screen: screenLines(meta, context),
    vlan: context.vlan?.id ?? 0,
    address: context.network?.localAddress,
    obtained: obtainedOf(context),
    userServices: context.userServices,
    call: state === 'signedIn' ? context.call : undefined,
    lock: state === 'signedIn' ? context.lock : undefined,
    exchange: state === 'signedIn' ? context.exchange : undefined,
    failure, rounds, reboots: memory.reboots, firmware: profile.build, updates, updateCheckPending, attempts,
  };
}
