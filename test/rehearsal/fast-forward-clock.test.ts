import assert from 'node:assert/strict';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';

describe('FastForwardClock', () => {
  it('passes the time that is waited for at once, by every timer on the way, and no further', () => {
    const clock = new FastForwardClock(Date.UTC(2011, 1, 12));
    const fired: string[] = [];
    const later = clock.setTimeout(() => { fired.push('later'); }, 600_000);
    clock.setTimeout(() => { fired.push('waited for'); }, 60_000);
    clock.setTimeout(() => { fired.push('on the way'); clock.setTimeout(() => { fired.push('set on the way'); }, 10_000); }, 30_000);
    clock.skipWhile(() => !fired.includes('waited for'));
    assert.deepEqual(fired, ['on the way', 'set on the way', 'waited for']);
    assert.ok(clock.now() >= Date.UTC(2011, 1, 12) + 60_000);
    assert.ok(clock.now() < Date.UTC(2011, 1, 12) + 600_000);
    clock.clearTimeout(later);
  });

  it('has nothing to pass without a timer', () => {
    const clock = new FastForwardClock();
    clock.clearTimeout(clock.setTimeout(() => undefined, 600_000));
    clock.skipWhile(() => true);
  });

  it('lets a timer that was cleared by another one alone', () => {
    const clock = new FastForwardClock();
    const fired: string[] = [];
    const timers: unknown[] = [];
    clock.setTimeout(() => { fired.push('first'); clock.clearTimeout(timers[0]); }, 1000);
    timers.push(clock.setTimeout(() => { fired.push('second'); }, 1000));
    clock.skipWhile(() => fired.length === 0);
    assert.deepEqual(fired, ['first']);
  });

  it('still fires by itself when nobody skips', async () => {
    const clock = new FastForwardClock();
    await new Promise<void>((resolve) => { clock.setTimeout(resolve, 1); });
  });
});
