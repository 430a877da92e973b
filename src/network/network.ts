import type { Socket } from 'node:net';

export interface Endpoint {
  /** An IP address, never a name: names are resolved by DNS messages on this same network. */
  address: string;
  port: number;
}

export interface CallOptions {
  signal: AbortSignal;
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

  /** Sends one datagram and yields every answer that arrives until `signal` aborts or the consumer stops. */
  datagrams(to: Endpoint, payload: Buffer, options: CallOptions): AsyncIterable<Buffer>;

  /** Opens a TCP connection. Rejects with a `Failure` (`network/refused`, `network/timeout`, `network/unreachable`). */
  connect(to: Endpoint, options: CallOptions): Promise<Socket>;
}
