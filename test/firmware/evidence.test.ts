import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { loadProfiles } from '../../src/firmware/loader.js';
import { catalogue } from '../../src/rehearsal/diagnosis/catalogue.js';

interface Observation { id: string; builds: string[]; evidence: string[]; confidence: string; given: string; expect: unknown }

const store = loadProfiles();
const folder = new URL('../../firmware-profiles/', import.meta.url);
const text = readFileSync(new URL('evidence/field-observations.yaml', folder), 'utf8');
const { observations } = parse(text) as { observations: Observation[] };

describe('the evidence', () => {
  it('behind each field observation is a declared source', () => {
    assert.equal(new Set(observations.map(({ id }) => id)).size, observations.length);
    for (const { id, builds, evidence, confidence, given, expect } of observations) {
      assert.ok(evidence.length > 0 && evidence.every((each) => store.sources.has(each)), id);
      assert.ok(['observed', 'documented', 'disputed'].includes(confidence), id);
      assert.ok(given !== '' && expect != null && builds.length > 0, id);
      for (const build of builds.filter((each) => /^\d/.test(each))) assert.ok(store.builds().includes(build), `${id}: ${build}`);
    }
  });

  it('has the observations that the suite runs end to end', () => {
    const ids = observations.map(({ id }) => id);
    for (const id of ['wildcard-covers-sip-name', 'exact-san-added', 'single-namespace', 'june-2012-wildcard', 'june-2012-all-wildcard-multi-tenant', 'beta-pin-reboot-loop',
      'strict-dns-naming', 'option-43-missing', 'chain-download-disabled']) assert.ok(ids.includes(id), id);
  });

  it('lists no source that nothing cites', () => {
    const cited = new Set([...[...observations, ...catalogue].flatMap(({ evidence }) => evidence), 'rfc-5280']);
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('evidence' in value && Array.isArray(value.evidence)) for (const id of value.evidence) cited.add(String(id));
      Object.values(value).forEach(walk);
    };
    for (const build of [...store.builds(), 'lync-phone-edition']) walk(parse(readFileSync(new URL(`${build}.yaml`, folder), 'utf8')));
    assert.deepEqual([...store.sources.keys()].filter((id) => !cited.has(id)), []);
  });
});
