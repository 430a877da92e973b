import type { Server, Socket } from 'node:net';
import { listenFailure } from '../network/listen-failure.js';

/** A TCP service while it runs. */
export interface TcpService {
  port: number;
  /** Stops listening and ends what is connected, at once. */
  close(): Promise<void>;
  /** After `close`: listens again, on the same port. Rejects as the first time. */
  reopen(): Promise<void>;
}

export interface TcpListenerOptions {
  /** For the sentence when it cannot listen: `registrar of lync.contoso.lab`. */
  name: string;
  bindAddress: string;
  /** 0 takes a free one. */
  port: number;
}

/** Has a server of any kind listen. Rejects with a Failure `lab/port-in-use` or `lab/cannot-listen`. */
export async function listenForConnections(server: Server, options: TcpListenerOptions): Promise<TcpService> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => { sockets.delete(socket); });
  });
  const port = await listen(server, options);
  return {
    port,
    close: () => new Promise((closed) => {
      server.close(() => { closed(); });
      for (const socket of sockets) socket.destroy();
    }),
    reopen: async () => { await listen(server, { ...options, port }); },
  };
}

/** The port it then listens on. */
function listen(server: Server, { name, bindAddress, port }: TcpListenerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => { reject(listenFailure('lab', `The ${name} could not listen on ${bindAddress}:${port}`, error, { bindAddress, port })); };
    server.once('error', failed);
    server.listen(port, bindAddress, () => {
      server.off('error', failed);
      const bound = server.address();
      resolve(bound !== null && typeof bound === 'object' ? bound.port : port);
    });
  });
}
