import assert from 'node:assert/strict';
import type { Deployment } from '../../../src/lab/deployment.js';
import { policySchema, userSchema } from '../../../src/lab/topology-schema.js';
import { pinFault, setPin } from '../../../src/lab/web/pin-policy.js';

const alice = userSchema.parse({ sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', account: 'CONTOSO\\alice', password: 'x', lineUri: 'tel:+15550199;ext=72095', pin: '48213' });
const policyWith = (policy: object) => policySchema.parse(policy);

describe('The PIN policy', () => {
  for (const [pin, fault] of [
    ['48213', undefined], ['12395', undefined], ['4821', /4 digits/], ['11111', /repeats/], ['1234', /4 digits/], ['91234', /consecutive/], ['43210', /consecutive/],
    ['15550199', /own number/], ['72095', /own number/], ['56785', /consecutive/], ['121212', undefined],
  ] as const) {
    it(`${fault === undefined ? 'takes' : 'refuses'} ${pin}`, () => {
      const said = pinFault(pin, alice, policyWith({}));
      if (fault === undefined) assert.equal(said, undefined);
      else assert.match(said ?? '', fault);
    });
  }

  it('takes any pattern where AllowCommonPatterns is on, but none that is too short', () => {
    const policy = policyWith({ AllowCommonPatterns: true, MinPasswordLength: 6 });
    assert.equal(pinFault('123456', alice, policy), undefined);
    assert.match(pinFault('12345', alice, policy) ?? '', /the policy wants 6/);
  });

  it('does not let a user have one of the last PINs again', () => {
    const deployment = { policy: policyWith({ PINHistoryCount: 2 }) } as Deployment;
    const set = (pin: string) => { setPin(deployment, alice, pin); };
    assert.throws(() => { set('48213'); }, { code: 'lab/pin-refused', message: 'The PIN policy does not allow sip:alice@contoso.lab that PIN: the user had it not long ago.' });
    set('59034');
    assert.throws(() => { set('48213'); }, { code: 'lab/pin-refused' });
    set('60251');
    set('48213');
  });
});
