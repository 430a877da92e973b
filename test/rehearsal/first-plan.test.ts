import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Failure } from '../../src/failure.js';
import { firstPlan, type FirstPlan } from '../../src/rehearsal/first-plan.js';
import { planSchema } from '../../src/rehearsal/plan-schema.js';

const least: FirstPlan = {
  sipUri: 'sip:alice@contoso.com', number: undefined, logon: undefined, webServer: undefined, registrar: undefined, dnsServer: undefined, firmware: ['4.0.7577.4463'], lab: undefined,
};
const planOf = (wanted: Partial<FirstPlan>) => planSchema.parse(parse(firstPlan({ ...least, ...wanted })));

describe('firstPlan', () => {
  it('is a plan with as little as an account, and shows in comments what can be filled in', () => {
    const text = firstPlan(least);
    assert.deepEqual(planOf({}).phones.map(({ firmware, signIn }) => [firmware, signIn]), [['4.0.7577.4463', 'pin']]);
    for (const hint of ['# number:', '# logon:', '# dnsServer:', '# dhcpOptions:', '# connectTo:', '--stop-before']) assert.ok(text.includes(hint), hint);
  });

  it('asks about every build by every way that the account has', () => {
    const { phones, accounts, targets } = planOf({ number: '100', logon: String.raw`CONTOSO\alice`, webServer: 'lync.contoso.com', registrar: 'sip.contoso.com', firmware: ['4.0.7577.107', '4.0.7577.4463'] });
    assert.deepEqual(phones.map(({ firmware, signIn }) => `${firmware} ${signIn}`), ['4.0.7577.107 pin', '4.0.7577.107 tethered', '4.0.7577.4463 pin', '4.0.7577.4463 tethered']);
    assert.deepEqual([accounts['first']?.number, accounts['first']?.logon], ['100', String.raw`CONTOSO\alice`]);
    assert.deepEqual(targets['production']?.live?.dhcpOptions, { webServer: 'lync.contoso.com', registrar: 'sip.contoso.com' });
  });

  it('holds a lab instead of real servers, and no secret in either', () => {
    const { targets, accounts } = planOf({ lab: 'my lab: #1.yaml' });
    assert.deepEqual([targets['lab']?.lab, accounts['first']?.pin], ['my lab: #1.yaml', undefined]);
  });

  it('keeps a value as it is, or refuses it: nothing that is typed becomes another key', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (number, logon) => {
      try {
        const { accounts } = planOf({ number, logon });
        assert.deepEqual([accounts['first']?.number, accounts['first']?.logon], [number, logon]);
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        assert.equal(error.code, 'plan/invalid');
      }
    }));
  });
});
