import assert from 'node:assert/strict';
import { deployment } from './deployment.js';
import { labOf, profiles, signInAt, topology } from './sign-in.js';

const pool = 'pool01.contoso.example';
const healthy = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] });
const phones = profiles.behaviours().filter((build) => profiles.get(build).profile.kind === 'phone');

describe('observation option-43-missing', () => {
  const lab = labOf(topology({ ...healthy, dhcp: { ...healthy.dhcp, option43: null } }));
  for (const firmware of phones) {
    it(`stops ${firmware} by PIN with the documented message, and not tethered`, async () => {
      const verdict = await signInAt(lab(), { firmware, signIn: 'pin' });
      assert.equal(verdict.outcome, 'failed');
      assert.equal(verdict.stage, 'rootChain');
      assert.equal(verdict.cause?.rule, 'web-service-unknown');
      assert.deepEqual(verdict.screen, ['Unable to locate Lync Certificate Web service']);
      assert.equal(verdict.confidence, 'documented');
      assert.equal((await signInAt(lab(), { firmware, signIn: 'tethered' })).outcome, 'signed-in');
    });
  }
});

describe('observation chain-download-disabled', () => {
  const lab = labOf(topology({ ...healthy, policy: { ...healthy.policy, EnableCertChainDownload: false } }));
  for (const firmware of phones) {
    it(`stops ${firmware} by PIN with the documented message`, async () => {
      const verdict = await signInAt(lab(), { firmware, signIn: 'pin' });
      assert.equal(verdict.outcome, 'failed');
      assert.equal(verdict.stage, 'rootChain');
      assert.equal(verdict.cause?.rule, 'chain-download-empty');
      assert.deepEqual(verdict.screen, ['Error downloading certificate chain from OCS Registrar. Please try again']);
      assert.equal(verdict.confidence, 'documented');
    });
  }
});
