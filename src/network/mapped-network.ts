import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { Failure } from '../failure.js';
import type { CallOptions, Endpoint, Network } from './network.js';

export interface MappedNetworkOptions {
  localAddress: string;
  nameServers: readonly string[];
  domainName: string | undefined;
  /**
   * `10.0.0.10:5061/tcp`, `10.0.0.2:53/udp`, `255.255.255.255:67/udp` to the sockets behind it. A datagram goes to all of
   * them, a connection to the first. The map is read at each call: what is added or removed later counts from then on.
   */
  forward: ReadonlyMap<string, readonly Endpoint[]>;
}

/** Answers kept for a consumer that is busy; a peer that sends more at once loses the rest, as with any full buffer. */
const bufferedAnswers = 64;

/** A network of made-up addresses, each service of which is a socket elsewhere, usually on loopback. */
export class MappedNetwork implements Network {
  readonly localAddress: string;
  readonly nameServers: readonly string[];
  readonly domainName: string | undefined;
  readonly #forward: ReadonlyMap<string, readonly Endpoint[]>;

  constructor(options: MappedNetworkOptions) {
    this.localAddress = options.localAddress;
    this.nameServers = options.nameServers;
    this.domainName = options.domainName;
    this.#forward = options.forward;
  }

  /** A port that nothing is behind refuses at once (`network/refused`); a broadcast that nobody hears just stays unanswered. */
  async *datagrams(to: Endpoint, payload: Buffer, { signal }: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    if (signal.aborted) return;
    const broadcast = to.address === '255.255.255.255';
    const peers = this.#forward.get(`${to.address}:${to.port}/udp`) ?? [];
    if (peers.length === 0 && !broadcast) throw refused('UDP', to);

    const answers: Buffer[] = [];
    let failure: Failure | undefined;
    let wake = () => {};
    // A connected socket for each peer: the kernel then drops what others send, and reports a closed port.
    const sockets = peers.map((peer) => exchange(peer, payload, {
      onAnswer: (answer) => { if (answers.length < bufferedAnswers) answers.push(answer); wake(); },
      onError: (error) => { if (!broadcast) failure ??= networkFailure('UDP', to, error); wake(); },
    }));
    const onAbort = () => { wake(); };
    signal.addEventListener('abort', onAbort);
    try {
      for (;;) {
        for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) yield answer;
        if (signal.aborted) return;
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => { wake = resolve; });
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      for (const socket of sockets) socket.close();
    }
  }

  /** The connection outlives `signal`, which only ends the attempt (`network/timeout`). */
  async connect(to: Endpoint, { signal }: CallOptions): Promise<Socket> {
    const peer = this.#forward.get(`${to.address}:${to.port}/tcp`)?.[0];
    if (peer === undefined) throw refused('TCP', to);
    return openConnection(to, peer, signal);
  }
}

/** Sends `payload` from a socket of its own and reports what comes back. */
function exchange(
  peer: Endpoint, payload: Buffer, handlers: { onAnswer: (answer: Buffer) => void; onError: (error: Error) => void },
): DatagramSocket {
  const socket = createSocket('udp4');
  socket.on('message', handlers.onAnswer);
  socket.on('error', handlers.onError);
  socket.on('connect', () => { socket.send(payload); });
  socket.connect(peer.port, peer.address);
  return socket;
}

/** A TCP connection to `peer`; `to` is the address its failures speak of. */
function openConnection(to: Endpoint, peer: Endpoint, signal: AbortSignal): Promise<Socket> {
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
  if (error.code === 'ECONNREFUSED') return refused(protocol, to, error);
  if (error.code === 'ETIMEDOUT') return timedOut(to, error);
  return new Failure(
    'network/unreachable', `${to.address}:${to.port} (${protocol}) could not be reached: ${error.message}.`, { facts: { ...to }, cause: error },
  );
}

function refused(protocol: 'TCP' | 'UDP', to: Endpoint, cause?: Error): Failure {
  return new Failure('network/refused', `${to.address} refused port ${to.port} (${protocol}): nothing listens there.`, { facts: { ...to }, cause });
}

function timedOut(to: Endpoint, cause?: Error): Failure {
  return new Failure('network/timeout', `${to.address}:${to.port} (TCP) did not accept the connection in time.`, { facts: { ...to }, cause });
}
