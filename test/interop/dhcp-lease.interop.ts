import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint, Network } from '../../src/network/network.js';
import { UnaddressedNetwork } from '../../src/network/unaddressed-network.js';
import { acquireAddress } from '../../src/phone/address.js';
import type { DhcpLease } from '../../src/phone/dhcp-lease.js';
import { discover } from '../../src/phone/discovery.js';
import { renewLease } from '../../src/phone/lease-renewal.js';
import type { StepTools } from '../../src/phone/steps.js';
import { learnVlan } from '../../src/phone/voice-vlan.js';
import { stepTools } from '../phone/step-tools.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';
import { dnsmasqOrSkip, phoneOptions, startDnsmasq } from './dnsmasq.js';

const relayAddress = '127.0.0.2';
const giaddrAt = 24;

/**
 * A DHCP relay (RFC 1542 section 4), as the router of a phone VLAN is one: what phones broadcast goes to the server, and its replies back. What a
 * phone sends to the server alone is routed (`direct`). Replies come to any of `replies`, those to a phone itself to the last.
 */
async function startRelay(server: Endpoint, replies: readonly Endpoint[]): Promise<{ broadcasts: Endpoint; direct: Endpoint; close: () => void }> {
  const upstream = await Promise.all(replies.map((each) => bound(each)));
  const [broadcasts, direct] = [await bound({ address: '127.0.0.1', port: 0 }), await bound({ address: '127.0.0.1', port: 0 })];
  const waiting = new Map<number, (reply: Buffer) => void>();
  const pass = (from: Socket, to: Socket | undefined, relayed: boolean) => {
    from.on('message', (message, { port }) => {
      waiting.set(message.readUInt32BE(4), (reply) => { from.send(reply, port, '127.0.0.1'); });
      if (relayed) message.set(relayAddress.split('.').map(Number), giaddrAt);
      to?.send(message, server.port, server.address);
    });
  };
  pass(broadcasts, upstream[0], true);
  pass(direct, upstream.at(-1), false);
  for (const socket of upstream) socket.on('message', (reply) => { waiting.get(reply.readUInt32BE(4))?.(reply); });
  const at = (socket: Socket) => ({ address: '127.0.0.1', port: socket.address().port });
  return { broadcasts: at(broadcasts), direct: at(direct), close: () => { for (const socket of [...upstream, broadcasts, direct]) socket.close(); } };
}

async function bound({ address, port }: Endpoint): Promise<Socket> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true }).bind(port, address);
  await once(socket, 'listening');
  return socket;
}

interface Daemon {
  stop(): Promise<void>;
}

interface Server {
  find: (context: Mocha.Context) => string;
  /** Where its answers come: to a relay, then to the phone itself. */
  replies: (server: number, client: number) => Endpoint[];
  /** Whether it refuses to renew what it did not give, or says nothing. */
  refuses: boolean;
  start: (path: string, ports: [server: number, client: number], folder: string) => Promise<Daemon>;
}

/** As an administrator writes it: the servers make the bytes of the options themselves. A lease lasts an hour. */
const servers: Record<string, Server> = {
  dnsmasq: {
    find: dnsmasqOrSkip, refuses: true, replies: (server, client) => [{ address: relayAddress, port: server }, { address: '0.0.0.0', port: client }],
    start: (path, dhcpPorts, folder) => {
      const file = join(folder, 'dnsmasq.conf');
      writeFileSync(file, `${phoneOptions}
dhcp-authoritative
dhcp-option=option:router,127.0.0.1
dhcp-option=option:dns-server,127.0.0.53
dhcp-option=vendor:CPE-OCPHONE,10,100i
`);
      return startDnsmasq(path, { file, dhcpPorts, dhcpRange: '127.0.1.10,127.0.1.20,255.0.0.0,1h' });
    },
  },
  Kea: {
    find: (context) => {
      const path = programOrSkip(context, 'kea-dhcp4', 'kea-dhcp4-server');
      if (process.getuid?.() === 0) return path;
      console.log('    Skipped: Kea serves DHCP only when it is started by root.');
      return context.skip();
    },
    refuses: false,
    // It answers DHCPINFORM to the phone itself (RFC 2131 section 4.3.5), and all of 127.0.0.0/8 is here.
    replies: (_, port) => [{ address: '0.0.0.0', port }],
    start: (path, [serverPort, clientPort], folder) => {
      const file = join(folder, 'kea.json');
      const vendor = (code: number, data: string) => ({ space: 'provisioning', name: `sub${code}`, code, data });
      const string = (code: number) => ({ space: 'provisioning', name: `sub${code}`, code, type: 'string' });
      const option43 = { 'name': 'vendor-encapsulated-options' };
      writeFileSync(file, JSON.stringify({ Dhcp4: {
        'interfaces-config': { 'interfaces': ['lo'], 'dhcp-socket-type': 'udp' },
        'lease-database': { type: 'memfile', persist: false },
        'valid-lifetime': 3600,
        'multi-threading': { 'enable-multi-threading': false },
        'loggers': [{ name: 'kea-dhcp4', output_options: [{ output: 'stdout' }], severity: 'INFO' }],
        'option-def': [{ name: 'sip-servers', code: 120, type: 'binary', space: 'dhcp4' }, { name: 'id', code: 10, space: 'vlan', type: 'uint16' }, ...[1, 2, 3, 4, 5].map(string)],
        'client-classes': [
          {
            'name': 'vlan', 'test': "option[60].text == 'CPE-OCPHONE'",
            'option-def': [{ name: 'vendor-encapsulated-options', code: 43, type: 'empty', encapsulate: 'vlan' }],
            'option-data': [option43, { name: 'id', space: 'vlan', data: '100' }],
          },
          {
            'name': 'provisioning', 'test': "option[60].text == 'MS-UC-Client'",
            'option-def': [{ name: 'vendor-encapsulated-options', code: 43, type: 'empty', encapsulate: 'provisioning' }],
            'option-data': [
              option43, vendor(1, 'MS-UC-Client'), vendor(2, 'https'), vendor(3, 'lync.contoso.lab'), vendor(4, '443'), vendor(5, '/CertProv/CertProvisioningService.svc'),
              { 'name': 'sip-servers', 'csv-format': false, 'data': '00 03 73 69 70 07 63 6F 6E 74 6F 73 6F 03 6C 61 62 00', 'always-send': true },
            ],
          },
        ],
        'subnet4': [{
          'id': 1, 'subnet': '127.0.0.0/8', 'pools': [{ pool: '127.0.1.10 - 127.0.1.20' }],
          'option-data': [{ name: 'routers', data: '127.0.0.1' }, { name: 'domain-name-servers', data: '127.0.0.53' }, { name: 'domain-name', data: 'contoso.lab' }],
        }],
      } }));
      return startDaemon(path, ['-c', file, '-p', String(serverPort), '-P', String(clientPort)], /DHCP4_STARTED/, { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder });
    },
  },
};

