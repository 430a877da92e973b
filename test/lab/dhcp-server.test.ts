import assert from 'node:assert/strict';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { decodeDhcpMessage, encodeDhcpMessage, type DhcpMessage } from '../../src/protocol/dhcp/message.js';
import { startDhcpServer } from '../../src/lab/dhcp-server.js';
import type { Topology } from '../../src/lab/topology-schema.js';
import { Trace } from '../../src/trace/trace.js';

describe('startDhcpServer', () => {
  const contoso: Topology['dhcp'] = {
    domainName: 'contoso.local', option120: 'lync.contoso.local',
    option43: { webServerFqdn: 'lync.contoso.local', urlScheme: 'https', webServerPort: 443, certProvRelPath: '/CertProv/CertProvisioningService.svc' },
  };
  let settings = contoso;
  const trace = new Trace();
  let server: Awaited<ReturnType<typeof startDhcpServer>>;
  before(async () => { server = await startDhcpServer({ settings: () => settings, trace, bindAddress: '127.0.0.1', address: '10.0.0.3' }); });
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

  it('ignores other classes, letter cases and message types, replies and garbage', async () => {
    const ignored = [
      { ...inform, options: new Map([...inform.options, [60, Buffer.from('ms-uc-client')]]) },
      { ...inform, options: new Map([...inform.options, [60, Buffer.from('CPE-OCPHONE\n')]]) },
      { ...inform, options: new Map([...inform.options, [53, Buffer.of(1)]]) },
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
    assert.equal(notes[0], 'A DHCP message of type 8 and class \'ms-uc-client\' was ignored: only DHCPINFORM of class \'MS-UC-Client\' is answered.');
    assert.equal(notes.length, ignored.length + 1);
    assert.ok(notes.every((note) => !note.includes('\n')));
  });
});
