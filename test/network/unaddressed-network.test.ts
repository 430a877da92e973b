import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Network } from '../../src/network/network.js';
import { UnaddressedNetwork } from '../../src/network/unaddressed-network.js';
import { udpPeer } from './udp-peer.js';

const { signal } = new AbortController();
const [dhcp, dns, web] = [{ address: '255.255.255.255', port: 67 }, { address: '10.0.0.2', port: 53 }, { address: '10.0.0.10', port: 443 }];
const lease = { address: '10.0.0.100', nameServers: ['10.0.0.2'], domainName: 'contoso.lab' };

/** What answers a phone in a VLAN: to a broadcast before it has an address and after, and to it alone; else the code of the failure. */
async function reached(network: Network): Promise<string[]> {
  const leased = network.withLease?.(lease) ?? network;
  const first = async (from: Network, to: typeof dns) => {
    for await (const answer of from.datagrams(to, Buffer.from('x'), { signal })) return answer.toString();
    return 'nobody';
  };
  const connected = async () => {
    const socket = await leased.connect(web, { signal });
    socket.destroy();
    return 'web';
  };
  const codeOf = (error: unknown) => (error as { code: string }).code;
  return [await first(network, dhcp), await first(leased, dhcp), await first(leased, dns).catch(codeOf), await connected().catch(codeOf)];
}

describe('A network where the phone has no address yet', () => {
  const close: (() => unknown)[] = [];
  let forward: Map<string, { address: string; port: number }[]>;
  before(async () => {
    const [dhcpServer, dnsServer] = await Promise.all(['dhcp', 'dns'].map((name) => udpPeer(() => [Buffer.from(name)])));
    const webServer = createServer((socket) => { socket.on('error', () => undefined); }).listen(0, '127.0.0.1');
    await once(webServer, 'listening');
    assert.ok(dhcpServer && dnsServer);
    forward = new Map([
      ['255.255.255.255:67/udp', [dhcpServer]], ['10.0.0.2:53/udp', [dnsServer]], ['10.0.0.10:443/tcp', [{ address: '127.0.0.1', port: (webServer.address() as AddressInfo).port }]],
    ]);
    close.push(() => dhcpServer.close(), () => dnsServer.close(), () => { webServer.close(); });
  });
  after(async () => { for (const each of close) await each(); });

  const everything = ['dhcp', 'dhcp', 'dns', 'web'];

  it('leads everywhere from every VLAN, unless it says which there are', async () => {
    const network = new UnaddressedNetwork({ forward });
    assert.deepEqual(await reached(network), everything);
    assert.deepEqual(await reached(network.inVlan(100)), everything);
  });

  it('leads everywhere from a VLAN that is routed, to DHCP alone from one that is not, and nowhere from any other', async () => {
    const network = new UnaddressedNetwork({ forward, vlans: [{ id: 0, routed: false }, { id: 100, routed: true }] });
    assert.deepEqual(await reached(network), ['dhcp', 'dhcp', 'network/no-route', 'network/no-route']);
    assert.deepEqual(await reached(network.inVlan(100)), everything);
    assert.equal((await reached(network.inVlan(200)))[0], 'nobody');
  });
});
