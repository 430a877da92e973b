import type { Server, Socket } from 'node:net';
import { Failure } from '../failure.js';

/** A TCP service while it runs. */
export interface TcpService {
  port: number;
  /** Stops listening and ends what is connected, at once. */
  close(): Promise<void>;
}

export interface TcpListenerOptions {
  /** For the sentence when it cannot listen: `registrar of lync.contoso.lab`. */
  name: string;
  bindAddress: string;
  /** 0 takes a free one. */
  port: number;
}

/** Has a server of any kind listen. Rejects with a Failure `lab/port-in-use` or `lab/cannot-listen`. */
export function listenForConnections(server: Server, { name, bindAddress, port }: TcpListenerOptions): Promise<TcpService> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => { sockets.delete(socket); });
  });
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      reject(new Failure(
        inUse ? 'lab/port-in-use' : 'lab/cannot-listen',
        `The ${name} could not listen on ${bindAddress}:${port}: ${inUse ? 'another program uses that port' : error.message}.`,
        { facts: { bindAddress, port }, cause: error },
      ));
    });
    server.listen(port, bindAddress, () => {
      const bound = server.address();
      resolve({
        port: bound !== null && typeof bound === 'object' ? bound.port : port,
        close: () => new Promise((closed) => {
          server.close(() => { closed(); });
          for (const socket of sockets) socket.destroy();
        }),
      });
    });
  });
}
