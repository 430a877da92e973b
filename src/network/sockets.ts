import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { Failure } from '../failure.js';
import type { Endpoint } from './network.js';

/** Answers kept for a consumer that is busy; a peer that sends more at once loses the rest, as with any full buffer. */
const bufferedAnswers = 64;

/** What has an end. */
export interface Closable {
  close(): void;
}

export interface DatagramHandlers {
  onAnswer: (answer: Buffer) => void;
  onError: (error: Error) => void;
}

/**
 * The answers on some sockets, until `signal` aborts, the consumer stops, one of them fails, or `onEnd` tells that no more can come. `to` is
 * the address that failures speak of. The sockets are closed at the end.
 */
export async function* answersOn(
  to: Endpoint, signal: AbortSignal, open: (handlers: DatagramHandlers & { onEnd: () => void }) => readonly Closable[],
): AsyncGenerator<Buffer, void, undefined> {
  const answers: Buffer[] = [];
  let ended = false;
  let failure: Failure | undefined;
  let wake = () => {};
  const sockets = open({
    onAnswer: (answer) => { if (answers.length < bufferedAnswers) answers.push(answer); wake(); },
    onError: (error) => { failure ??= networkFailure('UDP', to, error); wake(); },
    onEnd: () => { ended = true; wake(); },
  });
  const onAbort = () => { wake(); };
  signal.addEventListener('abort', onAbort);
  try {
    for (;;) {
      for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) yield answer;
      if (signal.aborted || ended) return;
      if (failure !== undefined) throw failure;
      await new Promise<void>((resolve) => { wake = resolve; });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const socket of sockets) socket.close();
  }
}

/** Sends `payload` from a socket of its own and reports what comes back: the kernel drops what others send, and tells of a closed port. */
export function exchange(peer: Endpoint, payload: Buffer, handlers: DatagramHandlers): DatagramSocket {
  const socket = createSocket('udp4');
  socket.on('message', handlers.onAnswer);
  socket.on('error', handlers.onError);
  socket.on('connect', () => { socket.send(payload); });
  socket.connect(peer.port, peer.address);
  return socket;
}

/** A TCP connection to `peer`; `to` is the address its failures speak of. It outlives `signal`, which only ends the attempt (`network/timeout`). */
export function openConnection(to: Endpoint, peer: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) { reject(timedOut(to)); return; }
    const socket = connect({ host: peer.address, port: peer.port, noDelay: true });
    const settle = () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
    };
    const onConnect = () => { settle(); resolve(socket); };
    const onError = (error: Error) => { settle(); reject(networkFailure('TCP', to, error)); };
    const onAbort = () => { settle(); socket.destroy(); reject(timedOut(to)); };
    signal.addEventListener('abort', onAbort);
    socket.once('connect', onConnect).once('error', onError);
  });
}

function networkFailure(protocol: 'TCP' | 'UDP', to: Endpoint, error: NodeJS.ErrnoException): Failure {
  if (error instanceof Failure) return error;
  if (error.code === 'ECONNREFUSED') return refused(protocol, to, error);
  if (error.code === 'ETIMEDOUT') return timedOut(to, error);
  if (error.code === 'ENETUNREACH' || error.code === 'EHOSTUNREACH') return noRoute(protocol, to, error);
  return new Failure(
    'network/unreachable', `${to.address}:${to.port} (${protocol}) could not be reached: ${error.message}.`, { facts: { ...to }, cause: error },
  );
}

export function refused(protocol: 'TCP' | 'UDP', to: Endpoint, cause?: Error): Failure {
  return new Failure('network/refused', `${to.address} refused port ${to.port} (${protocol}): nothing listens there.`, { facts: { ...to }, cause });
}

export function noRoute(protocol: 'TCP' | 'UDP', to: Endpoint, cause?: Error): Failure {
  return new Failure('network/no-route', `No route leads to ${to.address}:${to.port} (${protocol}).`, { facts: { ...to }, cause });
}

function timedOut(to: Endpoint, cause?: Error): Failure {
  return new Failure('network/timeout', `${to.address}:${to.port} (TCP) did not accept the connection in time.`, { facts: { ...to }, cause });
}
