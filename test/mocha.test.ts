import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { built } from './built.js';
import { smallTopology } from './lab/small-topology.js';

describe('describeSignIn', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-mocha-'));
  after(() => { rmSync(folder, { recursive: true }); });

  before(() => {
    writeFileSync(join(folder, 'topology.yaml'), stringify(smallTopology()));
    writeFileSync(join(folder, 'plan.yaml'), stringify({
      schema: 1, name: 'A pool', targets: { lab: { lab: 'topology.yaml' } }, phones: [{ firmware: '4.0.7577.4100', signIn: 'pin' }], expect: [{ outcome: 'failed' }],
    }));
  });

  it('makes a cell that is not as the plan expects a failed test with cause and ladder, and lets a certificate policy in code judge', () => {
    writeFileSync(join(folder, 'pool.test.mjs'), `import { describeSignIn } from '${pathToFileURL(built('mocha.js')).href}';
describeSignIn('plan.yaml');
describeSignIn('plan.yaml', { certificatePolicy: () => ({ accepted: false, checks: [], onRefusal: 'silent-close' }) });`);
    const mocha = [resolve('node_modules/mocha/bin/mocha.js'), '--no-package', '--reporter', 'json', 'pool.test.mjs'];
    const { status, stdout } = spawnSync(process.execPath, mocha, { cwd: folder, encoding: 'utf8' });
    const { passes, failures } = JSON.parse(stdout) as Record<'passes' | 'failures', { fullTitle: string; err: { message: string } }[]>;
    const title = 'A pool CX600 4.0.7577.4100, PIN, sip:alice@contoso.lab at lab';
    assert.deepEqual([status, failures.map(({ fullTitle }) => fullTitle), passes.map(({ fullTitle }) => fullTitle)], [1, [title], [title]]);
    assert.match(failures[0]?.err.message ?? '', /^Expected failed, got signed-in at signedIn\.\n[^]*REGISTER sip:contoso\.lab/);
  });
});
