import { Failure } from '../failure.js';
import { factoryBuildOf } from '../firmware/models.js';
import type { LoadedProfile } from '../firmware/loader.js';
import type { FirmwareProfile } from '../firmware/schema.js';
import type { Network } from '../network/network.js';
import { deviceSteps } from '../phone/device-steps.js';
import { factoryReset, fresh, hardReset, type PhoneMemory } from '../phone/memory.js';
import { Phone, type PhoneSnapshot } from '../phone/phone.js';
import type { Credentials, KeyPairPem } from '../phone/steps.js';
import type { PlanPhone } from '../rehearsal/plan-schema.js';
import type { TraceEvent } from '../trace/event.js';
import { Trace } from '../trace/trace.js';
import { Keypad, type KeypadAction } from './keypad.js';
import type { PhoneKey } from './messages.js';
import { PaceClock, pacedSteps, PaceGate, type PaceMode } from './pace.js';

export interface DeskPhoneOptions {
  id: string;
  /** Number of the session's first event when it is on the desk. */
  came: number;
  model: string;
  /** The build it comes with. */
  build: string;
  /** Of this model, by number; undefined: it runs no such build. */
  builds: (build: string) => LoadedProfile | undefined;
  network: Network;
  macAddress: string;
  pace: PaceMode;
  /** Default: the phone makes one of its own. */
  keyPair?: KeyPairPem | undefined;
  /** Whether the time it takes to boot is skipped, as in tests. */
  skipsBoot?: boolean | undefined;
  record: (event: TraceEvent) => void;
  /** Something of it is another: state, display, keys, lights. */
  changed: () => void;
}

/** One time on the desk from power-on to power-off, or to now. */
export interface PoweredRun {
  /** What it remembered when the power came. */
  began: PlanPhone['state'];
  /** It began with. */
  build: string;
  method: Credentials['method'];
  /** SIP URI; undefined: nobody signed in. */
  account: string | undefined;
  /** At its end. */
  snapshot: PhoneSnapshot;
  profile: FirmwareProfile;
  events: readonly TraceEvent[];
}

/** So many of them are kept of a phone. */
const mostRuns = 20;

/** States in which the device only lets time pass. */
const waits = new Set(['booting', 'rebooting', 'retrying']);
const boots = new Set(['booting', 'rebooting']);

/** A phone on the desk: the emulated one, with its keys, its USB port and its power supply. A reset by hand is another phone with what the old one keeps. */
export class DeskPhone implements AsyncDisposable {
  readonly id: string;
  readonly came: number;
  readonly model: string;
  readonly build: string;
  readonly macAddress: string;
  readonly keypad = new Keypad();
  readonly #options: DeskPhoneOptions;
  readonly #gate: PaceGate;
  #mode: PaceMode;
  #phone: Phone;
  #clock: PaceClock;
  #usb = false;
  #since = Date.now();
  #moves = 0;
  #credentials: Credentials | undefined;
  #missedCall = false;
  #state = 'off';
  #leaving: Promise<unknown> = Promise.resolve();
  #events: TraceEvent[] = [];
  #past: PoweredRun[] = [];
  #began: Pick<PoweredRun, 'began' | 'build'>;

  constructor(options: DeskPhoneOptions) {
    this.#options = options;
    this.id = options.id;
    this.came = options.came;
    this.model = options.model;
    this.build = options.build;
    this.macAddress = options.macAddress;
    this.#mode = options.pace;
    this.#gate = new PaceGate(options.pace, () => { options.changed(); });
    this.#clock = new PaceClock(() => this.#mode);
    this.#phone = this.#made(fresh(options.build));
    this.#began = { began: 'fresh', build: options.build };
  }

  get snapshot(): PhoneSnapshot {
    return this.#phone.snapshot;
  }

  get profile() {
    return this.#phone.profile;
  }

  get memory(): PhoneMemory {
    return this.#phone.memory;
  }

