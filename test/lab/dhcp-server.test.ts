import assert from 'node:assert/strict';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { decodeDhcpMessage, encodeDhcpMessage, type DhcpMessage } from '../../src/protocol/dhcp/message.js';
import { DhcpLeases } from '../../src/lab/dhcp-leases.js';
import { startDhcpServer } from '../../src/lab/dhcp-server.js';
import type { Topology } from '../../src/lab/topology-schema.js';
import { Trace } from '../../src/trace/trace.js';

describe('startDhcpServer', () => {
  const contoso: Topology['dhcp'] = {
    domainName: 'contoso.local', option120: 'lync.contoso.local',
    option43: { webServerFqdn: 'lync.contoso.local', urlScheme: 'https', webServerPort: 443, certProvRelPath: '/CertProv/CertProvisioningService.svc' },
    vlan: 100, lease: { firstAddress: '10.0.1.255', addresses: 2, subnetMask: '255.255.254.0', router: '10.0.0.1', seconds: 3600 },
  };
  let settings = contoso;
  let now = Date.UTC(2012, 5, 18);
  const trace = new Trace();
  let server: Awaited<ReturnType<typeof startDhcpServer>>;
  before(async () => { server = await startDhcpServer({ settings: () => settings, nameServers: () => ['10.0.0.2'], leases: new DhcpLeases(() => now), trace, bindAddress: '127.0.0.1', address: '10.0.0.3' }); });
  after(() => server.close());

  const inform: DhcpMessage = {
    operation: 'request', transactionId: 42, clientAddress: '10.0.1.50', hardwareAddress: '00-04-F2-00-01-76',
    options: new Map([[53, Buffer.of(8)], [60, Buffer.from('MS-UC-Client')], [55, Buffer.of(120, 43)]]),
  };
  const firstAnswer = async (request: Buffer, signal: AbortSignal) => {
    const network = new MappedNetwork({
      localAddress: '10.0.1.50', nameServers: [], domainName: undefined, forward: new Map([['255.255.255.255:67/udp', [{ address: '127.0.0.1', port: server.port }]]]),
    });
    for await (const answer of network.datagrams({ address: '255.255.255.255', port: 67 }, request, { signal })) return decodeDhcpMessage(answer);
    return undefined;
  };
  const answerTo = (request: DhcpMessage) => firstAnswer(encodeDhcpMessage(request), new AbortController().signal);

  it('answers DHCPINFORM of MS-UC-Client with the bytes that DHCPUtil would have configured', async () => {
    const answer = await answerTo(inform);
    const { options, ...fields } = answer as DhcpMessage;
    assert.deepEqual(fields, { operation: 'reply', transactionId: 42, clientAddress: '10.0.1.50', hardwareAddress: '00-04-F2-00-01-76' });
    assert.deepEqual(Object.fromEntries([...options].map(([code, value]) => [code, value.toString('hex')])), {
      53: '05', 54: '0a000003', 15: Buffer.from('contoso.local').toString('hex'),
      43: '010c4d532d55432d436c69656e7402056874747073' + '03126c796e632e636f6e746f736f2e6c6f63616c' + '0403343433'
        + '05252f4365727450726f762f4365727450726f766973696f6e696e67536572766963652e737663',
      120: '00046c796e6307636f6e746f736f056c6f63616c00',
    });
  });

  it('leaves out what is not configured, from the next request on', async () => {
    settings = { ...contoso, option43: null, option120: null };
    assert.deepEqual([...(await answerTo(inform))?.options.keys() ?? []], [53, 54, 15]);
    settings = { ...contoso, option43: { ...contoso.option43, webServerPort: null } as Topology['dhcp']['option43'] };
    assert.equal((await answerTo(inform))?.options.get(43)?.length, 80);
    settings = contoso;
  });

  /** A message of a client that has no address yet. */
  const asking = (type: number, hardwareAddress: string, ...options: [number, Buffer][]): DhcpMessage => (
    { operation: 'request', transactionId: 7, clientAddress: '0.0.0.0', hardwareAddress, options: new Map([[53, Buffer.of(type)], ...options]) });
  const [discover, request] = [1, 3];
  const ip = (address: string) => Buffer.from(address.split('.').map(Number));

  it('leases an address with what goes with it, the same to the same phone', async () => {
    const offer = await answerTo(asking(discover, '00-04-F2-00-00-0A'));
    assert.deepEqual([offer?.yourAddress, offer?.hardwareAddress, offer?.transactionId], ['10.0.1.255', '00-04-F2-00-00-0A', 7]);
    assert.deepEqual(Object.fromEntries([...offer?.options ?? []].map(([code, value]) => [code, value.toString('hex')])), {
      53: '02', 54: '0a000003', 51: '00000e10', 1: 'fffffe00', 3: '0a000001', 6: '0a000002', 15: Buffer.from('contoso.local').toString('hex'),
    });
    const ack = await answerTo(asking(request, '00-04-F2-00-00-0A', [50, ip('10.0.1.255')], [54, ip('10.0.0.3')]));
    assert.deepEqual([ack?.yourAddress, ack?.options.get(53)?.[0], ack?.options.get(51)?.toString('hex')], ['10.0.1.255', 5, '00000e10']);
    assert.equal((await answerTo(asking(discover, '00-04-F2-00-00-0A')))?.yourAddress, '10.0.1.255');
    assert.equal((await answerTo(asking(discover, '00-04-F2-00-00-0B')))?.yourAddress, '10.0.2.0');
  });

  it('tells the VLAN to the class CPE-OCPHONE, in either spelling, and to no other', async () => {
    const option43 = async (...options: [number, Buffer][]) => (await answerTo(asking(discover, '00-04-F2-00-00-0A', ...options)))?.options.get(43)?.toString('hex');
    assert.deepEqual([await option43([60, Buffer.from('CPE-OCPHONE')]), await option43([60, Buffer.from('CPE-OCPhone')])], ['0a020064', '0a020064']);
    assert.deepEqual([await option43(), await option43([60, Buffer.from('MS-UC-Client')])], [undefined, undefined]);
    settings = { ...contoso, vlan: undefined };
    assert.equal(await option43([60, Buffer.from('CPE-OCPHONE')]), undefined);
    settings = contoso;
  });

  it('refuses an address that is not the one it gave', async () => {
    const nak = await answerTo(asking(request, '00-04-F2-00-00-0A', [50, ip('10.0.9.9')]));
    assert.deepEqual([nak?.options.get(53)?.[0], nak?.yourAddress], [6, undefined]);
  });

  it('does not answer other classes, letter cases and message types, replies, garbage, or who comes when all addresses are taken', async () => {
    const ignored = [
      { ...inform, options: new Map([...inform.options, [60, Buffer.from('ms-uc-client')]]) },
      { ...inform, options: new Map([...inform.options, [60, Buffer.from('CPE-OCPHONE\n')]]) },
      // No address is left, the offer was another server's, or this client wants nothing of the kind.
      asking(discover, '00-04-F2-00-00-0C'),
      asking(request, '00-04-F2-00-00-0A', [50, ip('10.0.1.255')], [54, ip('10.0.0.4')]),
      asking(7, '00-04-F2-00-00-0A'),
      { ...inform, options: new Map([[60, Buffer.from('MS-UC-Client')]]) },
      { ...inform, operation: 'reply' as const },
    ] satisfies DhcpMessage[];
    for (const request of [...ignored.map(encodeDhcpMessage), Buffer.from('garbage')]) {
      const controller = new AbortController();
      const silence = firstAnswer(request, controller.signal);
      // Once a request that came later is answered, this one has been passed over.
      await answerTo(inform);
      controller.abort();
      assert.equal(await silence, undefined);
    }
    const notes = trace.events.filter((event) => event.layer === 'note').map((event) => event.summary);
    assert.equal(notes[0], 'A DHCP message of type 8 and class \'ms-uc-client\' from 10.0.1.50 was not answered.');
    assert.equal(notes.length, ignored.length + 1);
    assert.ok(notes.every((note) => !note.includes('\n')));
  });

  it('gives an address whose lease is over to whoever needs it, and refuses it to who had it', async () => {
    const [a, c] = ['00-04-F2-00-00-0A', '00-04-F2-00-00-0C'];
    now += 3_599_000;
    assert.equal((await answerTo(asking(request, a, [50, ip('10.0.1.255')])))?.options.get(53)?.[0], 5);
    now += 3_599_000;
    assert.equal((await answerTo(asking(discover, c)))?.yourAddress, '10.0.2.0', 'that of the phone that did not renew it');
    now += 3_601_000;
    assert.equal((await answerTo(asking(discover, a)))?.yourAddress, '10.0.1.255', 'its own, while nobody needs it');
    now += 3_601_000;
    assert.equal((await answerTo(asking(discover, '00-04-F2-00-00-0D')))?.yourAddress, '10.0.1.255');
    assert.equal((await answerTo(asking(request, a, [50, ip('10.0.1.255')])))?.options.get(53)?.[0], 6);
  });

  it('hands out no address where it is only a registrar\'s responder', async () => {
    settings = { ...contoso, lease: null };
    const controller = new AbortController();
    const silence = firstAnswer(encodeDhcpMessage(asking(discover, '00-04-F2-00-00-0A')), controller.signal);
    await answerTo(inform);
    controller.abort();
    assert.equal(await silence, undefined);
    settings = contoso;
  });
});
