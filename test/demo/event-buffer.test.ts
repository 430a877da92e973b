import assert from 'node:assert/strict';
import { EventBuffer } from '../../src/demo/event-buffer.js';
import type { TraceEvent } from '../../src/trace/event.js';

const note = (summary: string): TraceEvent => ({ layer: 'note', summary, actor: 'phone', sequence: 999, time: 0 });
const message = (text: string): TraceEvent => ({ layer: 'sip', direction: 'sent', peer: 'sip.contoso.lab:5061', summary: 'REGISTER', text, actor: 'phone', sequence: 999, time: 0 });

describe("The demo's event buffer", () => {
  it('numbers the events of all origins in the order they came, by one clock', () => {
    let now = 1000;
    const buffer = new EventBuffer({ now: () => now++ });
    buffer.add('phone:a', note('one'));
    buffer.add('lab', note('two'));
    buffer.add('phone:b', note('three'));
    assert.deepEqual(buffer.after(0, 10).events.map(({ sequence, time, origin }) => [sequence, time, origin]), [[1, 1000, 'phone:a'], [2, 1001, 'lab'], [3, 1002, 'phone:b']]);
    assert.deepEqual(buffer.after(1, 1), { dropped: 0, events: [{ ...note('two'), origin: 'lab', sequence: 2, time: 1001 }] });
    assert.deepEqual(buffer.after(3, 10), { dropped: 0, events: [] });
  });

  it('holds so many at most, and says how many a late reader has missed', () => {
    const buffer = new EventBuffer({ limit: 100 });
    for (let i = 1; i <= 1000; i++) buffer.add('lab', note(String(i)));
    assert.ok(buffer.latest - buffer.oldest < 125);
    const { dropped, events } = buffer.after(10, 1000);
    assert.equal(dropped + events.length, 990);
    assert.equal(events.at(-1)?.sequence, 1000);
    assert.equal(events[0]?.sequence, 11 + dropped);
  });

  it('holds so much text at most', () => {
    const buffer = new EventBuffer({ textLimit: 10_000 });
    for (let i = 0; i < 100; i++) buffer.add('lab', message('x'.repeat(1000)));
    assert.ok(buffer.latest - buffer.oldest + 1 <= 13);
    buffer.add('lab', message('x'.repeat(50_000)));
    assert.deepEqual([buffer.after(100, 10).events.length, buffer.oldest], [1, 101]);
  });
});
