import { createSocket, type RemoteInfo } from 'node:dgram';
import type { Endpoint } from '../../src/network/network.js';

/** A UDP socket on loopback that answers each datagram with what `answer` returns, in order. */
export async function udpPeer(answer: (datagram: Buffer, from: RemoteInfo) => readonly Buffer[]): Promise<Endpoint & { close: () => Promise<void> }> {
  const socket = createSocket('udp4');
  socket.on('message', (datagram, from) => {
    for (const reply of answer(datagram, from)) socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
  return { address: '127.0.0.1', port: socket.address().port, close: () => new Promise((resolve) => { socket.close(() => { resolve(); }); }) };
}
