import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { comparisonSchema } from '../../src/rehearsal/compare.js';
import { readReport } from '../../src/rehearsal/report.js';
import { contoso, lpe, WorkFolder } from './command-line.js';

describe('lpe compare', () => {
  let folder: WorkFolder;
  before(() => {
    folder = new WorkFolder();
    const healthy = contoso();
    folder.topology('today.yaml');
    const names = { subjectAlternativeNames: ['lync.contoso.lab', '*.contoso.lab'] };
    folder.topology('tomorrow.yaml', { certificates: Object.fromEntries(Object.entries(healthy.certificates).map(([name, spec]) => [name, { ...spec, ...names }])) });
  });
  after(() => { folder.remove(); });

  const plan = (target: string) => folder.write(`${target}-plan.yaml`, stringify({
    schema: 1, name: 'two builds', targets: { [target]: { lab: `${target}.yaml` } },
    phones: [{ firmware: '4.0.7577.107', signIn: 'tethered' }, { firmware: '4.0.7577.4100', signIn: 'pin' }],
  }));

  it('rehearses two plans and has status 1 when a phone that signed in no longer does', async () => {
    const { status, out, err } = await lpe(['compare', plan('today'), plan('tomorrow'), '--json']);
    assert.equal(err, '');
    const { changes, unchanged } = comparisonSchema.parse(JSON.parse(out));
    assert.deepEqual(changes.map(({ cell, effect, after }) => [cell, effect, after.cause?.id]), [['CX600 4.0.7577.107, USB-tethered', 'broke', 'LPE001']]);
    assert.equal(unchanged, 1);
    assert.equal(status, 1);
  });

  it('takes results as they are, and rehearse does so with a baseline', async () => {
    const [today, tomorrow] = [folder.file('today.json'), folder.file('tomorrow.json')];
    assert.equal((await lpe(['rehearse', plan('today'), '--json', today])).status, 0);
    const { status, out } = await lpe(['rehearse', plan('tomorrow'), '--json', tomorrow, '--baseline', today]);
    assert.equal(status, 1);
    assert.match(out, /\nSince .*today\.json:\nNo longer as well as before\n {2}CX600 4\.0\.7577\.107, USB-tethered at tomorrow: signed in -> FAILED at connecting\n/);
    const back = await lpe(['compare', tomorrow, today]);
    assert.equal(back.status, 0);
    assert.match(back.out, /^Better than before\n {2}CX600 4\.0\.7577\.107.*FAILED at connecting -> signed in\n {4}before +The phone refused the certificate/);
    assert.match(back.out, /2 cells compared: 0 worse, 1 better, 0 otherwise changed, 1 the same\.\n$/);
  });

  it('does not take a phone without a verdict for one that is as well as before', async () => {
    const done = folder.file('done.json');
    await lpe(['rehearse', plan('today'), '--json', done]);
    const report = readReport(done);
    const { phone, account, target } = report.runs.pop() ?? assert.fail('nothing was rehearsed');
    report.unfinished.push({ phone, account, target, reason: "It was still under way after 180 s, the plan's deadline." });
    const { status, err } = await lpe(['compare', done, folder.write('cut.json', JSON.stringify(report))]);
    assert.equal(status, 3);
    assert.match(err, /^CX600 .*, at today: no verdict\. It was still under way after 180 s, the plan's deadline\.\n$/);
  });

  for (const [what, text, sentence] of [
    ['a file that is none of the three', 'colour: blue\n', /is neither a plan \(it has no targets\), nor a topology \(it has no servers\), nor a result as JSON\. \[compare\/unknown-kind\]/],
    ['a file that is not YAML', 'a: [', /is not YAML: .* \[compare\/not-yaml\]/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { status, err } = await lpe(['compare', folder.write('wrong.yaml', text), plan('today')]);
      assert.equal(status, 2);
      assert.match(err, sentence);
    });
  }

  it('refuses JSON that is no result', async () => {
    for (const [text, sentence] of [['{', /is not JSON: .* \[report\/not-json\]/], ['{}', /is wrong at schema: .* \[report\/invalid\]/]] as const) {
      const { status, err } = await lpe(['compare', folder.write('wrong.json', text), plan('today')]);
      assert.equal(status, 2);
      assert.match(err, sentence);
    }
  });
});
