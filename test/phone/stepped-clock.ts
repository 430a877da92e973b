import { SimulatedClock } from 'xstate';
import type { Clock } from '../../src/clock.js';

/** A clock that stands still, at the time of day it was made, until a test moves it on. */
export class SteppedClock implements Clock {
  readonly #start = Date.now();
  readonly #simulated = new SimulatedClock();

  now(): number {
    return this.#start + this.#simulated.now();
  }

  setTimeout(callback: (...args: never[]) => void, milliseconds: number): unknown {
    return this.#simulated.setTimeout(callback as () => void, milliseconds);
  }

  clearTimeout(handle: unknown): void {
    if (handle !== undefined) this.#simulated.clearTimeout(handle as number);
  }

  advance(milliseconds: number): void {
    this.#simulated.increment(milliseconds);
  }
}
