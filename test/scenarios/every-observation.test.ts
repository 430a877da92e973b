import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

describe('Every field observation', () => {
  const { observations } = parse(readFileSync('firmware-profiles/evidence/field-observations.yaml', 'utf8')) as { observations: { id: string }[] };
  const tests = readdirSync('test/scenarios').filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(`test/scenarios/${file}`, 'utf8')).join('\n');
  const run = new Set([...tests.matchAll(/describe\('observation ([\w.-]+)'/g)].map(([, id]) => id));

  for (const { id } of observations) {
    it(`${id} runs as a scenario`, () => { assert.ok(run.has(id), 'no scenario runs it'); });
  }

  it('has no scenario for an observation that nobody made', () => {
    assert.deepEqual([...run].filter((id) => !observations.some((observation) => observation.id === id)), []);
  });
});
