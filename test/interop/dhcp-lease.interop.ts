import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint, Network } from '../../src/network/network.js';
import { UnaddressedNetwork } from '../../src/network/unaddressed-network.js';
import { acquireAddress } from '../../src/phone/address.js';
import { discover } from '../../src/phone/discovery.js';
import { learnVlan } from '../../src/phone/voice-vlan.js';
import { stepTools } from '../phone/step-tools.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

const relayAddress = '127.0.0.2';
const giaddrAt = 24;

/** A DHCP relay (RFC 1542 section 4), as the router of a phone VLAN is one: what phones broadcast goes to the server, and its replies, which come to `replies`, back. */
async function startRelay(server: Endpoint, replies: Endpoint): Promise<Endpoint & { close: () => void }> {
  const [phones, upstream] = [createSocket('udp4'), createSocket({ type: 'udp4', reuseAddr: true })];
  const waiting = new Map<number, number>();
  const bound = async (socket: Socket, port: number, address: string) => { socket.bind(port, address); await once(socket, 'listening'); };
  await Promise.all([bound(phones, 0, '127.0.0.1'), bound(upstream, replies.port, replies.address)]);
  phones.on('message', (message, { port }) => {
    waiting.set(message.readUInt32BE(4), port);
    message.set(relayAddress.split('.').map(Number), giaddrAt);
    upstream.send(message, server.port, server.address);
  });
  upstream.on('message', (reply) => { phones.send(reply, waiting.get(reply.readUInt32BE(4)) ?? 9, '127.0.0.1'); });
  return { address: '127.0.0.1', port: phones.address().port, close: () => { phones.close(); upstream.close(); } };
}

interface Daemon {
  stop(): Promise<void>;
}

/** As an administrator writes it: the servers make the bytes of the options themselves. */
const servers: Record<string, { program: string; debianPackage: string; replies: (server: number, client: number) => Endpoint; start: (path: string, ports: [server: number, client: number], folder: string) => Promise<Daemon> }> = {
  dnsmasq: {
    program: 'dnsmasq', debianPackage: 'dnsmasq-base', replies: (port) => ({ address: relayAddress, port }),
    start: (path, [serverPort, clientPort], folder) => {
      const file = join(folder, 'dnsmasq.conf');
      writeFileSync(file, `
dhcp-range=127.0.1.10,127.0.1.20,255.0.0.0,1h
dhcp-option=option:router,127.0.0.1
dhcp-option=option:dns-server,127.0.0.53
dhcp-option=vendor:CPE-OCPHONE,10,100i
dhcp-option=vendor:MS-UC-Client,1,"MS-UC-Client"
dhcp-option=vendor:MS-UC-Client,2,"https"
dhcp-option=vendor:MS-UC-Client,3,"lync.contoso.lab"
dhcp-option=vendor:MS-UC-Client,4,"443"
dhcp-option=vendor:MS-UC-Client,5,"/CertProv/CertProvisioningService.svc"
dhcp-option=option:sip-server,sip.contoso.lab
`);
      return startDaemon(path, [
        '--keep-in-foreground', '--log-facility=-', '--no-resolv', '--no-hosts', '--no-ping', '--bind-interfaces', '--interface=lo', '--listen-address=127.0.0.1', '--pid-file=',
        `--conf-file=${file}`, '--port=0', `--dhcp-alternate-port=${serverPort},${clientPort}`, '--leasefile-ro', '--domain=contoso.lab',
      ], /started, version[^]*DHCP, IP range/);
    },
  },
  Kea: {
    program: 'kea-dhcp4', debianPackage: 'kea-dhcp4-server',
    // It answers DHCPINFORM to the phone itself (RFC 2131 section 4.3.5), and all of 127.0.0.0/8 is here.
    replies: (_, port) => ({ address: '0.0.0.0', port }),
    start: (path, [serverPort, clientPort], folder) => {
      const file = join(folder, 'kea.json');
      const vendor = (code: number, data: string) => ({ space: 'provisioning', name: `sub${code}`, code, data });
      const string = (code: number) => ({ space: 'provisioning', name: `sub${code}`, code, type: 'string' });
      const option43 = { 'name': 'vendor-encapsulated-options' };
      writeFileSync(file, JSON.stringify({ Dhcp4: {
        'interfaces-config': { 'interfaces': ['lo'], 'dhcp-socket-type': 'udp' },
        'lease-database': { type: 'memfile', persist: false },
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

for (const [name, { program, debianPackage, replies, start }] of Object.entries(servers)) {
  describe(`${name} boots our phone`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'lpe-dhcp-'));
    let daemon: Daemon | undefined;
    let relay: Awaited<ReturnType<typeof startRelay>> | undefined;
    let network: Network;

    before(async function () {
      const path = programOrSkip(this, program, debianPackage);
      if (process.getuid?.() !== 0) {
        console.log(`    Skipped: ${name} serves DHCP only when it is started by root.`);
        this.skip();
      }
      const [serverPort, clientPort] = [await freePort(), await freePort()];
      daemon = await start(path, [serverPort, clientPort], folder);
      relay = await startRelay({ address: '127.0.0.1', port: serverPort }, replies(serverPort, clientPort));
      network = new UnaddressedNetwork({ forward: new Map([['255.255.255.255:67/udp', [relay]]]) });
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
      const lease = await acquireAddress({ vlan }, tools);
      assert.match(lease?.address ?? '', /^127\.0\.1\.(1\d|20)$/);
      assert.deepEqual({ ...lease, address: '' }, { address: '', nameServers: ['127.0.0.53'], domainName: 'contoso.lab' });
      const leased = lease && network.withLease?.(lease);
      const { certProvUrl, sipServer } = await discover({ ...tools, network: leased ?? network });
      assert.deepEqual([certProvUrl, sipServer], ['https://lync.contoso.lab:443/CertProv/CertProvisioningService.svc', 'sip.contoso.lab']);
    });
  });
}
