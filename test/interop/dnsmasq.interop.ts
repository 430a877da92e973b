import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import type { Endpoint } from '../../src/network/network.js';
import { discover } from '../../src/phone/discovery.js';
import { Resolver } from '../../src/protocol/dns/resolver.js';
import { Trace } from '../../src/trace/trace.js';
import { stepTools } from '../phone/step-tools.js';
import { freePort, programOrSkip } from './debian-program.js';
import { dnsmasqOrSkip, phoneOptions, startDnsmasq } from './dnsmasq.js';

type Daemon = Awaited<ReturnType<typeof startDnsmasq>>;

describe('dnsmasq answers our resolver', () => {
  let daemon: Daemon | undefined;
  let resolver: Resolver;

  before(async function () {
    const dnsmasq = programOrSkip(this, 'dnsmasq', 'dnsmasq-base');
    const port = await freePort();
    daemon = await startDnsmasq(dnsmasq, { dnsPort: port, more: [
      '--local=/lab/', '--address=/sip.contoso.lab/10.0.0.10', '--cname=alias.contoso.lab,real.contoso.lab', '--host-record=real.contoso.lab,10.0.0.11',
      '--srv-host=_sipinternaltls._tcp.contoso.lab,backup.contoso.lab,5061,20,1', '--srv-host=_sipinternaltls._tcp.contoso.lab,sip.contoso.lab,5061,10,1',
      '--srv-host=_sipinternaltls._tcp.contoso.lab,heavy.contoso.lab,5061,10,9',
    ] });
    const forward = new Map([['10.0.0.2:53/udp', [{ address: '127.0.0.1', port }]]]);
    const network = new MappedNetwork({ localAddress: '127.0.0.1', nameServers: ['10.0.0.2'], domainName: undefined, forward });
    resolver = new Resolver({ network, trace: new Trace(), clock: systemClock, timeout: 5000, signal: new AbortController().signal });
  });
  after(() => daemon?.stop());

  it('with SRV records, whose compressed names are read', async () => {
    const { records, outcome } = await resolver.srv('_sipinternaltls._tcp.contoso.lab');
    assert.equal(outcome, 'found');
    assert.deepEqual(records, [
      { target: 'heavy.contoso.lab', port: 5061, priority: 10, weight: 9 }, { target: 'sip.contoso.lab', port: 5061, priority: 10, weight: 1 },
      { target: 'backup.contoso.lab', port: 5061, priority: 20, weight: 1 },
    ]);
  });

  it('with addresses, also through an alias', async () => {
    assert.deepEqual((await resolver.addresses('sip.contoso.lab')).records, ['10.0.0.10']);
    assert.deepEqual((await resolver.addresses('ALIAS.contoso.lab')).records, ['10.0.0.11']);
  });

  it('with no such name, no such record, and refusal', async () => {
    assert.equal((await resolver.addresses('nowhere.contoso.lab')).outcome, 'no-such-name');
    assert.equal((await resolver.srv('real.contoso.lab')).outcome, 'no-data');
    // dnsmasq has no server to ask for other domains, and says so with REFUSED.
    assert.equal((await resolver.addresses('sip.contoso.example')).outcome, 'refused');
  });
});

/** Loopback as a DHCP client sees its network: broadcasts reach the one server, which answers to the client's own port. */
class DhcpLoopback extends MappedNetwork {
  readonly #server: Endpoint;
  readonly #clientPort: number;

  constructor(serverPort: number, clientPort: number) {
    super({ localAddress: '127.0.0.1', nameServers: [], domainName: undefined, forward: new Map() });
    this.#server = { address: '127.0.0.1', port: serverPort };
    this.#clientPort = clientPort;
  }

  override async *datagrams(_to: Endpoint, payload: Buffer): AsyncGenerator<Buffer, void, undefined> {
    const socket = createSocket('udp4');
    try {
      yield await new Promise<Buffer>((resolve, reject) => {
        socket.once('message', resolve).once('error', reject);
        socket.bind(this.#clientPort, '127.0.0.1', () => { socket.send(payload, this.#server.port, this.#server.address); });
      });
    } finally {
      socket.close();
    }
  }
}

describe('dnsmasq answers our DHCPINFORM', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-dnsmasq-'));
  const file = join(folder, 'dnsmasq.conf');
  let daemon: Daemon | undefined;
  let network: DhcpLoopback;

  before(async function () {
    const dnsmasq = dnsmasqOrSkip(this);
    const [serverPort, clientPort] = [await freePort(), await freePort()];
    writeFileSync(file, phoneOptions);
    daemon = await startDnsmasq(dnsmasq, { file, dhcpPorts: [serverPort, clientPort] });
    network = new DhcpLoopback(serverPort, clientPort);
  });
  after(async () => {
    await daemon?.stop();
    rmSync(folder, { recursive: true });
  });

  it('with options 43 and 120 of its own making', async () => {
    assert.deepEqual(await discover({ ...stepTools(), network }), {
      certProvUrl: 'https://lync.contoso.lab:443/CertProv/CertProvisioningService.svc', sipServer: 'sip.contoso.lab', domainName: undefined,
    });
  });
});
