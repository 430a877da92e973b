import type { PhoneSteps, RegistrarSearch, SipSession, Stage, StepTools } from '../phone/steps.js';
import { FastForwardClock } from '../rehearsal/fast-forward-clock.js';
import type { Pace } from './messages.js';

export type PaceMode = Pace['mode'];

/** Slow motion: waits are so many times as long. */
const slowness = 4;
/** Slow motion: what takes milliseconds on the wire is held so long, for the eye; milliseconds. */
const usualHold = 1000;

/** The clock of one phone of the demo: the host's, but for waits, which slow motion stretches and `skipWhile` ends. */
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
  readonly #slowHold: number;
  #mode: PaceMode;
  #waiting: { stage: Stage; goOn: () => void } | undefined;

  /** @param changed called whenever `holding` is another */
  constructor(mode: PaceMode, changed: () => void, { slowHold = usualHold } = {}) {
    this.#mode = mode;
    this.#slowHold = slowHold;
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
      if (this.#mode === 'slow') timer = setTimeout(resolve, this.#slowHold);
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
    // Before each candidate is looked up, which is the first thing of connecting to it.
    locateRegistrars: (input, tools) => {
      const search = steps.locateRegistrars(input, tools);
      return { candidates: pacedCandidates(search.candidates, gate, tools.signal), get excluded() { return search.excluded; }, get asked() { return search.asked; } };
    },
    connect: async (input, tools) => pacedSession(await steps.connect(input, tools), gate),
  };
}

async function* pacedCandidates(candidates: RegistrarSearch['candidates'], gate: PaceGate, signal: AbortSignal): RegistrarSearch['candidates'] {
  const iterator = candidates[Symbol.asyncIterator]();
  try {
    for (;;) {
      await gate.pass('connecting', signal);
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await iterator.return?.();
  }
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
