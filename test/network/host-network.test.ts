import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Failure } from '../../src/failure.js';
import { HostNetwork } from '../../src/network/host-network.js';
import { freePort } from '../interop/debian-program.js';
import { udpPeer } from './udp-peer.js';

const { signal } = new AbortController();
const loopback = '127.0.0.1';
const broadcast = { address: '255.255.255.255', port: 67 };
const failsWith = (code: string) => (error: unknown) => error instanceof Failure && error.code === code && error.message.endsWith('.');

async function firstOf(datagrams: AsyncIterable<Buffer>): Promise<string> {
  for await (const datagram of datagrams) return datagram.toString();
  return 'nothing';
}

/** A server port whose client port, one above it, belongs to `holder` until it is closed. */
async function dhcpPorts(): Promise<{ port: number; holder: Socket }> {
  for (;;) {
    const [port, next] = [await freePort(), await freePort()];
    if (next !== port + 1) continue;
    const holder = createSocket('udp4').bind(next, loopback);
    await once(holder, 'listening');
    return { port, holder };
  }
}

describe('HostNetwork', () => {
  const network = (options: ConstructorParameters<typeof HostNetwork>[0] = {}) => new HostNetwork({ interface: loopback, ...options });

  it('has the address of its interface and refuses one that the host does not have', () => {
    assert.equal(network().localAddress, loopback);
    assert.throws(() => network({ interface: 'lync0' }), (error) => failsWith('network/no-interface')(error) && /lync0; it has .*127\.0\.0\.1/.test((error as Error).message));
  });

  it('asks name servers at the port they were given with', async () => {
    const peer = await udpPeer((datagram) => [Buffer.from(`answer to ${datagram.toString()}`)]);
    const own = network({ nameServers: [peer] });
    assert.deepEqual(own.nameServers, [loopback]);
    assert.equal(await firstOf(own.datagrams({ address: loopback, port: 53 }, Buffer.from('question'), { signal })), 'answer to question');
    await peer.close();
  });

  it('connects to where it is told, and says when nothing listens there', async () => {
    const server = createServer((socket) => { socket.end('hello'); }).listen(0, loopback);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = await network().connect({ address: loopback, port }, { signal });
    assert.equal(String(await once(socket, 'data')), 'hello');
    socket.destroy();
    server.close();
    await once(server, 'close');
    await assert.rejects(network().connect({ address: loopback, port }, { signal }), failsWith('network/refused'));
  });

  it('asks no DHCP server unless it is told to', async () => {
    assert.equal(await firstOf(network().datagrams(broadcast, Buffer.from('inform'), { signal })), 'nothing');
  });

  it('hears the DHCP server at the port above its own, or says why it cannot', async () => {
    const { port, holder } = await dhcpPorts();
    const dhcpServer = { address: loopback, port };
    await assert.rejects(firstOf(network({ dhcpServer }).datagrams(broadcast, Buffer.from('inform'), { signal })), failsWith('network/dhcp-port'));
    holder.close();
    await once(holder, 'close');
    const server = createSocket('udp4');
    server.on('message', () => { server.send('options', port + 1, loopback); });
    server.bind(port, loopback);
    await once(server, 'listening');
    assert.equal(await firstOf(network({ dhcpServer }).datagrams(broadcast, Buffer.from('inform'), { signal })), 'options');
    server.close();
  });

  it('lets every phone hear the DHCP server, also when several ask at once', async () => {
    const { port, holder } = await dhcpPorts();
    const own = network({ dhcpServer: { address: loopback, port } });
    await assert.rejects(own.checkDhcp(), failsWith('network/dhcp-port'));
    holder.close();
    await once(holder, 'close');
    await own.checkDhcp();
    const server = createSocket('udp4');
    const asked: string[] = [];
    server.on('message', (datagram) => {
      asked.push(datagram.toString());
      if (asked.length === 2) for (const each of asked) server.send(`options for ${each}`, port + 1, loopback);
    });
    server.bind(port, loopback);
    await once(server, 'listening');
    const hears = async (phone: string) => {
      for await (const datagram of own.datagrams(broadcast, Buffer.from(phone), { signal })) if (datagram.toString() === `options for ${phone}`) return phone;
      return 'nothing';
    };
    assert.deepEqual(await Promise.all([hears('alice'), hears('bob')]), ['alice', 'bob']);
    server.close();
  });
});
