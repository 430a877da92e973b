import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { RecordingNetwork } from '../../src/network/recording-network.js';
import { Capture, type WireEvent } from '../../src/trace/capture.js';
import { UnaddressedNetwork } from '../../src/network/unaddressed-network.js';
import { udpPeer } from './udp-peer.js';

const { signal } = new AbortController();
const web = { address: '10.0.0.10', port: 80 };

describe('RecordingNetwork', () => {
  let server: Server;
  let answer: (socket: Socket) => void;
  before(async () => {
    server = createServer((socket) => { socket.on('error', () => undefined); answer(socket); });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  after(() => { server.close(); });

  const networkOf = (capture: Capture, udp: readonly { address: string; port: number }[] = []) => new RecordingNetwork(new MappedNetwork({
    localAddress: '10.0.1.50', nameServers: ['10.0.0.2'], domainName: 'contoso.lab',
    forward: new Map([['10.0.0.10:80/tcp', [{ address: '127.0.0.1', port: (server.address() as AddressInfo).port }]], ['10.0.0.2:53/udp', udp], ['255.255.255.255:67/udp', udp]]),
  }), capture);
  const told = (event: WireEvent) => {
    switch (event.kind) {
      case 'frame': return `frame ${event.bytes.toString()}`;
      case 'connect': return `connect ${event.outcome}`;
      case 'end': return `${event.direction} ${event.how}`;
      default: return `${event.direction} ${event.bytes.toString()}`;
    }
  };
  /** Sends as a phone would, reads to the end and gives what came. */
  async function talk(capture: Capture, say: (socket: Socket) => void): Promise<string> {
    const socket = await networkOf(capture).connect(web, { signal });
    let heard = '';
    socket.on('data', (bytes: Buffer) => { heard += bytes.toString(); });
    socket.on('error', () => undefined);
    say(socket);
    await new Promise((closed) => { socket.once('close', closed); });
    return heard;
  }

  it('is the network it records', () => {
    const { localAddress, nameServers, domainName } = networkOf(new Capture());
    assert.deepEqual([localAddress, nameServers, domainName], ['10.0.1.50', ['10.0.0.2'], 'contoso.lab']);
  });

  it('keeps every byte of a connection in both directions, and who ended it', async () => {
    answer = (socket) => { socket.once('data', () => { socket.write('hel'); socket.end('lo'); }); };
    const capture = new Capture({ now: () => 42 });
    const heard = await talk(capture, (socket) => { socket.write('a'); socket.write('c3Rz', 'base64'); socket.once('end', () => { socket.end('!'); }); });
    assert.equal(heard, 'hello');
    const all = (direction: string) => capture.events.flatMap((event) => (event.kind === 'segment' && event.direction === direction ? [event.bytes] : []));
    assert.deepEqual([Buffer.concat(all('sent')).toString(), Buffer.concat(all('received')).toString()], ['asts!', 'hello']);
    assert.equal(told(capture.events[0] as WireEvent), 'connect open');
    assert.deepEqual(capture.events.flatMap((event) => (event.kind === 'end' ? [told(event)] : [])), ['received fin', 'sent fin']);
    const ends = capture.events.flatMap((event) => (event.kind === 'frame' ? [] : [event]));
    assert.ok(ends.every(({ time, phone, peer }) => time === 42 && phone.address === '10.0.1.50' && peer.address === '10.0.0.10' && peer.port === 80));
    assert.equal(new Set(ends.map(({ phone }) => phone.port)).size, 1);
  });

  it('tells a reset from an end', async () => {
    answer = (socket) => { socket.once('data', () => { socket.resetAndDestroy(); }); };
    const capture = new Capture();
    await talk(capture, (socket) => { socket.write('?'); });
    assert.deepEqual(capture.events.map(told).slice(0, 3), ['connect open', 'sent ?', 'received reset']);
  });

  it('keeps connections that came to nothing', async () => {
    const capture = new Capture();
    await assert.rejects(networkOf(capture).connect({ ...web, port: 81 }, { signal }));
    await assert.rejects(networkOf(capture).connect(web, { signal: AbortSignal.abort() }));
    assert.deepEqual(capture.events.map(told), ['connect refused', 'connect silent']);
  });

  it('keeps datagrams, broadcast or not', async () => {
    const peer = await udpPeer((datagram) => [Buffer.from(`re ${datagram.toString()}`)]);
    const capture = new Capture();
    for (const to of [{ address: '10.0.0.2', port: 53 }, { address: '255.255.255.255', port: 67 }]) {
      for await (const _ of networkOf(capture, [peer]).datagrams(to, Buffer.from('hi'), { signal })) break;
    }
    await peer.close();
    assert.deepEqual(capture.events.map(told), ['sent hi', 'received re hi', 'sent hi', 'received re hi']);
    assert.deepEqual(capture.events.flatMap((event) => (event.kind === 'frame' ? [] : [[event.phone.port === 68, event.peer.address]])), [
      [false, '10.0.0.2'], [false, '10.0.0.2'], [true, '255.255.255.255'], [true, '0.0.0.0'],
    ]);
  });

  it('keeps what comes before there is an address, the switch\'s frames too, and goes on with the lease', async () => {
    const capture = new Capture();
    const network = new RecordingNetwork(new UnaddressedNetwork({ forward: new Map(), frames: () => [Buffer.from('lldp')] }), capture);
    for await (const _ of network.lldp?.({ signal }) ?? []);
    const leased = network.withLease?.({ address: '10.0.0.100', nameServers: [], domainName: undefined });
    assert.equal(leased?.localAddress, '10.0.0.100');
    await assert.rejects(leased.connect(web, { signal }));
    for await (const _ of network.inVlan?.(100).datagrams({ address: '255.255.255.255', port: 67 }, Buffer.from('tagged'), { signal }) ?? []);
    assert.deepEqual(capture.events.map(told), ['frame lldp', 'connect refused', 'sent tagged']);
    const { lldp, withLease, inVlan } = networkOf(capture);
    assert.deepEqual([lldp, withLease, inVlan], [undefined, undefined, undefined], 'a network that has none of them is not given any');
  });

  it('keeps no more than its limit, without a gap before the end', async () => {
    answer = (socket) => { socket.end('x'.repeat(100)); };
    const capture = new Capture({ limit: 10 });
    assert.equal((await talk(capture, (socket) => { socket.write('12345'); })).length, 100);
    assert.equal(capture.full, true);
    assert.deepEqual(capture.events.map(told).filter((each) => each.startsWith('received')), []);
  });
});
