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

  function runSuite(options: string) {
    writeFileSync(join(folder, 'pool.test.mjs'), `import { describeSignIn } from '${pathToFileURL(built('mocha.js')).href}';\ndescribeSignIn('${join(folder, 'plan.yaml')}', ${options});\n`);
    const mocha = [resolve('node_modules/mocha/bin/mocha.js'), '--no-package', '--reporter', 'json', join(folder, 'pool.test.mjs')];
    const { status, stdout } = spawnSync(process.execPath, mocha, { encoding: 'utf8' });
    return { status, ...JSON.parse(stdout) as { failures: { fullTitle: string; err: { message: string } }[] } };
  }

  it('makes a cell that is not as the plan expects a failed test with cause and ladder', () => {
    const { status, failures } = runSuite('{}');
    assert.equal(status, 1);
    assert.equal(failures[0]?.fullTitle, 'A pool CX600 4.0.7577.4100, PIN, sip:alice@contoso.lab at lab');
    assert.match(failures[0].err.message, /^Expected failed, got signed-in at signedIn\.\n[^]*REGISTER sip:contoso\.lab/);
  });

  it('lets a certificate policy in code judge', () => {
    assert.equal(runSuite("{ certificatePolicy: () => ({ accepted: false, checks: [], onRefusal: 'silent-close' }) }").status, 0);
  });
});
