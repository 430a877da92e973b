import assert from 'node:assert/strict';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';

describe('FastForwardClock', () => {
  it('passes the time to the next timer at once, and no further', () => {
    const clock = new FastForwardClock(Date.UTC(2011, 1, 12));
    const fired: string[] = [];
    const later = clock.setTimeout(() => { fired.push('later'); }, 600_000);
    clock.setTimeout(() => { fired.push('sooner'); }, 30_000);
    clock.skipToNext();
    assert.deepEqual(fired, ['sooner']);
    assert.ok(clock.now() >= Date.UTC(2011, 1, 12) + 30_000);
    clock.clearTimeout(later);
    clock.skipToNext();
    assert.deepEqual(fired, ['sooner']);
  });

  it('lets a timer that was cleared by another one alone', () => {
    const clock = new FastForwardClock();
    const fired: string[] = [];
    const timers: unknown[] = [];
    clock.setTimeout(() => { fired.push('first'); clock.clearTimeout(timers[0]); }, 1000);
    timers.push(clock.setTimeout(() => { fired.push('second'); }, 1000));
    clock.skipToNext();
    assert.deepEqual(fired, ['first']);
  });

  it('still fires by itself when nobody skips', async () => {
    const clock = new FastForwardClock();
    await new Promise<void>((resolve) => { clock.setTimeout(resolve, 1); });
  });
});
