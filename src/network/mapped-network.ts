import type { Socket } from 'node:net';
import type { CallOptions, Endpoint, Network } from './network.js';
import { answersOn, exchange, openConnection, refused } from './sockets.js';

export interface MappedNetworkOptions {
  localAddress: string;
  nameServers: readonly string[];
  domainName: string | undefined;
  /**
   * `10.0.0.10:5061/tcp`, `10.0.0.2:53/udp`, `255.255.255.255:67/udp` to the sockets behind it. A datagram goes to all of
   * them, a connection to the first. The map is read at each call: what is added or removed later counts from then on.
   */
  forward: ReadonlyMap<string, readonly Endpoint[]>;
  /** Calls back with the port that a datagram came from whenever a service behind the map leaves one unanswered; returns the way to stop. */
  onSilence?: ((listener: (port: number) => void) => () => void) | undefined;
}

/** A network of made-up addresses, each service of which is a socket elsewhere, usually on loopback. */
export class MappedNetwork implements Network {
  readonly localAddress: string;
  readonly nameServers: readonly string[];
  readonly domainName: string | undefined;
  readonly #forward: ReadonlyMap<string, readonly Endpoint[]>;
  readonly #onSilence: MappedNetworkOptions['onSilence'];

  constructor(options: MappedNetworkOptions) {
    this.localAddress = options.localAddress;
    this.nameServers = options.nameServers;
    this.domainName = options.domainName;
    this.#forward = options.forward;
    this.#onSilence = options.onSilence;
  }

  /**
   * A port that nothing is behind refuses at once (`network/refused`); a broadcast ends when all its hearers, of whom there may be none,
   * have answered, or will not: there is nobody else, and the phone need not wait for more.
   */
  async *datagrams(to: Endpoint, payload: Buffer, { signal }: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    if (signal.aborted) return;
    const broadcast = to.address === '255.255.255.255';
    const peers = this.#forward.get(`${to.address}:${to.port}/udp`) ?? [];
    if (peers.length === 0) {
      if (broadcast) return;
      throw refused('UDP', to);
    }

    if (!broadcast) {
      yield* answersOn(to, signal, (handlers) => peers.map((peer) => exchange(peer, payload, handlers)));
      return;
    }
    const awaited = new Set(peers);
    yield* answersOn(to, signal, ({ onAnswer, onEnd }) => {
      const done = (peer: Endpoint) => {
        awaited.delete(peer);
        // What it sent with this one is read first.
        if (awaited.size === 0) setImmediate(onEnd);
      };
      const from = new Map<number, Endpoint>();
      const sockets = peers.map((peer) => {
        // Nobody has to hear a broadcast, and a closed port among its hearers is no error.
        const socket = exchange(peer, payload, { onAnswer: (answer) => { onAnswer(answer); done(peer); }, onError: () => {} });
        return socket.on('connect', () => { from.set(socket.address().port, peer); });
      });
      const close = this.#onSilence?.((port) => {
        const peer = from.get(port);
        if (peer !== undefined) done(peer);
      });
      return close === undefined ? sockets : [...sockets, { close }];
    });
  }

  /** The connection outlives `signal`, which only ends the attempt (`network/timeout`). */
  async connect(to: Endpoint, { signal }: CallOptions): Promise<Socket> {
    const peer = this.#forward.get(`${to.address}:${to.port}/tcp`)?.[0];
    if (peer === undefined) throw refused('TCP', to);
    return openConnection(to, peer, signal);
  }
}
