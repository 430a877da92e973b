import assert from 'node:assert/strict';
import { PaceClock, PaceGate, type PaceMode } from '../../src/demo/pace.js';

describe("The demo's pace", () => {
  it('stretches waits to four times in slow motion, and skips them when asked', () => {
    let mode: PaceMode = 'real';
    const clock = new PaceClock(() => mode);
    for (const [each, factor] of [['real', 1], ['slow', 4], ['step', 1]] as const) {
      mode = each;
      let fired = false;
      const before = clock.now();
      clock.setTimeout(() => { fired = true; }, 30_000);
      clock.skipToNext();
      assert.ok(fired);
      assert.equal(Math.floor((clock.now() - before) / 30_000), factor, each);
    }
  });

  it('holds each step a moment in slow motion, or until it is told to go on', async () => {
    const { signal } = new AbortController();
    const brief = new PaceGate('slow', () => {}, { slowHold: 1 });
    await brief.pass('vlan', signal);
    assert.equal(brief.holding, undefined);
    const long = new PaceGate('slow', () => {}, { slowHold: 3_600_000 });
    const passing = long.pass('vlan', signal);
    assert.ok(long.goOn());
    await passing;
    assert.ok(!long.goOn());
  });

  it('does not hold at all at real speed, and says where it holds otherwise', async () => {
    const held: (string | undefined)[] = [];
    const gate: PaceGate = new PaceGate('real', () => { held.push(gate.holding); });
    await gate.pass('vlan', new AbortController().signal);
    assert.deepEqual(held, []);
    gate.mode = 'step';
    const passing = gate.pass('address', new AbortController().signal);
    assert.deepEqual(held, ['address']);
    gate.mode = 'real';
    await passing;
    assert.deepEqual(held, ['address', undefined]);
  });

  it('holds nothing whose state is left', async () => {
    const gate = new PaceGate('step', () => {});
    const left = new AbortController();
    const passing = gate.pass('connecting', left.signal);
    left.abort(new Error('power off'));
    await assert.rejects(passing, /power off/);
    assert.equal(gate.holding, undefined);
    await assert.rejects(gate.pass('connecting', left.signal), /power off/);
  });
});
