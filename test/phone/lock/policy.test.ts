import assert from 'node:assert/strict';
import { allowsPin, readLockPolicy } from '../../../src/phone/lock/policy.js';

describe('the policy of the phone lock', () => {
  it('is what ServerConfiguration tells', () => {
    assert.deepEqual(readLockPolicy({ ucEnforcePinLock: 'True', ucMinPinLength: '8', ucPhoneTimeOut: '3' }), { enforced: true, minimumPinLength: 8, timeoutMinutes: 3 });
    assert.deepEqual(readLockPolicy({ ucEnforcePinLock: 'false' }), { enforced: false, minimumPinLength: 6, timeoutMinutes: 10 });
  });

  it('is unknown without a word on whether it is enforced, and has its defaults for what is no number or out of range', () => {
    for (const ucEnforcePinLock of [undefined, '', 'yes']) assert.equal(readLockPolicy(ucEnforcePinLock === undefined ? {} : { ucEnforcePinLock }), undefined);
    for (const text of ['', '-1', '0', '3', '16', '1e1', '99999999999', 'x']) {
      assert.equal(readLockPolicy({ ucEnforcePinLock: 'true', ucMinPinLength: text })?.minimumPinLength, 6, text);
    }
    for (const text of ['0', '1441', '00:10:00']) assert.equal(readLockPolicy({ ucEnforcePinLock: 'true', ucPhoneTimeOut: text })?.timeoutMinutes, 10, text);
  });

  it('lets a user choose digits, enough of them and at most 15', () => {
    const policy = { enforced: true, minimumPinLength: 6, timeoutMinutes: 10 };
    const allowed = ['12345', '123456', '123456789012345', '1234567890123456', '12345a', ''].map((pin) => allowsPin(policy, pin));
    assert.deepEqual(allowed, [false, true, true, false, false, false]);
  });
});
