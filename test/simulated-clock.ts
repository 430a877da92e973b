import type { Clock } from '../src/clock.js';

/** A clock that stands still until a test moves it on. */
export class SimulatedClock implements Clock {
  #now: number;
  readonly #timers = new Map<object, { due: number; callback: () => void }>();

  /** `now`: milliseconds since 1970. */
  constructor(now = 0) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: (...args: never[]) => void, milliseconds: number): unknown {
    const handle = {};
    this.#timers.set(handle, { due: this.#now + milliseconds, callback });
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as object);
  }

  /** Timers fire in the order they are due, each at its own time. */
  increment(milliseconds: number): void {
    const end = this.#now + milliseconds;
    while (this.fireNext(end));
    this.#now = end;
  }

  /** Moves on to the timer that is due next and fires that one alone; false when none is due by `end`. */
  fireNext(end = Infinity): boolean {
    const [next] = [...this.#timers].filter(([, { due }]) => due <= end).sort(([, a], [, b]) => a.due - b.due);
    if (next === undefined) return false;
    const [handle, { due, callback }] = next;
    this.#timers.delete(handle);
    this.#now = Math.max(this.#now, due);
    callback();
    return true;
  }
}
