import type { Endpoint, Network } from '../../network/network.js';

/**
 * Asks a name server over TCP, where each message has its length before it (RFC 1035 section 4.2.2), and gives the first message that comes back,
 * of at most 65,535 bytes; undefined where none does before the connection or `signal` ends.
 */
export async function exchangeOverTcp(network: Network, server: Endpoint, query: Buffer, signal: AbortSignal): Promise<Buffer | undefined> {
  try {
    const socket = await network.connect(server, { signal });
    const end = () => { socket.destroy(); };
    signal.addEventListener('abort', end, { once: true });
    try {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
      let received: Buffer = Buffer.alloc(0);
      for await (const chunk of socket) {
        received = Buffer.concat([received, chunk as Buffer]);
        if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) return received.subarray(2, 2 + received.readUInt16BE(0));
      }
      return undefined;
    } finally {
      signal.removeEventListener('abort', end);
      end();
    }
  } catch {
    // Refused, reset or too late: there is no answer over TCP.
    return undefined;
  }
}
