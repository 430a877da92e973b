import { SimulatedClock } from 'xstate';
import type { Clock } from '../src/clock.js';

/** A clock that stands still until `increment` moves it and fires what falls due. */
export function simulatedClock(): Clock & { increment(milliseconds: number): void } {
  const clock = new SimulatedClock();
  return {
    now: () => clock.now(),
    setTimeout: (callback, milliseconds) => clock.setTimeout(() => { callback(); }, milliseconds),
    clearTimeout: (handle) => { clock.clearTimeout(handle as number); },
    increment: (milliseconds) => { clock.increment(milliseconds); },
  };
}
