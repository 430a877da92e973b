import assert from 'node:assert/strict';
import { deployment } from './deployment.js';
import { bothRoutes, sawUnfinishedHandshake, signIn } from './sign-in.js';

const names = { sipDomain: 'fabrikam.example', pool: 'pool01.hoster.example', srvTarget: 'sip.hoster.example' };

describe('observation june-2012-all-wildcard-multi-tenant', () => {
  for (const route of bothRoutes) {
    it(`fails a phone of June 2012, by ${route}, where every server has a wildcard of the hoster's domain and the tenant a SIP domain of its own`, async () => {
      const { verdict, lab } = await signIn(
        deployment({ ...names, registrarCommonName: '*.hoster.example', registrarNames: ['*.hoster.example'] }), { firmware: '4.0.7577.4100', signIn: route });
      assert.equal(verdict.outcome, 'failed');
      assert.equal(verdict.stage, 'connecting');
      assert.match(verdict.cause?.sentence ?? '', /sip\.hoster\.example, matched by the wildcard \*\.hoster\.example, lies outside the SIP domain fabrikam\.example/);
      assert.equal(verdict.confidence, 'inferred');
      assert.equal(verdict.disputed, true);
      assert.ok(sawUnfinishedHandshake(lab));
    });

    it(`lets it in, by ${route}, with a certificate from the same root that spells the names out`, async () => {
      const { verdict } = await signIn(
        deployment({ ...names, registrarNames: [names.pool, names.srvTarget] }), { firmware: '4.0.7577.4100', signIn: route });
      assert.equal(verdict.outcome, 'signed-in');
    });
  }
});
