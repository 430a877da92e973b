import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDhcpMessage, encodeDhcpMessage, messageType, messageTypes, type DhcpMessage } from '../../src/protocol/dhcp/message.js';
import { optionCodes } from '../../src/protocol/dhcp/options.js';
import { decodeProvisioningOption } from '../../src/protocol/dhcp/provisioning-option.js';
import { decodeVlanOption } from '../../src/protocol/dhcp/vlan-option.js';
import { option120, option43 } from '../../src/rehearsal/dhcp-configuration/phone-options.js';
import { serverConfiguration, type DhcpServerMake } from '../../src/rehearsal/dhcp-configuration/server-configuration.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';
import { dnsmasqOrSkip, startDnsmasq } from './dnsmasq.js';

const names = { web: 'lync.contoso.com', registrar: 'sip.contoso.com', vlan: 100 };

describe('what lpe dhcp-options writes is taken by', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'lpe-dhcp-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  function written(make: DhcpServerMake): string {
    const file = join(folder, `${make}.conf`);
    writeFileSync(file, serverConfiguration(make, names));
    return file;
  }
  function accepts(program: string, ...args: string[]): void {
    const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
  }

  it('Kea, which answers a DHCPINFORM with those very bytes, and other classes without option 43', async function () {
    const kea = programOrSkip(this, 'kea-dhcp4', 'kea-dhcp4-server');
    const generated = JSON.parse(serverConfiguration('kea', names)) as { Dhcp4: object };
    const file = join(folder, 'kea.conf');
    writeFileSync(file, JSON.stringify({ Dhcp4: {
      ...generated.Dhcp4,
      'interfaces-config': { 'interfaces': ['lo/127.0.0.1'], 'dhcp-socket-type': 'udp' },
      'lease-database': { type: 'memfile', persist: false },
      'subnet4': [{ subnet: '127.0.0.0/8' }],
      'loggers': [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout', flush: true }] }],
    } }));
    const [server, client] = [await freePort(), await freePort()];
    const daemon = await startDaemon(kea, ['-c', file, '-p', String(server), '-P', String(client)], /DHCP4_STARTED/, {
      KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder, KEA_LOGGER_DESTINATION: 'stdout',
    });
    try {
      const phone = await inform('MS-UC-Client', server, client);
      assert.equal(messageType(phone), messageTypes.ack);
      assert.deepEqual(phone.options.get(optionCodes.vendorSpecific), option43(names));
      assert.deepEqual(phone.options.get(optionCodes.sipServers), option120(names));
      assert.deepEqual((await inform('CPE-OCPHONE', server, client)).options.get(optionCodes.vendorSpecific), Buffer.from('0a020064', 'hex'));
      assert.equal((await inform('MSFT 5.0', server, client)).options.get(optionCodes.vendorSpecific), undefined);
    } finally {
      await daemon.stop();
    }
  });

  it("ISC's dhcpd", function () {
    const dhcpd = programOrSkip(this, 'dhcpd', 'isc-dhcp-server');
    writeFileSync(join(folder, 'leases'), '');
    accepts(dhcpd, '-t', '-cf', written('isc'), '-lf', join(folder, 'leases'));
  });

  it('dnsmasq, which answers a DHCPINFORM with those values, in an order of its own, and other classes without option 43', async function () {
    const dnsmasq = dnsmasqOrSkip(this);
    const file = written('dnsmasq');
    accepts(dnsmasq, '--test', `--conf-file=${file}`);
    const [server, client] = [await freePort(), await freePort()];
    const daemon = await startDnsmasq(dnsmasq, { file, dhcpPorts: [server, client] });
    try {
      const phone = await inform('MS-UC-Client', server, client);
      assert.equal(messageType(phone), messageTypes.ack);
      assert.deepEqual(decodeProvisioningOption(phone.options.get(optionCodes.vendorSpecific) as Buffer), decodeProvisioningOption(option43(names)));
      assert.deepEqual(phone.options.get(optionCodes.sipServers), option120(names));
      assert.equal(decodeVlanOption((await inform('CPE-OCPHONE', server, client)).options.get(optionCodes.vendorSpecific) as Buffer), 100);
      assert.equal((await inform('MSFT 5.0', server, client)).options.get(optionCodes.vendorSpecific), undefined);
    } finally {
      await daemon.stop();
    }
  });
});

/** Asks as a phone does and resolves to the answer. */
async function inform(vendorClass: string, serverPort: number, clientPort: number): Promise<DhcpMessage> {
  const request = encodeDhcpMessage({
    operation: 'request', transactionId: 7, clientAddress: '127.0.0.1', hardwareAddress: '00-04-F2-00-00-01',
    options: new Map([
      [optionCodes.messageType, Buffer.of(messageTypes.inform)], [optionCodes.vendorClass, Buffer.from(vendorClass)],
      [optionCodes.parameterRequestList, Buffer.of(optionCodes.sipServers, optionCodes.vendorSpecific)],
    ]),
  });
  const socket = createSocket('udp4');
  try {
    return decodeDhcpMessage(await new Promise<Buffer>((resolve, reject) => {
      socket.once('message', resolve).once('error', reject);
      socket.bind(clientPort, '127.0.0.1', () => { socket.send(request, serverPort, '127.0.0.1'); });
    }));
  } finally {
    socket.close();
  }
}
