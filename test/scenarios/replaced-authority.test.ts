import assert from 'node:assert/strict';
import { memoryAtStart, rehearseCell, type CellOptions } from '../../src/rehearsal/cell.js';
import { labCredentials } from '../../src/rehearsal/lab-credentials.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import type { PlanPhone } from '../../src/rehearsal/plan-schema.js';
import type { Verdict } from '../../src/rehearsal/verdict.js';
import { deployment } from './deployment.js';
import { labOf, profiles, signal, topology } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const [pool, sip] = ['pool01.contoso.example', 'sip.contoso.example'];
const base = deployment({ sipDomain: 'contoso.example', pool, srvTarget: sip, registrarNames: [pool, sip] });
const [cu1, last] = ['4.0.7577.107', '4.0.7577.4463'];

describe('observation ca-replaced-under-signed-in-phones', () => {
  const lab = labOf(topology({
    ...base,
    authorities: { ...base.authorities, newRoot: { commonName: 'New Root CA', hash: 'sha256' }, issuing: { commonName: 'New Issuing CA', hash: 'sha256', issuer: 'newRoot' } },
  }));
  const verdicts = new Map<string, Verdict>();

  const phones = ([
    { firmware: last, signIn: 'pin', state: 'signed-in' }, { firmware: last, signIn: 'tethered', state: 'signed-in' }, { firmware: last, signIn: 'pin', state: 'reset' },
    { firmware: cu1, signIn: 'pin', state: 'signed-in' }, { firmware: cu1, signIn: 'pin', state: 'reset' },
  ] satisfies Omit<PlanPhone, 'model'>[]).map((phone) => ({ model: 'CX600', ...phone }));
  const titleOf = ({ firmware, signIn, state }: PlanPhone) => `${firmware} ${signIn} ${state}`;

  before(async () => {
    const [user] = lab().topology.users;
    assert.ok(user !== undefined);
    const cells = phones.map((phone, at): CellOptions => ({
      phone, profile: profiles.get(phone.firmware), builds: phoneBuilds(profiles, phone.model), network: lab().network(), credentials: labCredentials(phone, user), macAddress: `00-04-F2-00-01-0${at}`, keyPair: pooledKey(), signal,
    }));
    const memories = await Promise.all(cells.map((cell) => memoryAtStart(cell)));
    for (const name of ['registrar', 'web']) await lab().setCertificate(name, { issuer: 'issuing', hash: 'sha256' });
    for (const [at, cell] of cells.entries()) verdicts.set(titleOf(cell.phone), (await rehearseCell(cell, memories[at]?.memory)).verdict);
  });

  const verdictOf = (title: string) => {
    const verdict = verdicts.get(title);
    assert.ok(verdict !== undefined);
    return verdict;
  };

  for (const route of ['pin', 'tethered']) {
    it(`leaves a phone of the last builds, signed in before by ${route}, connecting to the server for ever`, () => {
      const verdict = verdictOf(`${last} ${route} signed-in`);
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.behaviour], ['failed', 'connecting', 'retrying']);
      assert.deepEqual(verdict.screen, ['Connecting to Lync Server...']);
      assert.equal(verdict.cause?.rule, 'certificate-refused');
      assert.match(verdict.cause.sentence, /New Root CA.* is not among the roots this phone has learnt/);
      assert.match(verdict.remedy?.sentence ?? '', /a phone that learnt another chain before needs a reset/);
    });
  }

  it('lets the same phone in after a reset: option 43 brings the new chain', () => {
    assert.equal(verdictOf(`${last} pin reset`).outcome, 'signed-in');
  });

  it('shows the older message on CU1, which a reset does not help: it does not know SHA-256', () => {
    const before = verdictOf(`${cu1} pin signed-in`);
    assert.deepEqual([before.outcome, before.stage, before.screen[0]], ['failed', 'connecting', 'Cannot connect to the server. Retrying.']);
    const reset = verdictOf(`${cu1} pin reset`);
    assert.equal(reset.outcome, 'failed');
    assert.match(reset.cause?.sentence ?? '', /SHA-256/i);
  });
});
