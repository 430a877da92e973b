import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { systemClock } from '../../../src/clock.js';
import { MappedNetwork } from '../../../src/network/mapped-network.js';
import { decodeMessage, encodeMessage, type DnsMessage } from '../../../src/protocol/dns/message.js';
import { Resolver } from '../../../src/protocol/dns/resolver.js';
import { Trace } from '../../../src/trace/trace.js';
import { udpPeer } from '../../network/udp-peer.js';

describe('Resolver, where an answer is cut short', () => {
  const open: { close(): unknown }[] = [];
  afterEach(async () => { for (const each of open.splice(0)) await each.close(); });

  /** A server that cuts every answer short over UDP, and does over TCP what the test says. */
  async function resolverWith(overTcp?: (socket: Socket, query: DnsMessage) => void, timeout = 2000): Promise<Resolver> {
    const udp = await udpPeer((datagram) => [encodeMessage({ ...decodeMessage(datagram), response: true, truncated: true })]);
    const sockets = new Set<Socket>();
    const tcp: Server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('data', (bytes: Buffer) => { overTcp?.(socket, decodeMessage(bytes.subarray(2, 2 + bytes.readUInt16BE(0)))); });
    });
    await new Promise<void>((resolve) => { tcp.listen(0, '127.0.0.1', resolve); });
    open.push(udp, { close: () => { for (const socket of sockets) socket.destroy(); tcp.close(); } });
    const forward = new Map([['10.0.0.1:53/udp', [udp]], ...(overTcp === undefined ? [] : [['10.0.0.1:53/tcp', [{ address: '127.0.0.1', port: (tcp.address() as AddressInfo).port }]] as const])]);
    const network = new MappedNetwork({ localAddress: '10.0.1.50', nameServers: ['10.0.0.1'], domainName: undefined, forward });
    return new Resolver({ network, trace: new Trace(), clock: systemClock, timeout, signal: new AbortController().signal });
  }

  const answer = (query: DnsMessage, changes: Partial<DnsMessage> = {}): Buffer => {
    const message = encodeMessage({ ...query, response: true, answers: [{ name: 'x', class: 1, ttl: 0, type: 'A', address: '10.0.0.5' }], ...changes });
    const length = Buffer.alloc(2);
    length.writeUInt16BE(message.length);
    return Buffer.concat([length, message]);
  };

  it('asks again over TCP and takes the answer in whatever pieces it comes', async () => {
    const resolver = await resolverWith((socket, query) => {
      const bytes = answer(query);
      socket.setNoDelay(true);
      socket.write(bytes.subarray(0, 1), () => socket.write(bytes.subarray(1, 9), () => socket.write(bytes.subarray(9))));
    });
    assert.deepEqual((await resolver.addresses('x')).records, ['10.0.0.5']);
  });

  for (const [what, overTcp, timeout] of [
    ['refuses TCP', undefined, 2000],
    ['closes at once', (socket: Socket) => { socket.destroy(); }, 2000],
    ['stops in the middle', (socket: Socket, query: DnsMessage) => { socket.end(answer(query).subarray(0, 10)); }, 2000],
    ['answers another question', (socket: Socket, query: DnsMessage) => { socket.end(answer(query, { id: query.id ^ 1 })); }, 2000],
    ['sends garbage', (socket: Socket) => { socket.end(Buffer.from('\0\x08GARBAGE!')); }, 2000],
    ['says nothing', () => undefined, 500],
  ] as const) {
    it(`is left with what was cut short where the server ${what}`, async () => {
      const { outcome, answer: said } = await (await resolverWith(overTcp, timeout)).addresses('x');
      assert.deepEqual([outcome, said], ['server-failure', '10.0.0.1 sent an answer cut short']);
    });
  }
});
