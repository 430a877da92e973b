import assert from 'node:assert/strict';
import type { Call } from '../../src/phone/call.js';
import { tethered } from './fake-steps.js';
import { testPhone } from './test-phone.js';

const ringing: Call = { direction: 'incoming', peer: { uri: 'sip:bob@contoso.lab', displayName: 'Bob' }, state: 'ringing' };

describe('Phone: calls', () => {
  it('has keys for a call only while it is signed in, and shows what the session tells of it', async () => {
    const { phone, steps, boot } = testPhone();
    for (const act of [() => { phone.call('101'); }, () => { phone.answer(); }, () => { phone.reject(); }, () => { phone.hangUp(); }]) {
      assert.throws(act, { code: 'phone/not-signed-in', message: 'The phone can make and take no calls while it is off.' });
    }
    boot();
    phone.signIn(tethered);
    const { screen: home } = await phone.until('settled');
    phone.call('101');
    phone.answer();
    phone.reject();
    phone.hangUp();
    assert.deepEqual(steps.session?.callActions, [{ do: 'dial', target: '101' }, { do: 'answer' }, { do: 'reject' }, { do: 'hang-up' }]);

    const shown = [ringing, { ...ringing, state: 'connected', codec: 'PCMU/8000' } as const, { ...ringing, state: 'ended', ended: { reason: 'hung up here' } } as const].map((call) => {
      steps.session?.report?.({ type: 'call', call });
      return [phone.snapshot.call?.state, phone.screen];
    });
    assert.deepEqual(shown, [['ringing', ['Incoming call from Bob']], ['connected', ['In a call with Bob']], ['ended', home]]);
    assert.deepEqual(phone.trace.events.flatMap((event) => (event.layer === 'note' && event.summary.includes('call') ? [event.summary] : [])), [
      'The incoming call from Bob is ringing.', 'The incoming call from Bob is connected with PCMU/8000.', 'The incoming call from Bob is ended: hung up here.',
    ]);
    await phone[Symbol.asyncDispose]();
  });

  it('rings although it is locked, and knows of no call after it lost its registration', async () => {
    const { phone, steps, boot, clock } = testPhone({
      answers: { provision: () => ({ displayName: 'Alice', lineUri: undefined, serverConfiguration: { ucEnforcePinLock: 'true', ucMinPinLength: '6', ucPhoneTimeOut: '10' } }) },
    });
    boot();
    phone.signIn(tethered);
    await phone.until('settled');
    phone.setLockPin('246810');
    clock.increment(600_000);
    assert.deepEqual([phone.snapshot.lock, phone.screen], ['locked', ['Phone locked']]);
    steps.session?.report?.({ type: 'call', call: ringing });
    assert.deepEqual(phone.screen, ['Incoming call from Bob']);
    steps.session?.report?.({ type: 'deregistered', reason: 'test', mayRetry: true });
    assert.equal(phone.snapshot.call, undefined);
    phone.retry();
    assert.equal((await phone.until('settled')).call, undefined);
    await phone[Symbol.asyncDispose]();
  });
});