  /** Each time that it had power, oldest first. */
  get runs(): readonly PoweredRun[] {
    return this.snapshot.state === 'off' ? this.#past : [...this.#past, this.#run(this.snapshot)];
  }

  /** What it recorded since the power came, oldest first; bounded. */
  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  get usb(): boolean {
    return this.#usb;
  }

  /** When it entered its state, milliseconds since 1970. */
  get since(): number {
    return this.#since;
  }

  /** How often it has entered a state. */
  get moves(): number {
    return this.#moves;
  }

  get missedCall(): boolean {
    return this.#missedCall;
  }

  get holding(): string | undefined {
    return this.#gate.holding;
  }

  get situation() {
    const { state, lock, call } = this.snapshot;
    return { state, lock, call, takesPin: this.profile.signIn.methods.value.includes('pin') };
  }

  /** The power comes, with whatever keys are held, and they are let go: `*` and `#` clear what the phone has learnt, `4` and `6` bring the factory's build back, too. */
  power(on: boolean): void {
    if (!on) this.#powerOff();
    else if (this.snapshot.state === 'off') this.#powerOn();
  }

  /** As by holding the keys while the power comes. */
  reset(kind: 'hard' | 'factory'): void {
    const keys: PhoneKey[] = kind === 'hard' ? ['*', '#'] : ['4', '6'];
    this.power(false);
    for (const key of keys) this.keypad.hold(key, true);
    this.power(true);
    this.#options.changed();
  }

  plug(usb: boolean): void {
    this.#usb = usb;
    this.#note(usb ? 'The USB cable to the PC was plugged in.' : 'The USB cable to the PC was pulled.');
    this.#options.changed();
  }

  /** Fails with `demo/not-plugged` for what comes over USB without a cable, and as `Phone.signIn` does. */
  signIn(credentials: Credentials): void {
    if (credentials.method === 'tethered' && !this.#usb) throw new Failure('demo/not-plugged', 'Credentials come over USB: plug the cable in first.');
    this.#phone.signIn(credentials);
    this.#credentials = credentials;
    this.#note(credentials.method === 'pin' ? `The user keyed in ${credentials.phoneOrExtension} and a PIN.` : `The user gave the account of ${credentials.sipUri}${credentials.method === 'tethered' ? ' on the PC' : ''}.`);
    this.keypad.clear();
    this.#options.changed();
  }

  async signOut(): Promise<void> {
    await this.#phone.signOut();
  }

  retry(): void {
    this.#phone.retry();
  }

  press(key: PhoneKey): void {
    this.#phone.touch();
    this.#missedCall = false;
    const action = this.keypad.press(key, this.situation);
    this.#options.changed();
    if (action !== undefined) this.#act(action);
  }

  hold(key: PhoneKey, down: boolean): void {
    this.keypad.hold(key, down);
    this.#options.changed();
  }

  set pace(mode: PaceMode) {
    this.#mode = mode;
    this.#gate.mode = mode;
  }

  /** Lets go what is held; else ends a wait: of a phone that boots, or that waits before it tries again. Whether there was anything. */
  goOn(): boolean {
    if (this.#gate.goOn()) return true;
    const { state } = this.snapshot;
    if (!waits.has(state)) return false;
    this.#note('The wait was cut short.');
    this.#clock.skipWhile(() => this.snapshot.state === state);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#leaving, this.#phone[Symbol.asyncDispose]()]);
  }

  #powerOff(): void {
    const { snapshot } = this;
    this.#phone.powerOff();
    if (snapshot.state !== 'off') this.#past = [...this.#past, this.#run(snapshot)].slice(-mostRuns);
  }

  #powerOn(): void {
    const held = new Set(this.keypad.held);
    this.#events = [];
    const remembers = this.memory.clientCertificate !== undefined || this.memory.credentials !== undefined;
    const reset = held.has('4') && held.has('6') ? 'factory-reset' : held.has('*') && held.has('#') ? 'reset' : undefined;
    if (reset === 'factory-reset') this.#replace(factoryReset(factoryBuildOf(this.model)));
    else if (reset === 'reset') this.#replace(hardReset(this.memory));
    this.#began = { began: reset ?? (remembers ? 'signed-in' : 'fresh'), build: this.memory.firmware };
    this.#phone.powerOn();
    // Else a key that a long press left down would reset the phone each time.
    for (const key of held) this.keypad.hold(key, false);
  }

