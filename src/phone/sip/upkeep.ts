import type { Clock } from '../../clock.js';

/** Timers and work that keep a registration up, on the phone's clock, until stopped. */
export class Upkeep {
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;
  readonly #stopped = new AbortController();
  readonly #timers = new Map<string, unknown>();
  #last: Promise<void> = Promise.resolve();

  /** @param onFailure told when a piece of work rejects; not after `stop` */
  constructor(clock: Clock, onFailure: (error: unknown) => void) {
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  /** Runs `task` once after so many milliseconds, in place of what was scheduled under that name. */
  schedule(name: string, milliseconds: number, task: () => void): void {
    if (this.#stopped.signal.aborted) return;
    this.#clock.clearTimeout(this.#timers.get(name));
    this.#timers.set(name, this.#clock.setTimeout(() => {
      this.#timers.delete(name);
      task();
    }, Math.max(milliseconds, 0)));
  }

  /** Does pieces of work one after another: two must not set up a security association at the same time. */
  run(work: (signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.#stopped;
    this.#last = this.#last.then(() => signal.aborted ? undefined : work(signal)).catch((error: unknown) => {
      if (!signal.aborted) this.#onFailure(error);
    });
  }

  stop(): void {
    this.#stopped.abort();
    for (const timer of this.#timers.values()) this.#clock.clearTimeout(timer);
    this.#timers.clear();
  }
}

/** Milliseconds until something that lasts so many seconds is to be renewed, with that many seconds to spare. */
export function renewalTime(expires: number, margin: number): number {
  return Math.max(expires - margin, expires / 2) * 1000;
}
