import assert from 'node:assert/strict';
import type { Topology } from '../../src/lab/topology-schema.js';
import { deployment } from './deployment.js';
import { bothRoutes, labOf, signInAt, topology } from './sign-in.js';

const pool = 'pool01.contoso.example';
const base = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: ['sip.contoso.example', pool] });

/** The same deployment with TLS 1.0 and 1.1 switched off for one of its services. */
function without(service: 'registrar' | 'web'): Topology {
  return topology({
    ...base, servers: base.servers.map((server) => (server[service] === undefined ? server : { ...server, [service]: { ...server[service], minimumTls: 'TLSv1.2' } })),
  });
}

describe('observation tls-1.0-only', () => {
  const registrar = labOf(without('registrar'));
  const web = labOf(without('web'));

  for (const [firmware, signIn] of [['4.0.7577.107', 'pin'], ['4.0.7577.4463', 'tethered']] as const) {
    it(`keeps a ${firmware} out, by ${signIn}, where the registrar speaks TLS 1.2 only`, async () => {
      const verdict = await signInAt(registrar(), { firmware, signIn });
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.cause?.rule], ['failed', 'connecting', 'tls-failed']);
      assert.match(verdict.cause?.sentence ?? '', /^The TLS handshake with sip\.contoso\.example:5061 failed: .*protocol_version/);
      assert.equal(verdict.confidence, 'documented');
      assert.deepEqual(verdict.evidence, ['ce6-ssl', 'sfbo-phones', 'thamaraw-2018']);
      assert.match(verdict.remedy?.sentence ?? '', /TLS 1\.0/);
    });
  }

  for (const signIn of bothRoutes) {
    it(`keeps a phone out, by ${signIn}, where the web services speak TLS 1.2 only: the first TLS leg`, async () => {
      const verdict = await signInAt(web(), { firmware: '4.0.7577.4100', signIn });
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.cause?.rule], ['failed', 'webTicket', 'tls-failed']);
      assert.match(verdict.cause?.sentence ?? '', /^The TLS handshake with pool01\.contoso\.example:443 failed: .*protocol_version/);
    });
  }

  it('lets the Windows client in at both', async () => {
    for (const lab of [registrar(), web()]) {
      assert.equal((await signInAt(lab, { firmware: 'windows-lync-2010', signIn: 'typed' })).outcome, 'signed-in');
    }
  });
});
