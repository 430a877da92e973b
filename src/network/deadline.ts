import type { Clock } from '../clock.js';

/**
 * Does `work` under a signal that aborts after `milliseconds` of `clock`, or as soon as `outer` does. The timer is gone when
 * it returns. `work` decides what an abort means: this function neither throws for it nor stops waiting.
 */
export async function within<T>(
  { clock, signal: outer }: { clock: Clock; signal: AbortSignal }, milliseconds: number, work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.any(): in Node 20 it keeps what it made for as long as the outer signal lives, and that is a phone's life.
  const controller = new AbortController();
  const abort = () => { controller.abort(outer.aborted ? outer.reason : undefined); };
  if (outer.aborted) abort();
  outer.addEventListener('abort', abort, { once: true });
  const timer = clock.setTimeout(abort, milliseconds);
  try {
    return await work(controller.signal);
  } finally {
    clock.clearTimeout(timer);
    outer.removeEventListener('abort', abort);
  }
}
