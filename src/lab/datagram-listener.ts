import { createSocket, type RemoteInfo } from 'node:dgram';
import { Failure } from '../failure.js';
import { listenFailure } from '../network/listen-failure.js';
import type { Trace } from '../trace/trace.js';

/** A UDP service while it runs. */
export interface DatagramService {
  port: number;
  /** Calls back with the port that a datagram came from whenever one is left unanswered; returns the way to stop. */
  onSilence(listener: (port: number) => void): () => void;
  close(): Promise<void>;
}

export interface DatagramListenerOptions {
  /** Who it is in the trace. */
  actor: 'dns' | 'dhcp' | 'ntp';
  trace: Trace;
  bindAddress: string;
  port: number;
}

/**
 * Listens for datagrams and sends what `answer` returns back to where each came from; undefined is silence. A `Failure` out
 * of `answer` (a datagram that cannot be read) is noted in the trace and not answered. Rejects with `lab/port-in-use` or
 * `lab/cannot-listen`.
 */
export function listenForDatagrams(
  { actor, trace, bindAddress, port }: DatagramListenerOptions, answer: (datagram: Buffer, from: RemoteInfo) => Buffer | undefined,
): Promise<DatagramService> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4');
    const listeners = new Set<(port: number) => void>();
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.close();
      reject(listenFailure('lab', `The ${actor.toUpperCase()} server could not listen on ${bindAddress}:${port} (UDP)`, error, { bindAddress, port }));
    });
    socket.bind(port, bindAddress, () => {
      // From here on an error is a client that went away before its answer; UDP does not care.
      socket.removeAllListeners('error').on('error', () => {});
      socket.on('message', (datagram, from) => {
        try {
          const reply = answer(datagram, from);
          if (reply !== undefined) {
            socket.send(reply, from.port, from.address);
            return;
          }
        } catch (error) {
          if (!(error instanceof Failure)) throw error;
          trace.record(actor, { layer: 'note', summary: `A datagram from ${from.address}:${from.port} was not answered. ${error.message}` });
        }
        for (const listener of [...listeners]) listener(from.port);
      });
      resolve({
        port: socket.address().port,
        onSilence: (listener) => {
          listeners.add(listener);
          return () => { listeners.delete(listener); };
        },
        close: () => new Promise((closed) => { socket.close(() => { closed(); }); }),
      });
    });
  });
}
