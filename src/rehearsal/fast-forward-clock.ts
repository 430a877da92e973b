import type { Clock } from '../clock.js';

interface Timer {
  due: number;
  callback: () => void;
  handle: NodeJS.Timeout | undefined;
}

/**
 * The host's clock, except that waits which only pass time (boot, back-off) can be skipped. What goes over the wire keeps
 * real time; `now` moves on by what was skipped, so that certificates are judged as the waiting phone would judge them.
 */
export class FastForwardClock implements Clock {
  readonly #start: number;
  readonly #epoch = Date.now();
  readonly #timers = new Set<Timer>();
  #skipped = 0;

  /** @param start time of day to begin with, milliseconds since 1970 */
  constructor(start = Date.now()) {
    this.#start = start;
  }

  now(): number {
    return this.#start + (Date.now() - this.#epoch) + this.#skipped;
  }

  setTimeout(callback: (...args: never[]) => void, milliseconds: number): unknown {
    const timer: Timer = { due: this.now() + milliseconds, callback, handle: undefined };
    this.#timers.add(timer);
    this.#arm(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    const timer = handle as Timer | undefined;
    if (timer === undefined) return;
    clearTimeout(timer.handle);
    this.#timers.delete(timer);
  }

  /**
   * Passes time at once, from timer to timer, for as long as `waiting` says that it is waited for. All that falls due on the way fires in its turn;
   * what that begins over the wire is answered after the wait.
   */
  skipWhile(waiting: () => boolean): void {
    while (waiting() && this.#timers.size > 0) this.skipToNext();
  }

  /** Passes the time until the next timer at once and fires what falls due; nothing when none is set. */
  skipToNext(): void {
    const next = [...this.#timers].sort((a, b) => a.due - b.due)[0];
    if (next === undefined) return;
    this.#skipped += Math.max(0, next.due - this.now());
    for (const timer of [...this.#timers].sort((a, b) => a.due - b.due)) {
      if (!this.#timers.has(timer)) continue;
      clearTimeout(timer.handle);
      if (timer.due <= this.now()) this.#fire(timer);
      else this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.handle = setTimeout(() => { this.#fire(timer); }, Math.max(0, timer.due - this.now()));
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer);
    timer.callback();
  }
}
