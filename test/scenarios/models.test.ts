import assert from 'node:assert/strict';
import { rehearseCell } from '../../src/rehearsal/cell.js';
import { labCredentials } from '../../src/rehearsal/lab-credentials.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import type { PlanPhone } from '../../src/rehearsal/plan-schema.js';
import type { Verdict } from '../../src/rehearsal/verdict.js';
import { deployment } from './deployment.js';
import { labOf, profiles, signal } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const pool = 'pool01.contoso.example';
const firmware = '4.0.7577.4100';

describe('Phone models at a healthy deployment', () => {
  const lab = labOf(deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] }));

  async function signIn(model: string, method: PlanPhone['signIn']): Promise<Verdict> {
    const user = lab().topology.users[0];
    assert.ok(user !== undefined);
    const phone = { model, firmware, signIn: method, state: 'fresh' as const };
    const { verdict } = await rehearseCell({
      phone, profile: profiles.get(firmware), builds: phoneBuilds(profiles, model), network: lab().network(), credentials: labCredentials(phone, user), macAddress: '00-04-F2-00-01-76', keyPair: pooledKey(), signal,
    });
    return verdict;
  }

  for (const [model, method] of [['CX500', 'pin'], ['HP 4120', 'tethered'], ['CX700', 'typed']] as const) {
    it(`let a ${model} in, ${method}, under its own name`, async () => {
      const start = lab().trace.events.length;
      assert.equal((await signIn(model, method)).outcome, 'signed-in');
      const requests = lab().trace.events.slice(start).filter((event) => event.layer === 'sip');
      const version = model.replace('HP ', '');
      assert.ok(requests.some((event) => JSON.stringify(event).includes(`version=${version}`)), 'Ms-Device-Info names the model');
    });
  }

  for (const [model, method, takes] of [['CX500', 'tethered', 'pin'], ['6721ip', 'tethered', 'pin'], ['CX700', 'pin', 'typed'], ['CX600', 'typed', 'pin, tethered']] as const) {
    it(`refuse what a ${model} cannot do, ${method}, and name the model`, async () => {
      const verdict = await signIn(model, method);
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.behaviour], ['failed', 'waitingForUser', 'waiting-for-user']);
      assert.equal(verdict.cause?.rule, 'sign-in-method-unsupported');
      assert.equal(verdict.cause.sentence, `The ${model} (June 2012) does not take a ${method} sign-in; it takes ${takes}.`);
      assert.equal(verdict.confidence, 'documented');
    });
  }
});
