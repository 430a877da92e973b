import { getServers } from 'node:dns';
import { isIPv4, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Failure } from '../failure.js';
import type { CallOptions, Endpoint, Network } from './network.js';
import { DhcpClientPort } from './dhcp-client-port.js';
import { answersOn, exchange, openConnection } from './sockets.js';

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

const dnsPort = 53;
const broadcast: Endpoint = { address: '255.255.255.255', port: 67 };

/** The host's own sockets: what is sent here reaches real servers. */
export class HostNetwork implements Network {
  readonly localAddress: string;
  readonly nameServers: readonly string[];
  readonly domainName: string | undefined;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #dhcp: { server: Endpoint; port: DhcpClientPort } | undefined;

  /** Throws a Failure `network/no-interface`. */
  constructor(options: HostNetworkOptions = {}) {
    this.localAddress = addressOf(options.interface);
    const servers = options.nameServers ?? hostNameServers();
    this.nameServers = servers.map(({ address }) => address);
    this.#ports = new Map(servers.map(({ address, port }) => [address, port]));
    this.domainName = options.domainName;
    const server = options.dhcpServer === 'broadcast' ? broadcast : options.dhcpServer;
    this.#dhcp = server && { server, port: new DhcpClientPort(server, this.localAddress) };
  }

  /** Fails with `network/refused`, `network/unreachable` or, for DHCP where the client's port cannot be had, `network/dhcp-port`. */
  async *datagrams(to: Endpoint, payload: Buffer, { signal }: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    if (signal.aborted) return;
    if (to.port === broadcast.port && to.address === broadcast.address) {
      if (this.#dhcp === undefined) return;
      const { server, port } = this.#dhcp;
      yield* answersOn(server, signal, (handlers) => [port.ask(payload, handlers)]);
      return;
    }
    const port = to.port === dnsPort ? this.#ports.get(to.address) ?? dnsPort : to.port;
    yield* answersOn(to, signal, (handlers) => [exchange({ ...to, port }, payload, handlers)]);
  }

  /** Rejects with a Failure `network/dhcp-port` where DHCP is to be asked and its answers cannot be heard. */
  async checkDhcp(): Promise<void> {
    await this.#dhcp?.port.check();
  }

  connect(to: Endpoint, { signal }: CallOptions): Promise<Socket> {
    const port = to.port === dnsPort ? this.#ports.get(to.address) ?? dnsPort : to.port;
    return openConnection(to, { ...to, port }, signal);
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
