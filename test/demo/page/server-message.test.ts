import assert from 'node:assert/strict';
import { readServerMessage } from '../../../src/demo/page/server-message.js';

const read = (message: unknown) => readServerMessage(JSON.stringify(message));

describe('What a page makes of a message', () => {
  it('takes the server\'s own', () => {
    assert.deepEqual(read({ type: 'done', request: 3 }), { type: 'done', request: 3 });
    const event = { sequence: 7, time: 1, actor: 'phone', layer: 'state', origin: 'phone:one', state: 'booting' };
    assert.deepEqual(read({ type: 'events', from: 7, events: [event] }), { type: 'events', from: 7, events: [event] });
  });

  it('passes over what is none: not JSON, another type, another shape, too much', () => {
    assert.equal(readServerMessage('{'), undefined);
    for (const message of [null, 7, [], {}, { type: 'shout' }, { type: 'dropped', count: -1 }, { type: 'events', from: 1, events: [{ sequence: 1 }] }, { type: 'events', from: 1, events: [{ sequence: 1, time: 1, layer: 'phone', origin: 'phone:one', view: { state: 'off' } }] }, { type: 'done', request: 1, more: true }]) {
      assert.equal(read(message), undefined, JSON.stringify(message));
    }
  });

  it('tells a server of another version apart', () => {
    assert.equal(read({ type: 'hello', version: 2 }), 'other-version');
    assert.equal(read({ type: 'hello', version: 1 }), undefined);
  });
});
