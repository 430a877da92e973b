import assert from 'node:assert/strict';
import { Resolver } from 'node:dns/promises';
import { Failure } from '../../src/failure.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { decodeMessage, encodeMessage, responseCodes, type DnsMessage } from '../../src/protocol/dns/message.js';
import { startDnsServer } from '../../src/lab/dns-server.js';
import type { DnsRecord } from '../../src/lab/topology-schema.js';
import { Trace } from '../../src/trace/trace.js';

const srv = (priority: number, target: string): DnsRecord => ({ name: '_sipinternaltls._tcp.contoso.lab', type: 'SRV', target, port: 5061, priority, weight: 7 });

describe('startDnsServer', () => {
  const records: DnsRecord[] = [srv(0, 'sip.contoso.lab'), srv(10, 'Backup.contoso.lab.'), { name: 'sip.contoso.lab', type: 'A', address: '10.0.0.10' }];
  const trace = new Trace();
  // Node's own resolver (c-ares) is the judge: a client we did not write.
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  let server: Awaited<ReturnType<typeof startDnsServer>>;

  before(async () => {
    server = await startDnsServer({ records: () => records, trace, bindAddress: '127.0.0.1' });
    resolver.setServers([`127.0.0.1:${server.port}`]);
  });
  after(() => server.close());

  async function raw(query: Buffer): Promise<DnsMessage> {
    const peer = { address: '127.0.0.1', port: server.port };
    const network = new MappedNetwork({ localAddress: '127.0.0.1', nameServers: [], domainName: undefined, forward: new Map([[`127.0.0.1:${server.port}/udp`, [peer]]]) });
    for await (const answer of network.datagrams(peer, query, { signal: new AbortController().signal })) return decodeMessage(answer);
    throw new Error('unreachable');
  }
  const query: DnsMessage = {
    id: 7, response: false, opcode: 0, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: false, responseCode: 0,
    questions: [{ name: 'SIP.contoso.lab', type: 1, class: 1 }], answers: [], authorities: [], additionals: [],
  };

  it('answers SRV and A questions in any letter case', async () => {
    const found = await resolver.resolveSrv('_SIPinternalTLS._tcp.contoso.lab');
    assert.deepEqual(found.map(({ name, port, priority, weight }) => ({ name, port, priority, weight })), [
      { name: 'sip.contoso.lab', port: 5061, priority: 0, weight: 7 }, { name: 'Backup.contoso.lab', port: 5061, priority: 10, weight: 7 },
    ]);
    assert.deepEqual(await resolver.resolve4('sip.CONTOSO.lab'), ['10.0.0.10']);
  });

  it('puts the addresses of SRV targets beside them', async () => {
    const { additionals, authoritative, recursionDesired, id } = await raw(encodeMessage({ ...query, questions: [{ name: '_sipinternaltls._tcp.contoso.lab', type: 33, class: 1 }] }));
    assert.deepEqual(additionals, [{ name: 'sip.contoso.lab', class: 1, ttl: 0, type: 'A', address: '10.0.0.10' }]);
    assert.deepEqual([authoritative, recursionDesired, id], [true, true, 7]);
  });

  it('says that a name does not exist, but of one that does, only that it lacks the type', async () => {
    await assert.rejects(resolver.resolve4('nowhere.contoso.lab'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolveSrv('_sip._tls.contoso.lab'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolveMx('sip.contoso.lab'), { code: 'ENODATA' });
    await assert.rejects(resolver.resolve6('sip.contoso.lab'), { code: 'ENODATA' });
    // Names above one that has records exist too (RFC 8020).
    for (const name of ['_tcp.contoso.lab', 'contoso.lab', 'lab']) await assert.rejects(resolver.resolve4(name), { code: 'ENODATA' });
    await assert.rejects(resolver.resolve4('toso.lab'), { code: 'ENOTFOUND' });
  });

  it('takes a record that is changed into account at once', async () => {
    records.push({ name: 'new.contoso.lab', type: 'A', address: '10.0.0.11' });
    assert.deepEqual(await resolver.resolve4('new.contoso.lab'), ['10.0.0.11']);
    records.pop();
    await assert.rejects(resolver.resolve4('new.contoso.lab'), { code: 'ENOTFOUND' });
  });

  it('answers other kinds of message with the error they deserve', async () => {
    const codeOf = async (change: Partial<DnsMessage>) => (await raw(encodeMessage({ ...query, ...change }))).responseCode;
    assert.equal(await codeOf({ opcode: 4 }), responseCodes.notImplemented);
    assert.equal(await codeOf({ questions: [] }), responseCodes.formatError);
    assert.equal(await codeOf({ questions: [...query.questions, ...query.questions] }), responseCodes.formatError);
    assert.equal(await codeOf({ questions: [{ name: 'sip.contoso.lab', type: 1, class: 3 }] }), responseCodes.refused);
    assert.equal(await codeOf({ questions: [{ name: '.', type: 2, class: 1 }] }), responseCodes.noError);
  });

  it('marks an answer that does not fit as cut', async () => {
    const many = Array.from({ length: 20 }, (_, index) => srv(index, `server-${index}.contoso.lab`));
    records.push(...many);
    const answer = await raw(encodeMessage({ ...query, questions: [{ name: '_sipinternaltls._tcp.contoso.lab', type: 33, class: 1 }] }));
    records.splice(-many.length);
    assert.deepEqual([answer.truncated, answer.answers.length], [true, 0]);
  });

  it('stays silent on responses and garbage, and goes on', async () => {
    const { address, port } = { address: '127.0.0.1', port: server.port };
    const peers = new Map([[`${address}:${port}/udp`, [{ address, port }]]]);
    const network = new MappedNetwork({ localAddress: address, nameServers: [], domainName: undefined, forward: peers });
    for (const bytes of [Buffer.from('garbage'), encodeMessage({ ...query, response: true })]) {
      const controller = new AbortController();
      // Once the server has answered a query that came later, it has passed over what came before.
      const silent = (async () => { for await (const answer of network.datagrams({ address, port }, bytes, controller)) return answer; return undefined; })();
      await raw(encodeMessage(query));
      controller.abort();
      assert.equal(await silent, undefined);
    }
    const notes = trace.events.filter((event) => event.layer === 'note').map((event) => event.summary);
    assert.match(notes.join('\n'), /was not answered\. A DNS message could not be read: it ends after 7 bytes\./);
  });

  it('says so when its port is in use', async () => {
    await assert.rejects(
      startDnsServer({ records: () => records, trace, bindAddress: '127.0.0.1', port: server.port }),
      (error) => error instanceof Failure && error.code === 'lab/port-in-use' && /DNS server could not listen on 127\.0\.0\.1:\d+ \(UDP\): another program/.test(error.message),
    );
  });
});
