import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfiles } from '../../src/firmware/loader.js';
import { memoryAtStart, rehearseCell } from '../../src/rehearsal/cell.js';
import { labCredentials } from '../../src/rehearsal/lab-credentials.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import { deployment } from './deployment.js';
import { labOf, signal, topology } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const [pool, sip] = ['pool01.contoso.example', 'sip.contoso.example'];
const base = deployment({ sipDomain: 'contoso.example', pool, srvTarget: sip, registrarNames: [pool, sip] });

describe("A user's own list of public roots", () => {
  /** The certificates come from a CA that nobody has published in the directory: a public one, as far as the phone goes. */
  const lab = labOf(topology({
    ...base,
    authorities: { ...base.authorities, public: { commonName: 'A Public CA' } },
    certificates: Object.fromEntries(Object.entries(base.certificates).map(([name, spec]) => [name, { ...spec, issuer: 'public' }])),
  }));
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'public-store-'));
    mkdirSync(join(folder, 'evidence'));
    writeFileSync(join(folder, 'evidence', 'sources.yaml'), '- { id: my-list, title: The roots that were read off a phone here }\n');
    for (const [build, authority] of [['4.0.7577.4200', 'public'], ['4.0.7577.4201', 'root']]) {
      const pem = lab().rootCertificates().find(({ name }) => name === authority)?.pem ?? '';
      writeFileSync(join(folder, `${authority}.pem`), pem);
      writeFileSync(join(folder, `${build}.yaml`), `build: ${build}\nextends: 4.0.7577.4100\nname: Mine\nkind: phone\n`
        + `certificate:\n  publicRoots: { value: ${authority}.pem, confidence: observed, evidence: [my-list] }\n`);
    }
  });
  after(() => { rmSync(folder, { recursive: true }); });

  async function tethered(firmware: string, state: 'fresh' | 'reset' | 'factory-reset' = 'fresh') {
    const user = lab().topology.users[0];
    assert.ok(user !== undefined);
    const store = loadProfiles({ directories: [folder] });
    const phone = { model: 'CX600', firmware, signIn: 'tethered' as const, state };
    const cell = {
      phone, profile: store.get(firmware), builds: phoneBuilds(store, 'CX600'), network: lab().network(), credentials: labCredentials(phone, user),
      macAddress: '00-04-F2-00-01-76', keyPair: pooledKey(), signal,
    };
    return (await rehearseCell(cell, (await memoryAtStart(cell)).memory)).verdict;
  }

  it('lets a tethered phone in where it holds the root, also after a reset, and the verdict says on whose word', async () => {
    for (const state of ['fresh', 'reset'] as const) {
      const verdict = await tethered('4.0.7577.4200', state);
      assert.equal(verdict.outcome, 'signed-in', verdict.cause?.sentence);
      assert.ok(verdict.evidence.includes('my-list'));
    }
  });

  it('is lost in a factory reset, which brings the roots of the factory build back', async () => {
    const verdict = await tethered('4.0.7577.4200', 'factory-reset');
    assert.deepEqual([verdict.outcome, verdict.firmware, verdict.cause?.rule], ['failed', '4.0.7577.107', 'certificate-refused']);
  });

  it('refuses the certificate where the list holds other roots only, and no longer calls the list unverified', async () => {
    const verdict = await tethered('4.0.7577.4201');
    assert.deepEqual([verdict.outcome, verdict.cause?.rule], ['failed', 'certificate-refused']);
    assert.match(verdict.cause?.sentence ?? '', /A Public CA.* is not among the roots this phone has learnt; not in this profile's public store[.;]/);
  });
});
