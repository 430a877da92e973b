import { strict as assert } from 'node:assert';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadMemory, saveMemory } from '../../src/phone/memory-file.js';
import { factoryReset, fresh, hardReset, usableCertificate, withoutUser, type PhoneMemory } from '../../src/phone/memory.js';
import { candidate, clientCertificate, directoryRootDer, rootDer, tethered } from './fake-steps.js';

const full: PhoneMemory = {
  firmware: '4.0.7577.4100', downloadedRoots: [rootDer], directoryRoots: [directoryRootDer], intermediates: [Buffer.from([0, 255])],
  clientCertificate: clientCertificate(1_800_000_000_000), credentials: tethered, lastRegistrar: candidate('sip.contoso.lab'), reboots: 2,
  lock: { policy: { enforced: true, minimumPinLength: 6, timeoutMinutes: 10 }, pin: '246810' },
};

describe('A phone\'s memory', () => {
  it('loses all but the build in a hard reset, and goes back to the factory\'s build in a factory reset', () => {
    assert.deepEqual(hardReset(full), fresh('4.0.7577.4100'));
    assert.deepEqual(factoryReset('4.0.7577.107'), fresh('4.0.7577.107'));
  });

  it('keeps the roots when the user goes', () => {
    assert.deepEqual(withoutUser(full), { ...full, clientCertificate: undefined, credentials: undefined, lastRegistrar: undefined, lock: undefined });
  });

  it('holds a certificate usable for as long as it has an hour to go', () => {
    const { notAfter } = clientCertificate(1_800_000_000_000);
    assert.equal(usableCertificate(full, notAfter - 3_600_000), full.clientCertificate);
    assert.equal(usableCertificate(full, notAfter - 3_599_999), undefined);
    assert.equal(usableCertificate(fresh('4.0.7577.107'), 0), undefined);
  });
});

describe('A phone\'s memory in a file', () => {
  let folder: string;
  const file = () => join(folder, 'memory.json');
  before(() => { folder = mkdtempSync(join(tmpdir(), 'phone-memory-')); });
  after(() => { rmSync(folder, { recursive: true }); });

  for (const [name, memory] of [['full', full], ['fresh', fresh('4.0.7577.107')]] as const) {
    it(`comes back as it was saved (${name}), readable by its owner only, and leaves nothing else behind`, () => {
      saveMemory(memory, file());
      assert.deepEqual(loadMemory(file()), memory);
      assert.equal(statSync(file()).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(folder), ['memory.json']);
    });
  }

  it('replaces a file that others could read by one that they cannot', () => {
    writeFileSync(file(), '{}', { mode: 0o644 });
    saveMemory(full, file());
    assert.equal(statSync(file()).mode & 0o777, 0o600);
  });

  it('is not written in part where it cannot be written', () => {
    const nowhere = join(folder, 'missing', 'memory.json');
    assert.throws(() => { saveMemory(full, nowhere); }, { code: 'output/unwritable', message: /memory\.json cannot be written: there is no such file or folder\.$/ });
    assert.deepEqual(readdirSync(folder), ['memory.json']);
  });

  it('is refused with a sentence when the file is missing, not JSON, or something else', () => {
    assert.throws(() => loadMemory(join(folder, 'none.json')), { code: 'memory/unreadable', message: /there is no such file/ });
    const cases: [string, string, RegExp][] = [
      ['{"password": "hunter2', 'memory/not-json', /^The phone memory .* is not JSON\.$/],
      ['[]', 'memory/invalid', /at its top/],
      [JSON.stringify({ ...saved(), schema: 2 }), 'memory/invalid', /at schema/],
      [JSON.stringify({ ...saved(), downloadedRoots: ['***'] }), 'memory/invalid', /at downloadedRoots\.0/],
      [JSON.stringify({ ...saved(), lastRegistrar: { ...full.lastRegistrar, port: 70_000 } }), 'memory/invalid', /at lastRegistrar\.port/],
      [JSON.stringify({ ...saved(), surprise: true }), 'memory/invalid', /surprise/],
    ];
    for (const [text, code, message] of cases) {
      writeFileSync(file(), text);
      assert.throws(() => loadMemory(file()), { code, message });
      assert.throws(() => loadMemory(file()), (error: Error) => !error.message.includes('hunter2'));
    }
  });

  function saved(): Record<string, unknown> {
    saveMemory(full, file());
    return JSON.parse(readFileSync(file(), 'utf8')) as Record<string, unknown>;
  }
});
