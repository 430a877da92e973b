import assert from 'node:assert/strict';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { SimulatedClock } from '../simulated-clock.js';

describe('the phone\'s clock', () => {
  it('is right until the power comes to one that was lost, then runs on from there until it is corrected', () => {
    const right = new SimulatedClock(1_000_000);
    const clock = new PhoneClock(right);
    assert.equal(clock.now(), 1_000_000);
    clock.startAt(5000);
    right.increment(10);
    assert.deepEqual([clock.now(), clock.rightNow, clock.setBy], [5010, 1_000_010, undefined]);
    clock.leave(['SRV _ntp._udp.contoso.lab: no such name']);
    assert.deepEqual(clock.tried, ['SRV _ntp._udp.contoso.lab: no such name']);
    clock.correct(995_000, 'dc.contoso.lab');
    assert.deepEqual([clock.now(), clock.setBy, clock.tried], [1_000_010, 'dc.contoso.lab', []]);
    clock.startAt(undefined);
    assert.deepEqual([clock.now(), clock.setBy], [1_000_010, undefined]);
  });

  it('waits as long as any other', () => {
    const right = new SimulatedClock();
    const clock = new PhoneClock(right);
    clock.startAt(5000);
    const fired: number[] = [];
    clock.setTimeout(() => { fired.push(clock.now()); }, 100);
    clock.clearTimeout(clock.setTimeout(() => { fired.push(-1); }, 50));
    right.increment(100);
    assert.deepEqual(fired, [5100]);
  });
});