for (const [name, { find, refuses, replies, start }] of Object.entries(servers)) {
  describe(`${name} boots our phone`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lpe-dhcp-'));
    let daemon: Daemon | undefined;
    let relay: Awaited<ReturnType<typeof startRelay>> | undefined;
    let network: Network;

    before(async function () {
      const path = find(this);
      const [serverPort, clientPort] = [await freePort(), await freePort()];
      daemon = await start(path, [serverPort, clientPort], folder);
      relay = await startRelay({ address: '127.0.0.1', port: serverPort }, replies(serverPort, clientPort));
      network = new UnaddressedNetwork({ forward: new Map([['255.255.255.255:67/udp', [relay.broadcasts]], ['127.0.0.1:67/udp', [relay.direct]]]) });
    });
    after(async () => {
      relay?.close();
      await daemon?.stop();
      rmSync(folder, { recursive: true });
    });

    it('with the VLAN, an address, and options 43 and 120', async () => {
      const tools = { ...stepTools(), network };
      const vlan = await learnVlan(tools);
      assert.equal(vlan?.id, 100);
      const lease = await leaseOf(tools);
      assert.match(lease.address, /^127\.0\.1\.(1\d|20)$/);
      assert.deepEqual({ ...lease, address: '' }, {
        address: '', nameServers: ['127.0.0.53'], domainName: 'contoso.lab', server: '127.0.0.1', times: { renewal: 1_800_000, rebinding: 3_150_000, expiry: 3_600_000 },
      });
      const { certProvUrl, sipServer } = await discover({ ...tools, network: network.withLease?.(lease) ?? network });
      assert.deepEqual([certProvUrl, sipServer], ['https://lync.contoso.lab:443/CertProv/CertProvisioningService.svc', 'sip.contoso.lab']);
    });

    it(`and renews its lease, asked alone or with all others${refuses ? ', but refuses one that it did not give' : ''}`, async () => {
      const tools = { ...stepTools(), network };
      const lease = await leaseOf(tools);
      const renewed = (of: DhcpLease) => renewLease({ lease: of }, { ...tools, network: network.withLease?.(of) ?? network });
      const longer = await renewed(lease);
      assert.deepEqual([longer?.address, longer?.nameServers, longer?.times?.expiry], [lease.address, lease.nameServers, 3_600_000]);
      const rebinding = { ...lease, times: { renewal: 1, rebinding: 1, expiry: 60_000 } };
      assert.equal((await renewed(rebinding))?.address, lease.address);
      const asked = tools.trace.events.flatMap((event) => (event.layer === 'dhcp' && event.summary.endsWith(' for longer') ? [event.peer] : []));
      assert.deepEqual(asked, ['127.0.0.1:67', '255.255.255.255:67']);
      if (refuses) assert.equal(await renewed({ ...rebinding, address: '127.0.1.99' }), undefined);
    });
  });
}

async function leaseOf(tools: StepTools): Promise<DhcpLease> {
  const lease = await acquireAddress({ vlan: undefined }, tools);
  assert.ok(lease);
  return lease;
}