  #run(snapshot: PhoneSnapshot): PoweredRun {
    const { memory, profile } = this.#phone;
    return { ...this.#began, method: this.#credentials?.method ?? 'pin', account: (memory.clientCertificate ?? memory.credentials)?.sipUri, snapshot, profile, events: this.#events };
  }

  #act(action: KeypadAction): void {
    switch (action.do) {
      case 'sign-in': this.signIn({ method: 'pin', phoneOrExtension: action.phoneOrExtension, pin: action.pin }); break;
      case 'retry': this.retry(); break;
      // What the server says to it is in the trace.
      case 'sign-out': this.signOut().catch(() => undefined); break;
      case 'answer': this.#phone.answer(); break;
      case 'reject': this.#phone.reject(); break;
      case 'hang-up': this.#phone.hangUp(); break;
      case 'dial': this.#phone.call(action.target); break;
      case 'set-lock-pin': this.#phone.setLockPin(action.pin); break;
      case 'unlock': this.#phone.unlock(action.pin); break;
    }
  }

  #replace(memory: PhoneMemory): void {
    const before = this.#phone;
    this.#leaving = Promise.all([this.#leaving, before[Symbol.asyncDispose]()]);
    this.#clock = new PaceClock(() => this.#mode);
    this.#phone = this.#made(memory);
  }

  #made(memory: PhoneMemory): Phone {
    const { builds, network, macAddress, keyPair, record, model } = this.#options;
    const loaded = builds(memory.firmware);
    if (loaded === undefined) throw new Failure('demo/unknown-build', `A ${model} runs no build ${memory.firmware}.`, { facts: { model, build: memory.firmware } });
    const clock = this.#clock;
    const trace = new Trace({ now: () => clock.now(), limit: 2000 });
    trace.subscribe((event) => {
      this.#keep(event);
      record(event);
    });
    const phone = new Phone({
      profile: loaded.profile, publicRoots: loaded.publicRoots, firmware: builds, network, trace, clock, macAddress, memory: { ...memory, firmware: loaded.profile.build },
      steps: pacedSteps(deviceSteps, this.#gate), ...(keyPair === undefined ? {} : { keyPair }),
    });
    phone.onEveryChange((snapshot) => { this.#noteChange(snapshot, clock); });
    return phone;
  }

  #noteChange(snapshot: PhoneSnapshot, clock: PaceClock): void {
    if (snapshot.state !== this.#state) {
      // What was typed waits on the display while the phone only tries again.
      if (!waits.has(snapshot.state) && snapshot.state !== 'waitingForUser') this.keypad.clear();
      this.#state = snapshot.state;
      this.#since = Date.now();
      this.#moves++;
      // Not before the machine has set its timer for the wait.
      if (this.#options.skipsBoot === true && boots.has(snapshot.state)) setImmediate(() => { clock.skipWhile(() => boots.has(this.snapshot.state)); });
    }
    const { call } = snapshot;
    if (call?.direction === 'incoming') this.#missedCall = call.state === 'ended' && call.codec === undefined;
    this.#options.changed();
  }

  #keep(event: TraceEvent): void {
    this.#events.push(event);
    if (this.#events.length > 25_000) this.#events.splice(0, 5000);
  }

  /** What a person did, as a line of the phone's own trace. */
  #note(summary: string): void {
    this.#phone.trace.record('user', { layer: 'note', summary });
  }
}
