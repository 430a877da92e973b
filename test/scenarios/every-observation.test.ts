import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** What still waits for parts of the device or the lab that do not exist yet. */
const waiting = new Map<string, string>();

describe('Every field observation', () => {
  const { observations } = parse(readFileSync('firmware-profiles/evidence/field-observations.yaml', 'utf8')) as { observations: { id: string }[] };
  const tests = readdirSync('test/scenarios').filter((file) => file.endsWith('.test.ts'))
    .map((file) => readFileSync(`test/scenarios/${file}`, 'utf8')).join('\n');
  const run = new Set([...tests.matchAll(/describe\('observation ([\w.-]+)'/g)].map(([, id]) => id));

  for (const { id } of observations) {
    const reason = waiting.get(id);
    it(`${id} ${reason === undefined ? 'runs as a scenario' : `waits: ${reason}`}`, () => {
      assert.equal(run.has(id), reason === undefined, reason === undefined ? 'no scenario runs it' : 'it runs: take it off the waiting list');
    });
  }

  it('has no scenario for an observation that nobody made', () => {
    assert.deepEqual([...run].filter((id) => !observations.some((observation) => observation.id === id)), []);
  });
});
