import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { parseXml } from '../../src/protocol/soap/xml.js';
import { reportSchema } from '../../src/rehearsal/report.js';
import { contoso, lpe, WorkFolder } from './command-line.js';

describe('lpe rehearse', () => {
  let folder: WorkFolder;
  before(() => {
    folder = new WorkFolder();
    folder.topology();
  });
  after(() => { folder.remove(); });

  const phones = [{ firmware: '4.0.7577.4100', signIn: 'pin' }, { firmware: 'windows-lync-2010', signIn: 'typed', model: 'PC' }];
  const plan = (name: string, change: object = {}) => folder.write(name, stringify({ schema: 1, name: 'small', targets: { lab: { lab: 'contoso.yaml' } }, phones, ...change }));
  const report = (name: string) => reportSchema.parse(JSON.parse(readFileSync(folder.file(name), 'utf8')));

  it('prints the matrix and writes what it is asked for', async () => {
    const { status, out, err } = await lpe(['rehearse', plan('plan.yaml'), '--json', folder.file('report.json'), '--junit', folder.file('build/report.xml')]);
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^small\n\n +lab\nCX600 4\.0\.7577\.4100, PIN +signed in\nPC windows-lync-2010, AD credentials +signed in\n\nWorth knowing\n {2}- The phone has neither calendar [^]*\[LPE014\] 1\n {4}of 2 cells\.\n\n2 cells: 2 signed in, 0 failed; all as expected\. \d+\.\d s\n$/);
    const { runs, summary } = report('report.json');
    assert.deepEqual(runs.map(({ phone, verdict }) => [phone.firmware, verdict.outcome]), [['4.0.7577.4100', 'signed-in'], ['windows-lync-2010', 'signed-in']]);
    assert.deepEqual([summary.runs, summary.planned, summary.asExpected], [2, 2, 2]);
    assert.equal(parseXml(readFileSync(folder.file('build/report.xml'), 'utf8')).attribute('tests'), '2');
    assert.deepEqual(readdirSync(folder.path).sort(), ['build', 'contoso.yaml', 'plan.yaml', 'report.json']);
  });

  it('tells what becomes of signed-in phones when a plan replaces certificates, as the example does', async () => {
    const { status, out } = await lpe(['rehearse', 'examples/plans/new-authority.yaml']);
    assert.equal(status, 0, out);
    assert.match(out, /^CX600 4\.0\.7577\.4463, PIN, signed-in +FAILED at connecting\nCX600 4\.0\.7577\.4463, PIN, reset +signed in\nCX600 4\.0\.7577\.107, PIN, reset +FAILED at /m);
    assert.match(out, /screen +\| Connecting to Lync Server\.\.\./);
  });

  it('tells phones in the office from those outside', async () => {
    const { status, out } = await lpe(['rehearse', 'examples/plans/outside.yaml']);
    assert.equal(status, 0, out);
    assert.match(out, /CX600 4\.0\.7577\.4463, PIN, outside +FAILED at rootChain/);
    assert.match(out, /5 cells: 3 signed in, 2 failed; all as expected\./);
  });

  it('tells who gets to Exchange and who does not, as the example does', async () => {
    const { status, out } = await lpe(['rehearse', 'examples/plans/exchange.yaml']);
    assert.equal(status, 0, out);
    assert.match(out, /^CX600 4\.0\.7577\.4463, PIN +signed in\nCX600 4\.0\.7577\.4463, USB-tethered +DEGRADED$/m);
    assert.match(out, /USB-tethered at exchange: degraded: signed in, but without Exchange\n {2}screen +\| Connection to Microsoft Exchange is unavailable\./);
    assert.match(out, /-InferCertChainFromSSL \$false$/m);
  }).timeout(30_000);

  it('refuses to replace a certificate that the topology does not have, or by what cannot be one', async () => {
    const replaced = (name: string, change: object) => plan('replaced.yaml', { targets: { lab: { lab: 'contoso.yaml', replacedCertificates: { [name]: change } } } });
    for (const [name, change, trouble] of [
      ['none', {}, /replacedCertificates\.none: This lab has no certificate "none"\. \[plan\/invalid\]/],
      ['front-end', { hash: 'crc32' }, /replacedCertificates\.front-end: .*hash: expected one of .* \[plan\/invalid\]/],
    ] as const) {
      const { status, err } = await lpe(['rehearse', replaced(name, change)]);
      assert.equal(status, 2);
      assert.match(err, trouble);
    }
  });

  it('has status 1 when a cell is not as expected, and when Ctrl-C comes keeps what is done, with status 3', async () => {
    const interrupt = new AbortController();
    const unexpected = plan('unexpected.yaml', { phones: [{ firmware: '4.0.7577.4100', signIn: 'pin' }], expect: [{ phone: {}, outcome: 'failed' }] });
    const many = plan('many.yaml', { phones: Array.from({ length: 40 }, () => phones[1]) });
    const [wrong, interrupted] = await Promise.all([
      lpe(['rehearse', unexpected]),
      lpe(['rehearse', many, '--json', folder.file('part.json'), '--junit', folder.file('part.xml')], {
        interactive: true, signal: interrupt.signal, err: (text) => { if (text.startsWith('[3/40]')) interrupt.abort(); },
      }),
    ]);
    assert.equal(wrong.status, 1);
    assert.match(wrong.out, /signed in \*\n[^]*1 not as expected \(marked \*\)/);
    assert.equal(interrupted.status, 3);
    assert.match(interrupted.err, /^Starting the labs \.\.\.\n\[1\/40\] PC windows-lync-2010, AD credentials at lab: signed-in\n/);
    const { runs, summary } = report('part.json');
    assert.ok(runs.length >= 3 && runs.length < 40, String(runs.length));
    assert.deepEqual([summary.runs, summary.planned], [runs.length, 40]);
    assert.match(interrupted.out, new RegExp(`\nInterrupted: ${runs.length} of 40 cells are done: ${runs.length} signed in, 0 failed; all as expected\\.`));
    assert.equal(parseXml(readFileSync(folder.file('part.xml'), 'utf8')).attribute('tests'), String(runs.length));
  });

  it('says so when Ctrl-C comes before anything is done', async () => {
    const { status, out } = await lpe(['rehearse', plan('early.yaml'), '--json', folder.file('none.json')], { signal: AbortSignal.abort() });
    assert.equal(status, 3);
    assert.match(out, /^small\n\nInterrupted: none of 2 cells is done\. \d\.\d s\n$/);
    assert.deepEqual(report('none.json').runs, []);
  });

  it('looks at its files before it begins', async () => {
    for (const [option, file, subject, trouble] of [
      ['--junit', '.', '.', 'it is a folder'], ['--json', 'contoso.yaml/report.json', 'contoso.yaml', 'it is no folder'], ['--json', 'contoso.yaml/new/report.json', 'contoso.yaml/new', 'a part of its path is no folder'],
    ] as const) {
      const { status, out, err } = await lpe(['rehearse', folder.file('plan.yaml'), option, folder.file(file)]);
      assert.deepEqual([status, out, err], [2, '', `lpe: ${folder.file(subject)} cannot be written: ${trouble}. [output/unwritable]\nName a file in a folder that is there and that you may write to.\n`]);
    }
    assert.equal((await lpe(['rehearse', folder.file('plan.yaml'), '--json', '/dev/null'])).err, 'lpe: /dev/null cannot be written: it is no ordinary file. [output/unwritable]\nName a file in a folder that is there and that you may write to.\n');
  });

  for (const [what, text, sentence] of [
    ['an empty plan', '', /plan\.yaml is empty\. \[plan\/invalid\]/],
    ['a plan that is not YAML', 'a: [', /is not YAML: .* at line 1, column \d+\. \[plan\/not-yaml\]/],
    ['a plan that is something else', 'hello', /is wrong at its top: .*expected a mapping.* \[plan\/invalid\]/],
    ['a target that is not there', stringify({ schema: 1, name: 'x', targets: { a: { lab: 'none.yaml' } }, phones }), /none\.yaml cannot be read: there is no such file or folder\. \[topology\/unreadable\]/],
    ['an account that is not there', stringify({ schema: 1, name: 'x', targets: { a: { lab: 'contoso.yaml' } }, phones, accounts: { x: { sipUri: 'sip:x@contoso.lab' } } }), /No account of the plan can sign in at a: contoso\.yaml has the users sip:alice@contoso\.lab, sip:bob@contoso\.lab\. \[plan\/unknown-account\]/],
    ['a build that is not known', stringify({ schema: 1, name: 'x', targets: { a: { lab: 'contoso.yaml' } }, phones: [{ firmware: '1', signIn: 'pin' }] }), /no firmware profile for the build "1"; .* \[profile\/unknown-build\]/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { status, out, err } = await lpe(['rehearse', folder.write('wrong-plan.yaml', text)]);
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, sentence);
    });
  }

  it('ends the cells under way when one cannot be run', async () => {
    const [alice] = contoso().users;
    folder.topology('no-pin.yaml', { users: [{ ...alice, pin: undefined }] });
    const { status, out, err } = await lpe(['rehearse', plan('no-pin-plan.yaml', { targets: { lab: { lab: 'no-pin.yaml' } } })]);
    assert.deepEqual([status, out], [2, '']);
    assert.match(err, /sip:alice@contoso\.lab has no PIN or no line URI in the topology, .* \[rehearsal\/no-pin\]\n/);
  });
});
