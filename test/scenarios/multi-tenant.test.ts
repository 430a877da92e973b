import assert from 'node:assert/strict';
import { deployment } from './deployment.js';
import { bothRoutes, labOf, seen, signInAt } from './sign-in.js';

const names = { sipDomain: 'fabrikam.example', pool: 'pool01.hoster.example', srvTarget: 'sip.hoster.example' };

describe('observation june-2012-all-wildcard-multi-tenant', () => {
  const everywhere = labOf(deployment({ ...names, registrarCommonName: '*.hoster.example', registrarNames: ['*.hoster.example'] }));
  const spelt = labOf(deployment({ ...names, registrarNames: [names.pool, names.srvTarget] }));

  for (const route of bothRoutes) {
    it(`fails a phone of June 2012, by ${route}, where every server has a wildcard of the hoster's domain and the tenant a SIP domain of its own`, async () => {
      const start = everywhere().trace.events.length;
      const verdict = await signInAt(everywhere(), { firmware: '4.0.7577.4100', signIn: route });
      assert.equal(verdict.outcome, 'failed');
      assert.equal(verdict.stage, 'connecting');
      assert.match(verdict.cause?.sentence ?? '', /sip\.hoster\.example, matched by the wildcard \*\.hoster\.example, lies outside the SIP domain fabrikam\.example/);
      assert.equal(verdict.confidence, 'inferred');
      assert.equal(verdict.disputed, true);
      assert.ok(seen(everywhere(), start).unfinishedHandshake);
    });

    it(`lets it in, by ${route}, with a certificate from the same root that spells the names out`, async () => {
      assert.equal((await signInAt(spelt(), { firmware: '4.0.7577.4100', signIn: route })).outcome, 'signed-in');
    });
  }
});
