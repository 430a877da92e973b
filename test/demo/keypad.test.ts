import assert from 'node:assert/strict';
import { Keypad } from '../../src/demo/keypad.js';
import type { PhoneKey } from '../../src/demo/messages.js';

type Situation = Parameters<Keypad['describe']>[0];
const waiting: Situation = { state: 'waitingForUser', lock: undefined, call: undefined, takesPin: true };
const home: Situation = { ...waiting, state: 'signedIn', lock: 'unlocked' };
const press = (keypad: Keypad, situation: Situation, ...keys: PhoneKey[]) => keys.map((key) => keypad.press(key, situation)).at(-1);

describe('The keypad', () => {
  it('asks for the number before the PIN, and for both before it signs in', () => {
    const keypad = new Keypad();
    assert.equal(press(keypad, waiting, 'ok', 'down', '1', 'ok'), undefined);
    assert.deepEqual(keypad.describe(waiting).fields.map(({ value, active }) => [value, active]), [['', true], ['•', false]]);
    assert.deepEqual(press(keypad, waiting, '1', '0', '0', 'ok', 'ok'), { do: 'sign-in', phoneOrExtension: '100', pin: '1' });
    assert.deepEqual(keypad.describe(waiting).fields.map(({ value }) => value), ['', '']);
  });

  it('takes no more than a field holds, nothing without power, and nothing over the information', () => {
    const keypad = new Keypad();
    press(keypad, waiting, ...Array<PhoneKey>(100).fill('7'));
    assert.equal(keypad.describe(waiting).fields[0]?.value.length, 32);
    const off = new Keypad();
    press(off, { ...waiting, state: 'off' }, '1', 'soft1');
    assert.deepEqual(off.describe({ ...waiting, state: 'off' }), { fields: [], softKeys: ['', '', ''], held: [] });
    press(off, waiting, 'soft3', '1');
    assert.deepEqual([off.informationShown, off.describe(waiting).softKeys], [true, ['', '', 'Back']]);
    press(off, waiting, 'soft3');
    assert.equal(off.describe(waiting).fields[0]?.value, '');
  });

  it('asks a phone that takes no PIN for none', () => {
    const keypad = new Keypad();
    assert.deepEqual(keypad.describe({ ...waiting, takesPin: false }).fields, []);
    assert.deepEqual(keypad.describe({ ...waiting, state: 'refused', takesPin: false }).softKeys, ['Retry', 'Sign out', 'Info']);
  });

  it('lets a sign-in under way be cancelled, and one that failed be tried again', () => {
    const keypad = new Keypad();
    assert.deepEqual(press(keypad, { ...waiting, state: 'connecting' }, 'soft2'), { do: 'sign-out' });
    assert.deepEqual(press(keypad, { ...waiting, state: 'retrying' }, 'soft1'), { do: 'retry' });
    assert.equal(press(keypad, { ...waiting, state: 'connecting' }, 'soft1'), undefined);
  });

  it('chooses a PIN for the lock, and opens it', () => {
    const keypad = new Keypad();
    const wanted: Situation = { ...home, lock: 'pin-wanted' };
    assert.equal(keypad.describe(wanted).softKeys[0], 'Set PIN');
    assert.deepEqual(press(keypad, wanted, 'soft1', '1', '3', '5', '7', '9', '2', 'soft1'), { do: 'set-lock-pin', pin: '135792' });
    const locked: Situation = { ...home, lock: 'locked' };
    assert.deepEqual(keypad.describe(locked).softKeys, ['Unlock', 'Delete', 'Info']);
    assert.deepEqual(press(keypad, locked, '1', '3', 'soft1'), { do: 'unlock', pin: '13' });
  });

  it('dials, takes, refuses and ends calls', () => {
    const keypad = new Keypad();
    const peer = { uri: 'sip:bob@contoso.lab', displayName: undefined };
    const incoming: Situation = { ...home, call: { direction: 'incoming', peer, state: 'ringing' } };
    assert.equal(press(keypad, home, 'call'), undefined);
    assert.deepEqual(press(keypad, home, '1', '0', '1', 'speaker'), { do: 'dial', target: '101' });
    assert.deepEqual(press(keypad, incoming, 'speaker'), { do: 'answer' });
    assert.deepEqual(press(keypad, incoming, 'end'), { do: 'reject' });
    assert.deepEqual(press(keypad, incoming, 'soft2'), { do: 'reject' });
    const connected: Situation = { ...home, call: { direction: 'incoming', peer, state: 'connected' } };
    assert.deepEqual([press(keypad, connected, 'end'), press(keypad, connected, 'speaker'), press(keypad, home, 'end')], [{ do: 'hang-up' }, { do: 'hang-up' }, undefined]);
  });
});
