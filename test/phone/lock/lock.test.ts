import assert from 'node:assert/strict';
import type { InBandSettings } from '../../../src/phone/steps.js';
import { pin, tethered, typed } from '../fake-steps.js';
import { testPhone, windows } from '../test-phone.js';

const minutes = (count: number) => count * 60_000;
const enforced: InBandSettings = {
  displayName: 'Alice', lineUri: undefined, serverConfiguration: { ucEnforcePinLock: 'true', ucMinPinLength: '6', ucPhoneTimeOut: '10' },
};

describe('Phone: the lock', () => {
  async function signedIn(settings: () => InBandSettings = () => enforced, options: Parameters<typeof testPhone>[0] = {}) {
    const test = testPhone({ ...options, answers: { provision: settings } });
    test.boot();
    test.phone.signIn(options.profile === windows ? typed : tethered);
    await test.phone.until('settled');
    return test;
  }

  it('wants a PIN of its own, and locks nothing before it has one', async () => {
    const { phone, clock } = await signedIn();
    assert.equal(phone.snapshot.lock, 'pin-wanted');
    assert.equal(phone.snapshot.obtained.lockPolicy, true);
    clock.increment(minutes(60));
    assert.deepEqual(phone.screen, ['Alice']);
    assert.throws(() => { phone.setLockPin('12345'); }, { code: 'phone/lock-pin-refused', message: 'A PIN for the lock has 6 to 15 digits.' });
    phone.setLockPin('246810');
    assert.equal(phone.snapshot.lock, 'unlocked');
    await phone[Symbol.asyncDispose]();
  });

  it('locks the phone after the policy\'s time without use, and opens it by its PIN alone; the phone stays signed in', async () => {
    const { phone, clock } = await signedIn();
    phone.setLockPin('246810');
    clock.increment(minutes(9));
    phone.touch();
    clock.increment(minutes(10) - 1);
    assert.equal(phone.snapshot.lock, 'unlocked');
    clock.increment(1);
    assert.deepEqual([phone.snapshot.lock, phone.state, phone.screen], ['locked', 'signedIn', ['Phone locked']]);
    phone.touch();
    assert.equal(phone.unlock(tethered.password), false);
    assert.throws(() => { phone.setLockPin('111111'); }, { code: 'phone/no-lock' });
    assert.equal(phone.unlock('246810'), true);
    assert.deepEqual(phone.screen, ['Alice']);
    clock.increment(minutes(10));
    assert.equal(phone.snapshot.lock, 'locked');
    await phone[Symbol.asyncDispose]();
  });

  it('stays as it is when the connection is lost, and comes up locked when the power comes back', async () => {
    const { phone, steps, clock, boot } = await signedIn();
    phone.setLockPin('246810');
    steps.session?.report?.({ type: 'deregistered', reason: 'test', mayRetry: true });
    assert.equal(phone.snapshot.lock, undefined);
    phone.retry();
    assert.equal((await phone.until('settled')).lock, 'unlocked');
    clock.increment(minutes(10));
    steps.session?.report?.({ type: 'deregistered', reason: 'test', mayRetry: true });
    phone.retry();
    assert.equal((await phone.until('settled')).lock, 'locked');
    phone.unlock('246810');
    phone.powerOff();
    boot();
    assert.equal((await phone.until('settled')).lock, 'locked');
    assert.equal(phone.memory.lock?.pin, '246810');
    await phone[Symbol.asyncDispose]();
  });

  it('is forgotten with the user', async () => {
    const { phone } = await signedIn();
    phone.setLockPin('246810');
    await phone.signOut();
    assert.equal(phone.memory.lock, undefined);
    phone.signIn(pin);
    assert.equal((await phone.until('settled')).lock, 'pin-wanted');
    await phone[Symbol.asyncDispose]();
  });

  it('goes by the policy of before where in-band provisioning says nothing, and by a new one where it does', async () => {
    let settings = enforced;
    const { phone, steps, clock } = await signedIn(() => settings);
    phone.setLockPin('246810');
    const again = async (configuration: InBandSettings['serverConfiguration']) => {
      settings = { ...enforced, serverConfiguration: configuration };
      steps.session?.report?.({ type: 'deregistered', reason: 'test', mayRetry: true });
      phone.retry();
      return (await phone.until('settled')).lock;
    };
    assert.equal(await again({}), 'unlocked');
    clock.increment(minutes(10));
    assert.equal(phone.snapshot.lock, 'locked');
    assert.equal(await again({ ucEnforcePinLock: 'false' }), 'off');
    await phone[Symbol.asyncDispose]();
  });

  it('is none of a PC, nor of a phone that was never told of one', async () => {
    const pc = await signedIn(undefined, { profile: windows });
    const untold = await signedIn(() => ({ ...enforced, serverConfiguration: {} }));
    for (const { phone } of [pc, untold]) {
      assert.equal(phone.snapshot.lock, 'off');
      assert.throws(() => { phone.setLockPin('246810'); }, { code: 'phone/no-lock', message: 'The phone takes no PIN for its lock now; the lock is off.' });
      assert.equal(phone.unlock('246810'), false);
      await phone[Symbol.asyncDispose]();
    }
  });

  it('asks for nothing while nobody is signed in', () => {
    const { phone } = testPhone();
    assert.equal(phone.unlock('1'), false);
    phone.touch();
    assert.throws(() => { phone.setLockPin('246810'); }, { code: 'phone/no-lock', message: 'The phone takes no PIN for its lock now; the lock is not known.' });
  });
});
