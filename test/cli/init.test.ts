import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { loadPlan } from '../../src/rehearsal/plan.js';
import { lpe, WorkFolder } from './command-line.js';

describe('lpe init', () => {
  let folder: WorkFolder;
  before(() => { folder = new WorkFolder(); });
  after(() => { folder.remove(); });

  it('writes a plan from flags that rehearse takes as it is', async () => {
    folder.topology();
    const file = folder.file('lab plan.yaml');
    const lab = relative(process.cwd(), folder.file('contoso.yaml'));
    const { status, out } = await lpe(['init', file, '--account', 'alice@contoso.lab', '--number', '100', '--lab', lab, '--firmware', '4.0.7577.4463']);
    assert.deepEqual([status, out], [0, `Wrote ${file}. Next: lpe rehearse "${file}"\n`]);
    assert.equal((await lpe(['rehearse', file])).status, 0);
  });

  it('asks for what it needs at a terminal', async () => {
    const file = folder.file('asked.yaml');
    const answers = ['sip:alice@contoso.com', '100', '', 'lync.contoso.com', 'sip.contoso.com', ''];
    const asked: string[] = [];
    const { status } = await lpe(['init', file], { ask: (question) => { asked.push(question); return Promise.resolve(answers.shift() ?? ''); } });
    assert.equal(status, 0);
    assert.equal(asked.length, 6);
    const plan = loadPlan(file);
    assert.deepEqual(plan.targets['production']?.live?.dhcpOptions, { webServer: 'lync.contoso.com', registrar: 'sip.contoso.com' });
    assert.equal(plan.phones.length, 3);
  });

  it('never writes over a file unless told to, and nothing for wrong input', async () => {
    const file = folder.write('mine.yaml', 'mine\n');
    const account = ['--account', 'sip:alice@contoso.com'];
    for (const [args, sentence] of [
      [[file, ...account], /mine\.yaml is there already\. \[output\/exists\]\nName another file/],
      [[folder.file('new.yaml')], /A plan needs an account to sign in with\. \[usage\/no-account\]/],
      [[folder.file('new.yaml'), '--account', 'alice'], /^lpe: alice is no SIP address of a user\. \[usage\/no-account\]\nIt takes user and SIP domain/],
      [[folder.file('new.yaml'), ...account, '--web', 'https://lync.contoso.com'], /It takes a full name/],
      [[folder.file('new.yaml'), ...account, '--firmware', '9'], /no firmware profile for the build "9"/],
      [[folder.file('new.yaml'), ...account, '--lab', folder.file('gone.yaml')], /gone\.yaml cannot be read: .* \[topology\/unreadable\]/],
    ] as const) {
      const { status, err } = await lpe(['init', ...args]);
      assert.equal(status, 2);
      assert.match(err, sentence);
    }
    assert.equal(readFileSync(file, 'utf8'), 'mine\n');
    assert.equal((await lpe(['init', file, ...account, '--force'])).status, 0);
  });
});
