import assert from 'node:assert/strict';
import { discover } from '../../src/phone/discovery.js';
import { DhcpLeases } from '../../src/lab/dhcp-leases.js';
import { startDhcpServer } from '../../src/lab/dhcp-server.js';
import type { Topology } from '../../src/lab/topology-schema.js';
import type { Endpoint } from '../../src/network/network.js';
import { decodeDhcpMessage, encodeDhcpMessage, type DhcpMessage } from '../../src/protocol/dhcp/message.js';
import { encodeProvisioningOption } from '../../src/protocol/dhcp/provisioning-option.js';
import { encodeSipServersOption } from '../../src/protocol/dhcp/sip-servers-option.js';
import { Trace } from '../../src/trace/trace.js';
import { udpPeer } from '../network/udp-peer.js';
import { SimulatedClock } from '../simulated-clock.js';
import { stepTools } from './step-tools.js';

const settings: Topology['dhcp'] = {
  domainName: 'contoso.lab', option120: 'sip.contoso.lab',
  option43: { webServerFqdn: 'lync.contoso.lab', urlScheme: 'https', webServerPort: 443, certProvRelPath: '/CertProv/CertProvisioningService.svc' },
  lease: null,
};
const contoso = { certProvUrl: 'https://lync.contoso.lab:443/CertProv/CertProvisioningService.svc', sipServer: 'sip.contoso.lab', domainName: 'contoso.lab' };
const attempts = (...value: number[]) => ({ dhcpAttempts: { value, confidence: 'assumed' as const, evidence: [] } });

