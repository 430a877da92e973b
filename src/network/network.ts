import type { Socket } from 'node:net';

/** One end of a connection or of a datagram. */
export interface Endpoint {
  /** An IP address, never a name: names are resolved by DNS messages on this same network. */
  address: string;
  port: number;
}

/** What ends a use of the network. */
export interface CallOptions {
  signal: AbortSignal;
}

/** What a phone is given to be on a network. */
export interface Lease {
  /** Its own. */
  address: string;
  /** Option 6, in order. */
  nameServers: readonly string[];
  /** Option 15. */
  domainName: string | undefined;
}

/**
 * Where an address and a port become a socket. The phone thinks in real addresses and real ports (53, 67, 80, 443, 5061);
 * a lab's network maps them to loopback ports, a live one uses the host's sockets. Nothing above this seam knows which.
 */
export interface Network {
  /** The phone's own address, as it writes it into `ciaddr`, Via and Contact. */
  readonly localAddress: string;
  /** DNS servers of the lease (option 6), in order. */
  readonly nameServers: readonly string[];
  /** Domain name of the lease (option 15). */
  readonly domainName: string | undefined;

  /** Sends one datagram and yields every answer that arrives until `signal` aborts or the consumer stops, or no more can come where a network knows that. */
  datagrams(to: Endpoint, payload: Buffer, options: CallOptions): AsyncIterable<Buffer>;

  /**
   * There where the phone has no address yet and must ask for one: the same network, as it is with that lease. A network without it has its
   * configuration already, and nobody asks for a VLAN or an address on it.
   */
  readonly withLease?: ((lease: Lease) => Network) | undefined;

  /** The same network for frames that carry a VLAN's tag; there where a phone is told one. */
  readonly inVlan?: ((id: number) => Network) | undefined;

  /** LLDP frames that the switch sends to this port, from now until `signal` aborts; missing where none can come. */
  lldp?(options: CallOptions): AsyncIterable<Buffer>;

  /** Opens a TCP connection. Rejects with a `Failure` (`network/refused`, `network/timeout`, `network/no-route`, `network/unreachable`). */
  connect(to: Endpoint, options: CallOptions): Promise<Socket>;
}
