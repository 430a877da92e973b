import assert from 'node:assert/strict';
import { topologySchema, type Topology } from '../../src/lab/topology-schema.js';
import { deployment } from './deployment.js';
import { labOf, signInAt } from './sign-in.js';

const pool = 'pool01.contoso.example';
const silent = deployment({ sipDomain: 'contoso.example', pool, srvTarget: pool, registrarNames: [pool] });
/** The DHCP server of the network hands out addresses, and knows nothing of phones. */
const withoutOptions = { ...silent, dhcp: { ...silent.dhcp, option43: null, option120: null } };
const answering = ({ servers, ...rest }: Topology) => topologySchema.parse({
  ...rest, servers: servers.map((server) => (server.registrar === undefined ? server : { ...server, registrar: { ...server.registrar, EnableDHCPServer: true } })),
});
const firmware = '4.0.7577.4100';

describe('A Registrar with EnableDHCPServer', () => {
  const off = labOf(withoutOptions);
  const on = labOf(answering(withoutOptions));

  it('tells phones what the DHCP server does not: by PIN they stay out without it and sign in with it', async () => {
    const without = await signInAt(off(), { firmware, signIn: 'pin' });
    assert.deepEqual([without.cause?.rule, without.cause?.id, without.screen], ['web-service-unknown', 'LPE004', ['Unable to locate Lync Certificate Web service']]);
    assert.ok(without.remedy?.commands.some((command) => command.includes('-EnableDHCPServer $true')));
    const start = on().trace.events.length;
    assert.equal((await signInAt(on(), { firmware, signIn: 'pin' })).outcome, 'signed-in');
    const told = on().trace.events.slice(start).flatMap((event) => (event.layer === 'dhcp' && event.direction === 'sent' ? [event.summary] : []));
    assert.ok(told.includes(`DHCPACK option 43: ${pool}, option 120: ${pool}`), told.join('\n'));
  });
});
