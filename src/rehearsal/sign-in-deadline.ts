import { systemClock } from '../clock.js';
import { within } from '../network/deadline.js';
import { UnfinishedSignIn } from './cell.js';
import type { NoVerdict } from './credential-guard.js';

/**
 * Does the work of one sign-in in so many seconds; what kept it from a verdict is its result. `work` is told by its signal when the time is over, and
 * waited for no longer, whatever it makes of that. Rejects only with the reason of `signal`.
 */
export function withinDeadline<T>(seconds: number, signal: AbortSignal, work: (limit: AbortSignal) => Promise<T>): Promise<T | NoVerdict> {
  return within({ clock: systemClock, signal }, seconds * 1000, async (limit) => {
    try {
      return await Promise.race([work(limit), over(limit)]);
    } catch (error) {
      signal.throwIfAborted();
      const last = error instanceof UnfinishedSignIn && error.last !== undefined ? ` The last of it was ${error.last}${error.last.endsWith('.') ? '' : '.'}` : '';
      if (limit.aborted) return { reason: `It was still under way after ${seconds} s, the plan's deadline.${last}` };
      return { reason: error instanceof Error ? error.message : String(error) };
    }
  });
}

/** Rejects after an abort, once whoever heeds it has had the time to say where it was. */
function over(limit: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => setImmediate(() => { reject(limit.reason as Error); });
    if (limit.aborted) end();
    else limit.addEventListener('abort', end, { once: true });
  });
}
