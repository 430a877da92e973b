import { MappedNetwork, type MappedNetworkOptions } from './mapped-network.js';
import type { CallOptions, Endpoint, Lease, Network } from './network.js';
import { noRoute } from './sockets.js';

/** A VLAN in which DHCP is answered. */
interface ServedVlan {
  /** 0: untagged. */
  id: number;
  /** Whether its router leads to anything else. */
  routed: boolean;
}

interface UnaddressedNetworkOptions extends Pick<MappedNetworkOptions, 'forward' | 'onSilence'> {
  /** What the switch tells by LLDP as soon as the phone is plugged in. */
  frames?: () => readonly Buffer[];
  /** In any other a phone is alone; default: every VLAN is served, and leads everywhere. */
  vlans?: readonly ServedVlan[] | undefined;
}

/** A network of made-up addresses on which a phone has none yet. */
export class UnaddressedNetwork extends MappedNetwork {
  readonly #options: UnaddressedNetworkOptions;
  readonly #routed: boolean;

  /** @param vlan whose tag the phone's frames carry; 0: none */
  constructor(options: UnaddressedNetworkOptions, vlan = 0) {
    const served = options.vlans === undefined ? { routed: true } : options.vlans.find(({ id }) => id === vlan);
    super({ localAddress: '0.0.0.0', nameServers: [], domainName: undefined, forward: served === undefined ? new Map() : options.forward, onSilence: options.onSilence });
    this.#options = options;
    this.#routed = served?.routed === true;
  }

  inVlan(id: number): Network {
    return new UnaddressedNetwork(this.#options, id);
  }

  withLease({ address, nameServers, domainName }: Lease): Network {
    const options = { localAddress: address, nameServers, domainName, forward: this.#options.forward, onSilence: this.#options.onSilence };
    return this.#routed ? new MappedNetwork(options) : new UnroutedNetwork(options);
  }

  /** It ends at once when they are told: a switch that is silent now stays so, and the phone need not wait for it. */
  async *lldp({ signal }: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    for (const frame of this.#options.frames?.() ?? []) {
      if (signal.aborted) return;
      yield await Promise.resolve(frame);
    }
  }
}

/** A VLAN whose router relays DHCP and knows no way to anything else, and says so at once (`network/no-route`; RFC 1812 section 5.2.7.1). */
class UnroutedNetwork extends MappedNetwork {
  override async *datagrams(to: Endpoint, payload: Buffer, options: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    if (to.address !== '255.255.255.255') throw noRoute('UDP', to);
    yield* super.datagrams(to, payload, options);
  }

  override connect(to: Endpoint): ReturnType<MappedNetwork['connect']> {
    return Promise.reject(noRoute('TCP', to));
  }
}
