import assert from 'node:assert/strict';
import type { RemoteInfo } from 'node:dgram';
import { systemClock, type Clock } from '../../../src/clock.js';
import { MappedNetwork } from '../../../src/network/mapped-network.js';
import { decodeMessage, encodeMessage, type DnsMessage, type ResourceRecord } from '../../../src/protocol/dns/message.js';
import { Resolver } from '../../../src/protocol/dns/resolver.js';
import { Trace } from '../../../src/trace/trace.js';
import { udpPeer } from '../../network/udp-peer.js';
import { SimulatedClock } from '../../simulated-clock.js';

type Peer = Awaited<ReturnType<typeof udpPeer>>;
const record = { class: 1, ttl: 0 } as const;
const srv = (target: string, priority = 0, weight = 0): ResourceRecord => ({ ...record, name: 'X', type: 'SRV', priority, weight, port: 5061, target });
const a = (address: string, name = 'X'): ResourceRecord => ({ ...record, name, type: 'A', address });

describe('Resolver', () => {
  const peers: Peer[] = [];
  const trace = new Trace();
  afterEach(async () => {
    for (const peer of peers.splice(0)) await peer.close();
  });

  /** A resolver whose name servers 10.0.0.1, 10.0.0.2, ... are these; undefined: nothing listens there. */
  async function resolverWith(
    servers: (((query: DnsMessage, from: RemoteInfo) => Partial<DnsMessage>[]) | undefined)[], options: { clock?: Clock; signal?: AbortSignal } = {},
  ): Promise<Resolver> {
    const forward = new Map<string, Peer[]>();
    for (const [index, server] of servers.entries()) {
      if (server === undefined) continue;
      const peer = await udpPeer((datagram, from) => {
        const query = decodeMessage(datagram);
        return server(query, from).map((reply) => encodeMessage({ ...query, response: true, ...reply }));
      });
      peers.push(peer);
      forward.set(`10.0.0.${index + 1}:53/udp`, [peer]);
    }
    const network = new MappedNetwork({ localAddress: '10.0.1.50', nameServers: servers.map((_, index) => `10.0.0.${index + 1}`), domainName: undefined, forward });
    return new Resolver({ network, trace, clock: options.clock ?? systemClock, timeout: 2000, signal: options.signal ?? new AbortController().signal });
  }

  it('orders SRV targets by priority, then by weight, and leaves out the target that means none', async () => {
    const answers = [srv('c', 20, 5), srv('b', 10, 1), srv('a', 10, 9), srv('.')];
    const lookup = await (await resolverWith([() => [{ answers }]])).srv('x.');
    assert.deepEqual(lookup.records.map(({ target }) => target), ['a', 'b', 'c']);
    assert.equal(lookup.outcome, 'found');
    assert.equal(lookup.question, 'SRV x');
    assert.equal((await (await resolverWith([() => [{ answers: [srv('.')] }]])).srv('x')).outcome, 'no-data');
  });

  it('follows an alias within the answer, but not round in circles, and takes no record of another name', async () => {
    const alias = (name: string, target: string): ResourceRecord => ({ ...record, name, type: 'CNAME', target });
    const aliased = await (await resolverWith([() => [{ answers: [alias('x', 'y'), alias('y', 'z'), a('10.0.0.7', 'z'), a('10.0.0.8', 'w')] }]])).addresses('x');
    assert.deepEqual(aliased.records, ['10.0.0.7']);
    assert.equal((await (await resolverWith([() => [{ answers: [alias('x', 'y'), alias('y', 'x')] }]])).addresses('x')).outcome, 'no-data');
    assert.equal((await (await resolverWith([() => [{ answers: [a('10.0.0.8', 'other')] }]])).addresses('x')).outcome, 'no-data');
  });

  it('passes over answers to another question and garbage', async () => {
    const resolver = await resolverWith([(query) => [
      { id: query.id ^ 1, answers: [a('10.9.9.9')] },
      { questions: [{ name: 'y', type: 1, class: 1 }], answers: [a('10.9.9.9')] },
      { questions: [{ name: 'x', type: 33, class: 1 }], answers: [a('10.9.9.9')] },
      { questions: [], answers: [a('10.9.9.9')] },
      { response: false, answers: [a('10.9.9.9')] },
      { answers: [a('10.0.0.5')] },
    ]]);
    assert.deepEqual((await resolver.addresses('x')).records, ['10.0.0.5']);
  });

  it('tells no such name, no such record, refusal, errors and a cut answer apart', async () => {
    const outcomeOf = async (reply: Partial<DnsMessage>) => {
      const { outcome, answer, records } = await (await resolverWith([() => [reply]])).addresses('x');
      assert.deepEqual(records, []);
      return `${outcome}: ${answer}`;
    };
    assert.equal(await outcomeOf({ responseCode: 3 }), 'no-such-name: no such name');
    assert.equal(await outcomeOf({}), 'no-data: no such record');
    assert.equal(await outcomeOf({ responseCode: 5 }), 'refused: 10.0.0.1 refused the question');
    assert.equal(await outcomeOf({ responseCode: 2 }), 'server-failure: 10.0.0.1 answered with error 2');
    assert.equal(await outcomeOf({ truncated: true, answers: [a('10.0.0.5')] }), 'server-failure: 10.0.0.1 sent an answer cut short');
  });

  it('says when a port is closed, when no server is known, and when a name is none', async () => {
    const closed = await (await resolverWith([undefined])).addresses('x');
    assert.deepEqual([closed.outcome, closed.answer], ['refused', '10.0.0.1 refused port 53 (UDP): nothing listens there']);
    assert.equal((await (await resolverWith([])).addresses('x')).outcome, 'no-name-server');
    assert.equal((await (await resolverWith([undefined])).addresses('not a name')).outcome, 'no-such-name');
  });

  it('asks the next server when one refuses or fails, and believes the first that says the name does not exist', async () => {
    let asked = 0;
    const lookup = await (await resolverWith([undefined, () => [{ responseCode: 2 }], () => [{ responseCode: 3 }], () => { asked++; return []; }])).srv('x');
    assert.equal(lookup.outcome, 'no-such-name');
    assert.equal(asked, 0);
  });

  it('gives each server its time, by the clock given, and says who was silent', async () => {
    const clock = new SimulatedClock();
    const silent = () => { setImmediate(() => { clock.increment(2000); }); return []; };
    const lookup = await (await resolverWith([silent, silent], { clock })).addresses('x');
    assert.equal(lookup.outcome, 'timeout');
    assert.equal(lookup.answer, '10.0.0.1 did not answer within 2000 ms; 10.0.0.2 did not answer within 2000 ms');
    assert.equal(clock.now(), 4000);
  });

  it('rejects with the reason when it is stopped', async () => {
    const controller = new AbortController();
    const resolver = await resolverWith([() => { controller.abort(new Error('switched off')); return []; }], { signal: controller.signal });
    await assert.rejects(resolver.addresses('x'), /switched off/);
  });

  it('takes an address for its own answer without asking', async () => {
    assert.deepEqual((await (await resolverWith([])).addresses('10.0.0.10')).records, ['10.0.0.10']);
  });
});
