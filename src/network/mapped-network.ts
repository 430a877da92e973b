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
}

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

  /**
   * A port that nothing is behind refuses at once (`network/refused`); a broadcast ends when all its hearers, of whom there may be none,
   * have answered: there is nobody else, and the phone need not wait for more.
   */
  async *datagrams(to: Endpoint, payload: Buffer, { signal }: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    if (signal.aborted) return;
    const broadcast = to.address === '255.255.255.255';
    const peers = this.#forward.get(`${to.address}:${to.port}/udp`) ?? [];
    if (peers.length === 0) {
      if (broadcast) return;
      throw refused('UDP', to);
    }

    const silent = new Set(peers);
    yield* answersOn(to, signal, ({ onAnswer, onError, onEnd }) => peers.map((peer) => exchange(peer, payload, broadcast ? {
      onAnswer: (answer) => {
        onAnswer(answer);
        silent.delete(peer);
        // What it sent with this one is read first.
        if (silent.size === 0) setImmediate(onEnd);
      },
      // Nobody has to hear a broadcast, and a closed port among its hearers is no error.
      onError: () => {},
    } : { onAnswer, onError })));
  }

  /** The connection outlives `signal`, which only ends the attempt (`network/timeout`). */
  async connect(to: Endpoint, { signal }: CallOptions): Promise<Socket> {
    const peer = this.#forward.get(`${to.address}:${to.port}/tcp`)?.[0];
    if (peer === undefined) throw refused('TCP', to);
    return openConnection(to, peer, signal);
  }
}
