import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { loadTopology, topologyWarnings } from '../../src/lab/topology.js';

const folder = new URL('../../examples/topologies/', import.meta.url);

describe('the topologies in examples/', () => {
  it('are the nine that the documentation speaks of', () => {
    assert.deepEqual(readdirSync(folder).sort(), ['contoso.yaml', 'exact-san.yaml', 'exchange.yaml', 'new-authority.yaml', 'outside.yaml', 'public-authority.yaml', 'single-namespace.yaml', 'tls-1.2-only.yaml', 'wildcard.yaml']);
  });
  for (const file of readdirSync(folder)) {
    it(`${file} is sound and has no name that leads nowhere`, () => {
      const topology = loadTopology(new URL(file, folder).pathname);
      assert.deepEqual(topologyWarnings(topology), []);
      assert.equal(`${topology.name}.yaml`, file);
    });
  }
  it('differ in the story by what the story says', () => {
    const [wildcard, exact, single] = ['wildcard', 'exact-san', 'single-namespace'].map((name) => loadTopology(new URL(`${name}.yaml`, folder).pathname));
    const names = (topology: typeof wildcard) => topology?.certificates['front-end']?.subjectAlternativeNames;
    assert.deepEqual(names(wildcard), ['lync.schertz.local', '*.mslync.net']);
    assert.deepEqual(names(exact), ['lync.schertz.local', '*.mslync.net', 'sip.mslync.net']);
    assert.deepEqual({ ...exact, certificates: {}, name: '', description: '' }, { ...wildcard, certificates: {}, name: '', description: '' });
    assert.deepEqual(single?.certificates, wildcard?.certificates);
  });
});