describe('discover', () => {
  const open: { close: () => Promise<void> }[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  async function labServer(dhcp: Topology['dhcp']): Promise<Endpoint> {
    const server = await startDhcpServer({ settings: () => dhcp, nameServers: () => [], leases: new DhcpLeases(Date.now), trace: new Trace(), bindAddress: '127.0.0.1', address: '10.0.0.3' });
    open.push(server);
    return { address: '127.0.0.1', port: server.port };
  }
  /** A server that answers each request with messages derived from it. */
  async function scripted(answer: (request: DhcpMessage) => (Buffer | DhcpMessage)[]): Promise<Endpoint> {
    const peer = await udpPeer((datagram) => answer(decodeDhcpMessage(datagram)).map((reply) => Buffer.isBuffer(reply) ? reply : encodeDhcpMessage(reply)));
    open.push(peer);
    return peer;
  }
  const ack = (request: DhcpMessage, options: [number, Buffer][]): DhcpMessage => ({ ...request, operation: 'reply', options: new Map([[53, Buffer.of(5)], ...options]) });
  const toolsFor = (servers: Endpoint[], options: Parameters<typeof stepTools>[0] = {}) => stepTools({ forward: { '255.255.255.255:67/udp': servers }, ...options });
  const notes = (tools: ReturnType<typeof stepTools>) => tools.trace.events.flatMap((event) => event.layer === 'note' ? [event.summary] : []);

  it('learns the certificate service, the first logon server and the domain from DHCP', async () => {
    const tools = toolsFor([await labServer(settings)]);
    assert.deepEqual(await discover(tools), contoso);
    assert.deepEqual(tools.trace.events.map((event) => event.layer === 'dhcp' && `${event.direction} ${event.peer} ${event.summary}`), [
      'sent 255.255.255.255:67 DHCPINFORM MS-UC-Client, options 120 and 43 wanted',
      'received 10.0.0.3 DHCPACK option 43: https://lync.contoso.lab:443/CertProv/CertProvisioningService.svc, option 120: sip.contoso.lab',
    ]);
  });

  it('sends the least bytes a Lync device does: message type, class, and options 120 and 43', async () => {
    const requests: DhcpMessage[] = [];
    await discover(toolsFor([await scripted((request) => { requests.push(request); return [ack(request, [[120, encodeSipServersOption('a.b')]])]; })]));
    assert.equal(requests.length, 1);
    assert.equal(requests[0]?.clientAddress, '10.0.1.50');
    assert.deepEqual([...requests[0].options].map(([code, value]) => `${code} ${value.toString('hex')}`), ['53 08', '60 4d532d55432d436c69656e74', '55 782b']);
  });

  it('takes the first answer that holds a host name, not a better one that comes later', async () => {
    const answers = await scripted((request) => [
      ack(request, [[15, Buffer.from('empty.lab')]]),
      ack(request, [[120, encodeSipServersOption('first.contoso.lab')]]),
      ack(request, [[120, encodeSipServersOption('second.contoso.lab')], [43, encodeProvisioningOption({
        ucIdentifier: 'MS-UC-Client', urlScheme: 'https', webServerFqdn: 'second.contoso.lab', webServerPort: 443, certProvRelPath: '/x',
      })]]),
    ]);
    assert.deepEqual(await discover(toolsFor([answers], { domainName: 'lease.lab' })), { certProvUrl: undefined, sipServer: 'first.contoso.lab', domainName: 'lease.lab' });
  });

  it('hears several servers behind the broadcast', async () => {
    const silent = await scripted(() => []);
    assert.deepEqual(await discover(toolsFor([silent, await labServer(settings)])), contoso);
  });

  it('passes over what is not the answer to its request', async () => {
    const answers = await scripted((request) => [
      Buffer.from('garbage'),
      { ...ack(request, [[120, encodeSipServersOption('wrong.lab')]]), transactionId: (request.transactionId ^ 1) >>> 0 },
      { ...ack(request, [[120, encodeSipServersOption('wrong.lab')]]), hardwareAddress: '00-00-00-00-00-00' },
      { ...ack(request, [[120, encodeSipServersOption('wrong.lab')]]), operation: 'request' },
      ack(request, [[53, Buffer.of(2)], [120, encodeSipServersOption('wrong.lab')]]),
      ack(request, [[120, encodeSipServersOption('right.lab')]]),
    ]);
    assert.equal((await discover(toolsFor([answers]))).sipServer, 'right.lab');
  });

  it('makes no address of an option 43 that is incomplete, broken or misleading, and says why', async () => {
    const option43 = (value: Partial<Parameters<typeof encodeProvisioningOption>[0]>) => encodeProvisioningOption({
      ucIdentifier: undefined, urlScheme: 'https', webServerFqdn: 'lync.contoso.lab', webServerPort: undefined, certProvRelPath: '/x', ...value,
    });
    for (const [value, url, note] of [
      [option43({}), 'https://lync.contoso.lab/x', undefined],
      [option43({ webServerFqdn: undefined, certProvRelPath: undefined }), undefined, 'DHCP option 43 gives no address of a web service: it lacks sub-option 3, 5.'],
      [option43({ webServerFqdn: 'lync.contoso.lab@evil' }), undefined, 'DHCP option 43 gives no address of a web service: \'https://lync.contoso.lab@evil/x\' is not one.'],
      [option43({ urlScheme: 'javascript' }), undefined, 'DHCP option 43 gives no address of a web service: \'javascript://lync.contoso.lab/x\' is not one.'],
      [option43({ certProvRelPath: '.evil/x' }), undefined, 'DHCP option 43 gives no address of a web service: \'https://lync.contoso.lab.evil/x\' is not one.'],
      [Buffer.of(3, 200, 97), undefined, 'DHCP option 43, sub-option 3 claims more bytes than the message has.'],
    ] as const) {
      const tools = toolsFor([await scripted((request) => [ack(request, [[43, value], [120, encodeSipServersOption('sip.contoso.lab')]])])]);
      const { certProvUrl, sipServer } = await discover(tools);
      assert.deepEqual([certProvUrl, sipServer, notes(tools)[0]], [url, 'sip.contoso.lab', note]);
    }
  });

  it('does not use a list of addresses in option 120, and warns when there are several names', async () => {
    const addresses = toolsFor([await scripted((request) => [ack(request, [[120, Buffer.of(1, 10, 0, 0, 10)]])])], { discovery: attempts(20_000) });
    assert.equal((await discover(addresses)).sipServer, undefined);
    assert.match(notes(addresses)[0] ?? '', /lists IP addresses/);
    const several = toolsFor([await scripted((request) => [ack(request, [[120, Buffer.concat([encodeSipServersOption('a.lab'), Buffer.from('\x01b\0')])]])])]);
    assert.equal((await discover(several)).sipServer, 'a.lab');
    assert.deepEqual(notes(several), ['DHCP option 120 names several servers; the first counts.']);
  });

  it('tries as often and waits as long as the profile says, then goes on without', async () => {
    const clock = new SimulatedClock();
    const sentAt: number[] = [];
    const silent = await scripted(() => {
      sentAt.push(clock.now());
      setImmediate(() => { clock.increment([2000, 4000, 8000][sentAt.length - 1] as number); });
      return [];
    });
    const tools = toolsFor([silent], { clock, domainName: 'lease.lab' });
    assert.deepEqual(await discover(tools), { certProvUrl: undefined, sipServer: undefined, domainName: 'lease.lab' });
    assert.deepEqual(sentAt, [0, 2000, 6000]);
    assert.deepEqual(notes(tools), ['No DHCP server answered the class MS-UC-Client; only DNS is left to find the registrar.']);
  });

  it('does not ask again a server that answered without any host name, and waits for others only where there are some', async () => {
    const clock = new SimulatedClock();
    let requests = 0;
    const empty = await scripted((request) => {
      requests++;
      return [ack(request, [[15, Buffer.from('contoso.lab')]])];
    });
    const found = { certProvUrl: undefined, sipServer: undefined, domainName: 'contoso.lab' };
    assert.deepEqual(await discover(toolsFor([empty], { clock })), found);
    assert.deepEqual([requests, clock.now()], [1, 0]);

    const silent = await scripted(() => {
      setImmediate(() => setImmediate(() => { clock.increment(2000); }));
      return [];
    });
    assert.deepEqual(await discover(toolsFor([empty, silent], { clock })), found);
    assert.deepEqual([requests, clock.now()], [2, 2000]);
  });

  it('asks nobody with a profile that makes no attempts', async () => {
    const tools = toolsFor([await labServer(settings)], { discovery: attempts() });
    assert.equal((await discover(tools)).sipServer, undefined);
    assert.deepEqual(tools.trace.events, []);
  });

  it('stops when the phone is switched off', async () => {
    const controller = new AbortController();
    const silent = await scripted(() => { controller.abort(new Error('switched off')); return []; });
    await assert.rejects(discover(toolsFor([silent], { signal: controller.signal })), /switched off/);
  });
});
