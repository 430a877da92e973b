import type { PhoneSteps, SipSession, Stage, StepTools } from '../phone/steps.js';
import { FastForwardClock } from '../rehearsal/fast-forward-clock.js';
import type { Pace } from './messages.js';

export type PaceMode = Pace['mode'];

/** Slow motion: waits are so many times as long. */
const slowness = 4;
/** Slow motion: what takes milliseconds on the wire is held so long, for the eye; milliseconds. */
const slowHold = 1000;

/** The clock of one phone of the demo: the host's, but for waits, which slow motion stretches and `skipToNext` ends. */
export class PaceClock extends FastForwardClock {
  readonly #mode: () => PaceMode;

  constructor(mode: () => PaceMode) {
    super();
    this.#mode = mode;
  }

  override setTimeout(callback: (...args: never[]) => void, milliseconds: number): unknown {
    return super.setTimeout(callback, this.#mode() === 'slow' ? milliseconds * slowness : milliseconds);
  }
}

/**
 * Where the steps of one phone wait before they begin: not at all, a moment in slow motion, and step by step until somebody lets them go on.
 */
export class PaceGate {
  readonly #changed: () => void;
  #mode: PaceMode;
  #waiting: { stage: Stage; goOn: () => void } | undefined;

  /** @param changed called whenever `holding` is another */
  constructor(mode: PaceMode, changed: () => void) {
    this.#mode = mode;
    this.#changed = changed;
  }

  /** The stage that is held, if one is. */
  get holding(): Stage | undefined {
    return this.#mode === 'step' ? this.#waiting?.stage : undefined;
  }

  /** Any other mode than `step` lets go what is held. */
  set mode(mode: PaceMode) {
    this.#mode = mode;
    if (mode !== 'step') this.goOn();
  }

  /** Whether something was held that now goes on. */
  goOn(): boolean {
    const { goOn } = this.#waiting ?? {};
    goOn?.();
    return goOn !== undefined;
  }

  /** Resolves when the stage may begin; rejects with the signal's reason when its state is left meanwhile. */
  async pass(stage: Stage, signal: AbortSignal): Promise<void> {
    if (this.#mode === 'real') return;
    signal.throwIfAborted();
    let timer: NodeJS.Timeout | undefined;
    let leave = () => {};
    const passed = new Promise<void>((resolve, reject) => {
      if (this.#mode === 'slow') timer = setTimeout(resolve, slowHold);
      leave = () => { reject(signal.reason as Error); };
      this.#waiting = { stage, goOn: resolve };
    });
    signal.addEventListener('abort', leave, { once: true });
    this.#changed();
    try {
      await passed;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
      this.#waiting = undefined;
      this.#changed();
    }
  }
}

/** The device's own steps, each of which waits at the gate first; what goes on beside the states does not. */
export function pacedSteps(steps: PhoneSteps, gate: PaceGate): PhoneSteps {
  const paced = <Input, Output>(stage: Stage, step: (input: Input, tools: StepTools) => Promise<Output>) => async (input: Input, tools: StepTools) => {
    await gate.pass(stage, tools.signal);
    return step(input, tools);
  };
  const alone = <Output>(stage: Stage, step: (tools: StepTools) => Promise<Output>) => async (tools: StepTools) => {
    await gate.pass(stage, tools.signal);
    return step(tools);
  };
  return {
    ...steps,
    learnVlan: alone('vlan', (tools) => steps.learnVlan(tools)),
    acquireAddress: paced('address', (given, tools) => steps.acquireAddress(given, tools)),
    askTime: paced('time', (given, tools) => steps.askTime(given, tools)),
    checkForUpdate: async (input, tools) => {
      if (input.leg === 'before-sign-in') await gate.pass('updateCheck', tools.signal);
      return steps.checkForUpdate(input, tools);
    },
    discover: alone('discovering', (tools) => steps.discover(tools)),
    fetchRootChain: paced('rootChain', (given, tools) => steps.fetchRootChain(given, tools)),
    fetchDirectoryRoots: paced('rootChain', (given, tools) => steps.fetchDirectoryRoots(given, tools)),
    obtainWebTicket: paced('webTicket', (given, tools) => steps.obtainWebTicket(given, tools)),
    publishCertificate: paced('clientCertificate', (given, tools) => steps.publishCertificate(given, tools)),
    connect: async (input, tools) => {
      await gate.pass('connecting', tools.signal);
      return pacedSession(await steps.connect(input, tools), gate);
    },
  };
}

function pacedSession(session: SipSession, gate: PaceGate): SipSession {
  return {
    candidate: session.candidate,
    challenge: (signal) => session.challenge(signal),
    register: async (certificate, signal, account) => {
      await gate.pass('registering', signal);
      return session.register(certificate, signal, account);
    },
    provision: async (signal) => {
      await gate.pass('provisioning', signal);
      return session.provision(signal);
    },
    maintain: (report) => session.maintain(report),
    useCertificate: (certificate) => { session.useCertificate(certificate); },
    call: (action) => { session.call(action); },
    signOut: (signal) => session.signOut(signal),
    close: () => { session.close(); },
  };
}
