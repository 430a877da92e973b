import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nextStep } from '../../src/cli/next-step.js';
import { Failure } from '../../src/failure.js';

/** What the lab finds wrong with its clients is for its trace, not for who runs a command. */
const heardByNobody = /^src\/lab\/(?:registrar|web|directory-server|ntp-server)/;

/** Codes of failures that a command can end with, as the sources name them. */
function codes(): string[] {
  const files = ['src/cli', 'src/demo', 'src/rehearsal', 'src/lab', 'src/firmware', 'src/network'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name).replaceAll('\\', '/')));
  const found = [...files, 'src/whole-file.ts', 'src/phone/memory-file.ts'].filter((file) => !heardByNobody.test(file)).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/new Failure\(\s*'([a-z0-9-]+\/[a-z-]+)'/g)].map(([, code = '']) => code));
  // Made with the area that it is told.
  const declared = ['plan', 'topology', 'profile', 'memory', 'report', 'lesson'].flatMap((area) => ['unreadable', 'not-yaml', 'invalid'].map((what) => `${area}/${what}`));
  return [...new Set([...found, ...declared])];
}

describe('The next thing to try', () => {
  it('is named by every failure that a command can end with', () => {
    assert.ok(codes().length > 50);
    assert.deepEqual(codes().filter((code) => nextStep(new Failure(code, 'No.')) === undefined), []);
  });

  it('is what the failure itself says, where it says something', () => {
    assert.equal(nextStep(new Failure('plan/invalid', 'No.', { hint: 'Do this.' })), 'Do this.');
  });

  it('is a sentence', () => {
    for (const code of codes()) assert.match(nextStep(new Failure(code, 'No.')) ?? '', /^\S.{10,118}[.:]$/, code);
  });
});
