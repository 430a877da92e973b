import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSecretReference } from '../../src/rehearsal/secret-reference.js';

describe('readSecretReference', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-secret-'));
  const file = join(folder, 'pin');
  after(() => { rmSync(folder, { recursive: true }); });
  const nowhere = { env: {}, ask: undefined };

  it('takes it from the environment, or says which variable is not set', async () => {
    assert.equal(await readSecretReference({ env: 'ALICE_PIN' }, 'PIN of alice', { ...nowhere, env: { ALICE_PIN: '48213' } }), '48213');
    await assert.rejects(readSecretReference({ env: 'ALICE_PIN' }, 'PIN of alice', nowhere), {
      code: 'plan/no-secret', message: 'The PIN of alice should be in the environment variable ALICE_PIN, which is not set.',
    });
  });

  it('takes it from a file that only its owner may read', async () => {
    writeFileSync(file, '48213\n', { mode: 0o600 });
    assert.equal(await readSecretReference({ file }, 'PIN of alice', nowhere), '48213');
    if (process.platform === 'win32') return;
    chmodSync(file, 0o644);
    await assert.rejects(readSecretReference({ file }, 'PIN of alice', nowhere), { code: 'plan/secret-file', hint: `chmod 600 ${file}` });
  });

  it('reads what Windows PowerShell 5.1 writes: UTF-16 by a redirection, a byte order mark with -Encoding utf8', async () => {
    for (const bytes of [Buffer.from('\uFEFF48213\r\n', 'utf16le'), Buffer.from('\uFEFF48213\r\n')]) {
      writeFileSync(file, bytes);
      chmodSync(file, 0o600);
      assert.equal(await readSecretReference({ file }, 'PIN of alice', nowhere), '48213');
    }
  });

  it('asks, where there is somebody to ask', async () => {
    assert.equal(await readSecretReference({ prompt: true }, 'PIN of alice', { env: {}, ask: (what) => Promise.resolve(what === 'PIN of alice' ? '1' : '') }), '1');
    await assert.rejects(readSecretReference({ prompt: true }, 'PIN of alice', nowhere), { code: 'plan/no-secret', message: /there is no terminal to ask at/ });
    await assert.rejects(readSecretReference({ prompt: true }, 'PIN of alice', { env: {}, ask: () => Promise.resolve('') }), { code: 'plan/no-secret', message: /nothing was typed/ });
  });
});
