import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/failure.js';
import { plannedCells } from '../../src/rehearsal/planned-cells.js';
import { builtInPlanFile, expectationFor, loadPlan } from '../../src/rehearsal/plan.js';

describe('loadPlan', () => {
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), 'plan-')); });
  after(() => { rmSync(folder, { recursive: true }); });

  function refusal(text: string): Failure {
    const file = join(folder, 'plan.yaml');
    writeFileSync(file, text);
    let caught: unknown;
    assert.throws(() => loadPlan(file), (error) => { caught = error; return error instanceof Failure; });
    return caught as Failure;
  }

  it('reads the built-in story: 5 phones at 3 targets, of which the CU1 phones fail at the wildcard', () => {
    const plan = loadPlan(builtInPlanFile);
    assert.equal(plan.phones.length, 5);
    assert.deepEqual(Object.keys(plan.targets), ['wildcard', 'exact-san', 'single-namespace']);
    const failing = Object.keys(plan.targets).flatMap((target) => plan.phones.filter((phone) => expectationFor(plan, { phone, account: 'alice', target }).outcome === 'failed')
      .map((phone) => `${phone.firmware} ${phone.signIn} ${target}`));
    assert.deepEqual(failing, ['4.0.7577.107 pin wildcard', '4.0.7577.107 tethered wildcard']);
  });

  it('reads the plan for real servers that people copy', () => {
    const plan = loadPlan('examples/plans/live.yaml');
    const { staging } = plan.targets;
    assert.deepEqual([staging?.live?.dnsServer, staging?.live?.connectTo.length, Object.keys(plan.accounts)], ['192.0.2.53', 3, ['rehearsal']]);
    assert.deepEqual(plannedCells(plan).map(({ phone, account, target }) => [phone.firmware, account, target]),
      plan.phones.map(({ firmware }) => [firmware, 'rehearsal', 'staging']));
  });

  it('lets the last matching expectation count', () => {
    const plan = { ...loadPlan(builtInPlanFile), expect: [
      { phone: {}, outcome: 'failed' as const }, { phone: { firmware: '4.0.7577.107' }, outcome: 'degraded' as const },
    ] };
    assert.equal(expectationFor(plan, { phone: plan.phones[0]!, account: 'alice', target: 'wildcard' }).outcome, 'degraded');
    assert.equal(expectationFor(plan, { phone: plan.phones[2]!, account: 'alice', target: 'wildcard' }).outcome, 'failed');
  });

  const head = 'schema: 1\nname: x\ntargets: { a: { lab: a.yaml } }\nphones: [{ firmware: 1.2.3.4, signIn: pin }]\n';

  for (const [what, text, code, sentence] of [
    ['no YAML', 'a: [', 'plan/not-yaml', /plan\.yaml is not YAML: .*line 1/],
    ['no phones', head.replace(/phones.*\n/, ''), 'plan/invalid', /at phones:/],
    ['an unknown key', `${head}colour: blue\n`, 'plan/invalid', /colour/],
    ['an unknown sign-in method', head.replace('pin', 'magic'), 'plan/invalid', /at phones\.0\.signIn: .*"pin"\|"tethered"\|"typed"/],
    ['a model that nobody made', head.replace('firmware:', 'model: CX601, firmware:'), 'plan/unknown-model',
      /plan\.yaml is wrong at phones\.0\.model: there is no phone model "CX601"; known are CX500, CX600, /],
    ['an expectation that matches nothing', `${head}expect: [{ target: b, outcome: failed }]\n`, 'plan/idle-expectation', /expect\.0/],
  ] as const) {
    it(`refuses ${what}, naming the place and what was expected`, () => {
      const failure = refusal(text);
      assert.equal(failure.code, code);
      assert.match(failure.message, sentence);
    });
  }

  it('says so when there is no such file', () => {
    assert.throws(() => loadPlan(join(folder, 'none.yaml')), { code: 'plan/unreadable', message: /there is no such file/ });
  });
});
