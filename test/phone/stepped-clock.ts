import type { Clock } from '../../src/clock.js';

/** A clock that stands still, at the time of day it was made, until a test moves it on. */
export class SteppedClock implements Clock {
  #now = Date.now();
  readonly #timers = new Map<object, { due: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: (...args: never[]) => void, milliseconds: number): unknown {
    const handle = {};
    this.#timers.set(handle, { due: this.#now + milliseconds, callback: callback });
    return handle;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as object);
  }

  /** Timers fire in the order they are due, each at its own time. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(([, { due }]) => due <= end).sort(([, a], [, b]) => a.due - b.due);
      if (next === undefined) break;
      const [handle, { due, callback }] = next;
      this.#timers.delete(handle);
      this.#now = Math.max(this.#now, due);
      callback();
    }
    this.#now = end;
  }
}
