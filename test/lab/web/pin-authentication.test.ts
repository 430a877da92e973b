import assert from 'node:assert/strict';
import type { Deployment } from '../../../src/lab/deployment.js';
import { policySchema, userSchema, type LabPolicy, type LabUser } from '../../../src/lab/topology-schema.js';
import { LabUsers } from '../../../src/lab/user-store.js';
import { authenticatePin } from '../../../src/lab/web/pin-authentication.js';
import { attemptsAllowed, pinLocksOf } from '../../../src/lab/web/pin-locks.js';
import { Trace } from '../../../src/trace/trace.js';

const minute = 60_000;
const hour = 60 * minute;

/** As much of a deployment as PINs need, at a time of its own; alice has the number 100. */
function deploymentWith({ user = {}, others = [], policy = {} }: { user?: Partial<LabUser>; others?: Partial<LabUser>[]; policy?: Partial<LabPolicy> } = {}) {
  const users = [user, ...others].map((each, at) => userSchema.parse({
    sipUri: `sip:user${at}@contoso.lab`, displayName: `User ${at}`, account: `CONTOSO\\user${at}`, password: 'x', lineUri: 'tel:+15550100;ext=100', pin: '48213', ...each,
  }));
  const time = { now: Date.UTC(2013, 4, 1) };
  const deployment: Pick<Deployment, 'users' | 'policy' | 'trace' | 'now'> = { users: new LabUsers(users), policy: policySchema.parse(policy), trace: new Trace({ now: () => time.now }), now: () => time.now };
  const enter = (pin: string, phoneOrExtension = '100') => {
    const outcome = authenticatePin(deployment as Deployment, { phoneOrExtension, pin });
    return 'user' in outcome ? outcome.user.sipUri : outcome.reason;
  };
  const enterWrong = (times: number) => { for (let count = 0; count < times; count++) assert.equal(enter('99999'), 'IncorrectPin'); };
  return { deployment: deployment as Deployment, time, enter, enterWrong, users };
}

describe('PIN authentication in the lab', () => {
  const cases: [what: string, given: Parameters<typeof deploymentWith>[0], pin: string, outcome: string][] = [
    ['the right PIN', {}, '48213', 'sip:user0@contoso.lab'],
    ['a wrong PIN', {}, '48214', 'IncorrectPin'],
    ['an extension that the line URI does not carry', { user: { lineUri: 'tel:+15550100' } }, '48213', 'UserDoesNotExist'],
    ['no PIN set', { user: { pin: undefined } }, '48213', 'PinNotSet'],
    ['a PIN for users who share a number', { others: [{ pin: '59034' }] }, '59034', 'sip:user1@contoso.lab'],
    ['a number and PIN that two users have', { others: [{}] }, '48213', 'PinNotUnique'],
    ['a PIN that is not allowed to this user', { user: { pinEnabled: false } }, '48213', 'PinNotEnabledForUser'],
    ['a PIN that an administrator has locked', { user: { pinLocked: true } }, '48213', 'UserPinAccountLocked'],
    ['a PIN locked for one of two users', { user: { pinLocked: true }, others: [{ pin: '59034' }] }, '48213', 'UserPinAccountLocked'],
    ['a PIN at the end of its life', { user: { pinSetAt: '2013-04-01T00:00:00Z' }, policy: { PINLifetime: 30 } }, '48213', 'PinExpired'],
    ['a PIN with a day left', { user: { pinSetAt: '2013-04-03T00:00:00Z' }, policy: { PINLifetime: 30 } }, '48213', 'sip:user0@contoso.lab'],
    ['an old PIN where none expires', { user: { pinSetAt: '2003-04-02T00:00:00Z' } }, '48213', 'sip:user0@contoso.lab'],
    ['a PIN of somebody who is disabled', { user: { enabled: false } }, '48213', 'UserPinAccountDisabled'],
    ['a PIN of consecutive digits', { user: { pin: '91234' } }, '91234', 'PinDoesNotMeetMinimumRequirements'],
    ['a PIN of consecutive digits where they are allowed', { user: { pin: '91234' }, policy: { AllowCommonPatterns: true } }, '91234', 'sip:user0@contoso.lab'],
    ['a PIN shorter than the policy wants by now', { policy: { MinPasswordLength: 6 } }, '48213', 'PinDoesNotMeetMinimumRequirements'],
  ];
  for (const [what, given, pin, outcome] of cases) {
    it(`answers ${what} with ${outcome}`, () => { assert.equal(deploymentWith(given).enter(pin), outcome); });
  }

  it('allows as many wrong PINs as the help of Set-CsPinPolicy says', () => {
    assert.deepEqual([4, 5, 7, 24].map((digits) => attemptsAllowed(digits, null)), [
      { local: 10, global: 100 }, { local: 25, global: 1000 }, { local: 25, global: 5000 }, { local: 25, global: 5000 },
    ]);
    assert.deepEqual(attemptsAllowed(4, 3), { local: 3, global: 100 });
  });

  it('locks for an hour after the last allowed wrong PIN, even for the right one', () => {
    const { time, enter, enterWrong } = deploymentWith();
    enterWrong(25);
    assert.equal(enter('48213'), 'UserPinAccountLocked');
    assert.equal(enter('99999'), 'UserPinAccountLocked');
    time.now += hour - 1;
    assert.equal(enter('48213'), 'UserPinAccountLocked');
    time.now += 1;
    assert.equal(enter('48213'), 'sip:user0@contoso.lab');
  });

  it('counts within half an hour of the first wrong PIN only, and from nothing after a right one', () => {
    const { time, enter, enterWrong } = deploymentWith({ policy: { MaximumLogonAttempts: 3 } });
    enterWrong(2);
    time.now += 30 * minute;
    enterWrong(2);
    assert.equal(enter('48213'), 'sip:user0@contoso.lab');
    enterWrong(2);
    time.now += 30 * minute - 1;
    enterWrong(1);
    assert.equal(enter('48213'), 'UserPinAccountLocked');
  });

  it('locks for good after the last wrong PIN of all, until an administrator unlocks', () => {
    const { deployment, time, enter, enterWrong, users: [user] } = deploymentWith({ user: { pin: '4821' }, policy: { MinPasswordLength: 4 } });
    for (let round = 0; round < 10; round++) {
      enterWrong(9);
      assert.equal(enter('4821'), 'sip:user0@contoso.lab');
      time.now += minute;
    }
    enterWrong(9);
    assert.equal(enter('4821'), 'sip:user0@contoso.lab');
    enterWrong(1);
    time.now += 365 * 24 * hour;
    assert.equal(enter('4821'), 'UserPinAccountLocked');
    assert.ok(user !== undefined);
    pinLocksOf(deployment).unlock(user);
    assert.equal(enter('4821'), 'sip:user0@contoso.lab');
    assert.ok(!JSON.stringify(deployment.trace.events).includes('4821'));
  });
});
