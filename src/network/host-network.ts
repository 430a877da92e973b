import { createSocket } from 'node:dgram';
import { getServers } from 'node:dns';
import { isIPv4, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Failure } from '../failure.js';
import type { CallOptions, Endpoint, Network } from './network.js';
import { answersOn, exchange, openConnection, type DatagramHandlers } from './sockets.js';

export interface HostNetworkOptions {
  /** Name of the interface to use, as the system calls it; default: the first with an IPv4 address that others can reach. */
  interface?: string | undefined;
  /** Name servers to ask, each with its port; default: those of the host, at port 53. */
  nameServers?: readonly Endpoint[] | undefined;
  /** As a lease would give it; default: none. */
  domainName?: string | undefined;
  /** Who is asked for DHCP options; `broadcast`: whoever hears it; default: nobody. */
  dhcpServer?: Endpoint | 'broadcast' | undefined;
}

const [dnsPort, dhcpServerPort] = [53, 67];

/** The host's own sockets: what is sent here reaches real servers. */
export class HostNetwork implements Network {
  readonly localAddress: string;
  readonly nameServers: readonly string[];
  readonly domainName: string | undefined;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #dhcpServer: Endpoint | 'broadcast' | undefined;

  /** Throws a Failure `network/no-interface`. */
  constructor(options: HostNetworkOptions = {}) {
    this.localAddress = addressOf(options.interface);
    const servers = options.nameServers ?? hostNameServers();
    this.nameServers = servers.map(({ address }) => address);
    this.#ports = new Map(servers.map(({ address, port }) => [address, port]));
    this.domainName = options.domainName;
    this.#dhcpServer = options.dhcpServer;
  }

  /** Fails with `network/refused`, `network/unreachable` or, for DHCP where the client's port cannot be had, `network/dhcp-port`. */
  async *datagrams(to: Endpoint, payload: Buffer, { signal }: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    if (signal.aborted) return;
    if (to.port === dhcpServerPort && to.address === '255.255.255.255') {
      if (this.#dhcpServer === undefined) return;
      const server = this.#dhcpServer === 'broadcast' ? to : this.#dhcpServer;
      yield* answersOn(server, signal, (handlers) => [this.#askDhcp(server, payload, handlers)]);
      return;
    }
    const port = to.port === dnsPort ? this.#ports.get(to.address) ?? dnsPort : to.port;
    yield* answersOn(to, signal, (handlers) => [exchange({ ...to, port }, payload, handlers)]);
  }

  connect(to: Endpoint, { signal }: CallOptions): Promise<Socket> {
    const port = to.port === dnsPort ? this.#ports.get(to.address) ?? dnsPort : to.port;
    return openConnection(to, { ...to, port }, signal);
  }

  /**
   * A DHCP server answers the client's well-known port whatever port it was asked from (RFC 2131 section 4.1): 68, or one above a
   * server's that is not at 67. It answers from an address of its own choice, so the socket is left unconnected.
   */
  #askDhcp(server: Endpoint, payload: Buffer, { onAnswer, onError }: DatagramHandlers) {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    const port = server.port + 1;
    socket.on('message', onAnswer);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      onError(error.syscall !== 'bind' ? error : new Failure(
        'network/dhcp-port', `DHCP answers come to UDP port ${port}, which this process cannot listen on: ${error.message}.`,
        { cause: error, hint: 'Run it with the right to use that port, or give the options in the plan and leave DHCP unasked.' },
      ));
    });
    socket.bind(port, server.address === '255.255.255.255' ? undefined : this.localAddress, () => {
      if (server.address === '255.255.255.255') socket.setBroadcast(true);
      socket.send(payload, server.port, server.address);
    });
    return socket;
  }
}

function addressOf(name: string | undefined): string {
  const interfaces = Object.entries(networkInterfaces())
    .flatMap(([own, addresses = []]) => addresses.filter(({ family }) => family === 'IPv4').map(({ address, internal }) => ({ own, address, internal })));
  // Without any other, a host can still talk to itself.
  const found = name === undefined
    ? interfaces.find(({ internal }) => !internal) ?? interfaces[0]
    : interfaces.find(({ own, address }) => own === name || address === name);
  if (found !== undefined) return found.address;
  const known = interfaces.map(({ own, address }) => `${own} (${address})`).join(', ');
  throw new Failure('network/no-interface', `This host has no interface ${name ?? 'with an IPv4 address'}; it has ${known || 'none'}.`);
}

function hostNameServers(): Endpoint[] {
  return getServers().flatMap((text) => {
    const [, address = text, port = String(dnsPort)] = /^([\d.]+):(\d+)$/.exec(text) ?? [];
    return isIPv4(address) ? [{ address, port: Number(port) }] : [];
  });
}
