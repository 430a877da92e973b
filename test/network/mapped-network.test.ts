import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Failure } from '../../src/failure.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import type { Endpoint } from '../../src/network/network.js';
import { udpPeer } from './udp-peer.js';

const networkOf = (forward: Record<string, Endpoint[]>) => new MappedNetwork({
  localAddress: '10.0.1.50', nameServers: ['10.0.0.2'], domainName: 'contoso.lab', forward: new Map(Object.entries(forward)),
});
const openUdpSockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWRAP').length;
const failsWith = (code: string) => (error: unknown) => error instanceof Failure && error.code === code && error.message.endsWith('.');
const { signal } = new AbortController();
const dns = { address: '10.0.0.2', port: 53 };
const broadcast = { address: '255.255.255.255', port: 67 };

async function firstOf(datagrams: AsyncIterable<Buffer>): Promise<string> {
  for await (const datagram of datagrams) return datagram.toString();
  return 'nothing';
}

describe('MappedNetwork.datagrams', () => {
  it('sends to the peer behind the address and yields its answers until the consumer stops, then closes the socket', async () => {
    const before = openUdpSockets();
    const peer = await udpPeer((datagram) => [Buffer.from(`1 ${datagram.toString()}`), Buffer.from(`2 ${datagram.toString()}`)]);
    const heard: string[] = [];
    for await (const answer of networkOf({ '10.0.0.2:53/udp': [peer] }).datagrams(dns, Buffer.from('hello'), { signal })) {
      heard.push(answer.toString());
      if (heard.length === 2) break;
    }
    await peer.close();
    assert.deepEqual(heard, ['1 hello', '2 hello']);
    assert.equal(openUdpSockets(), before);
  });

  it('lets every server behind a broadcast say all it has to say, and then ends', async () => {
    const before = openUdpSockets();
    const peers = await Promise.all(['a', 'b'].map((name) => udpPeer(() => [Buffer.from(`${name}1`), Buffer.from(`${name}2`)])));
    const heard: string[] = [];
    for await (const answer of networkOf({ '255.255.255.255:67/udp': peers }).datagrams(broadcast, Buffer.from('who?'), { signal })) heard.push(answer.toString());
    for (const peer of peers) await peer.close();
    assert.deepEqual(heard.sort(), ['a1', 'a2', 'b1', 'b2']);
    assert.equal(openUdpSockets(), before);
  });

  it('ends when the signal aborts, and closes the socket', async () => {
    const before = openUdpSockets();
    const controller = new AbortController();
    const peer = await udpPeer(() => { controller.abort(); return []; });
    assert.equal(await firstOf(networkOf({ '10.0.0.2:53/udp': [peer] }).datagrams(dns, Buffer.from('x'), { signal: controller.signal })), 'nothing');
    assert.equal(await firstOf(networkOf({ '10.0.0.2:53/udp': [peer] }).datagrams(dns, Buffer.from('x'), { signal: controller.signal })), 'nothing');
    await peer.close();
    assert.equal(openUdpSockets(), before);
  });

  it('does not hear a stranger who answers first', async () => {
    const stranger = createSocket('udp4');
    const peer = await udpPeer(() => []);
    const answering = createSocket('udp4');
    await peer.close();
    await new Promise<void>((resolve) => { answering.bind(peer.port, '127.0.0.1', resolve); });
    answering.on('message', (_datagram, from) => {
      stranger.send('stranger', from.port, from.address, () => { answering.send('friend', from.port, from.address); });
    });
    assert.equal(await firstOf(networkOf({ '10.0.0.2:53/udp': [peer] }).datagrams(dns, Buffer.from('x'), { signal })), 'friend');
    stranger.close();
    answering.close();
  });

  it('says that a port is refused when nothing is mapped there or nothing listens behind it', async () => {
    const gone = await udpPeer(() => []);
    await gone.close();
    await assert.rejects(firstOf(networkOf({}).datagrams(dns, Buffer.from('x'), { signal })), failsWith('network/refused'));
    await assert.rejects(firstOf(networkOf({ '10.0.0.2:53/udp': [gone] }).datagrams(dns, Buffer.from('x'), { signal })), failsWith('network/refused'));
  });

  it('ends a broadcast at once where nobody is to hear it', async () => {
    assert.equal(await firstOf(networkOf({}).datagrams(broadcast, Buffer.from('x'), { signal })), 'nothing');
  });

  it('ends a broadcast once all have answered or are known to be silent', async () => {
    const before = openUdpSockets();
    let silent: (port: number) => void = () => {};
    let stopped = 0;
    const [speaks, keepsSilent] = [await udpPeer(() => [Buffer.from('here')]), await udpPeer((_, from) => { silent(from.port); return []; })];
    const network = new MappedNetwork({
      localAddress: '0.0.0.0', nameServers: [], domainName: undefined, forward: new Map([['255.255.255.255:67/udp', [speaks, keepsSilent]]]),
      onSilence: (listener) => {
        silent = listener;
        return () => { stopped += 1; };
      },
    });
    const heard: string[] = [];
    for await (const answer of network.datagrams(broadcast, Buffer.from('who?'), { signal })) heard.push(answer.toString());
    await Promise.all([speaks.close(), keepsSilent.close()]);
    assert.deepEqual([heard, stopped, openUdpSockets()], [['here'], 1, before]);
  });

  it('leaves a broadcast that nobody hears unanswered', async () => {
    const gone = await udpPeer(() => []);
    await gone.close();
    const controller = new AbortController();
    const waiting = firstOf(networkOf({ '255.255.255.255:67/udp': [gone] }).datagrams(broadcast, Buffer.from('x'), { signal: controller.signal }));
    // Two turns of the event loop: a refused port has reported by then.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    controller.abort();
    assert.equal(await waiting, 'nothing');
  });
});

describe('MappedNetwork.connect', () => {
  const sip = { address: '10.0.0.10', port: 5061 };

  it('opens a connection that outlives the signal', async () => {
    const server = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const controller = new AbortController();
    const network = networkOf({ '10.0.0.10:5061/tcp': [{ address: '127.0.0.1', port: (server.address() as AddressInfo).port }] });
    const socket = await network.connect(sip, { signal: controller.signal });
    controller.abort();
    socket.write('still here');
    const [echo] = await once(socket, 'data') as [Buffer];
    assert.equal(echo.toString(), 'still here');
    socket.destroy();
    server.close();
  });

  it('says refused, or too late', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const network = networkOf({ '10.0.0.10:5061/tcp': [{ address: '127.0.0.1', port }] });
    await assert.rejects(network.connect(sip, { signal }), failsWith('network/refused'));
    await assert.rejects(networkOf({}).connect(sip, { signal }), failsWith('network/refused'));
    await assert.rejects(network.connect(sip, { signal: AbortSignal.abort() }), failsWith('network/timeout'));
    const controller = new AbortController();
    const connecting = network.connect(sip, { signal: controller.signal });
    controller.abort();
    await assert.rejects(connecting, failsWith('network/timeout'));
  });
});
