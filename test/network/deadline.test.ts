import assert from 'node:assert/strict';
import { within } from '../../src/network/deadline.js';
import { SimulatedClock } from '../simulated-clock.js';

describe('within', () => {
  const aborted = (signal: AbortSignal) => new Promise<unknown>((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    signal.addEventListener('abort', () => { resolve(signal.reason); });
  });

  it('aborts the work when the time is up on the clock given, not earlier', async () => {
    const clock = new SimulatedClock();
    let over = false;
    const work = within({ clock, signal: new AbortController().signal }, 2000, aborted).then(() => { over = true; });
    clock.increment(1999);
    await Promise.resolve();
    assert.equal(over, false);
    clock.increment(1);
    await work;
    assert.equal(over, true);
  });

  it('aborts the work with the reason of the outer signal, also one that was aborted before', async () => {
    const outer = new AbortController();
    const work = within({ clock: new SimulatedClock(), signal: outer.signal }, 2000, aborted);
    outer.abort('switched off');
    assert.equal(await work, 'switched off');
    assert.equal(await within({ clock: new SimulatedClock(), signal: outer.signal }, 2000, aborted), 'switched off');
  });

  it('leaves no timer behind when the work is done or fails', async () => {
    const clock = new SimulatedClock();
    const set = new Set<unknown>();
    const counting = {
      now: () => clock.now(),
      setTimeout: (callback: () => void, milliseconds: number) => { const id = clock.setTimeout(callback, milliseconds); set.add(id); return id; },
      clearTimeout: (id: unknown) => { set.delete(id); },
    };
    const { signal } = new AbortController();
    assert.equal(await within({ clock: counting, signal }, 2000, () => Promise.resolve('done')), 'done');
    await assert.rejects(within({ clock: counting, signal }, 2000, () => Promise.reject(new Error('broken'))), /broken/);
    assert.equal(set.size, 0);
  });
});
