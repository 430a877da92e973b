import assert from 'node:assert/strict';
import { deployment } from './deployment.js';
import { bothRoutes, labOf, signInAt } from './sign-in.js';

const pool = 'lync.schertz.local';

describe('observation strict-dns-naming', () => {
  const elsewhere = labOf(deployment({ sipDomain: 'mslync.net', pool, srvTarget: pool, registrarNames: [pool] }));
  const within = labOf(deployment({ sipDomain: 'mslync.net', pool, srvTarget: 'sip.mslync.net', registrarNames: [pool, 'sip.mslync.net'] }));
  for (const firmware of ['4.0.7577.4363', '4.0.7577.4463']) {
    it(`fails ${firmware}, tethered, where the SRV record points into another namespace`, async () => {
      const verdict = await signInAt(elsewhere(), { firmware, signIn: 'tethered' });
      assert.equal(verdict.outcome, 'failed');
      assert.equal(verdict.stage, 'connecting');
      assert.equal(verdict.cause?.rule, 'strict-dns-naming');
      assert.match(verdict.cause.sentence, /lync\.schertz\.local.*mslync\.net/);
    });

    for (const route of bothRoutes) {
      it(`lets ${firmware} in, by ${route}, where the target lies in the SIP domain`, async () => {
        assert.equal((await signInAt(within(), { firmware, signIn: route })).outcome, 'signed-in');
      });
    }
  }

  for (const route of bothRoutes) {
    it(`lets CU1 in, by ${route}, with an exact certificate and the target in another namespace`, async () => {
      assert.equal((await signInAt(elsewhere(), { firmware: '4.0.7577.107', signIn: route })).outcome, 'signed-in');
    });
  }
});
