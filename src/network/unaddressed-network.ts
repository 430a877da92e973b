import { MappedNetwork, type MappedNetworkOptions } from './mapped-network.js';
import type { CallOptions, Lease, Network } from './network.js';

/** A network of made-up addresses on which a phone has none yet. */
export class UnaddressedNetwork extends MappedNetwork {
  readonly #forward: MappedNetworkOptions['forward'];
  readonly #frames: () => readonly Buffer[];

  /** @param frames what the switch tells by LLDP as soon as the phone is plugged in */
  constructor({ forward, frames = () => [] }: Pick<MappedNetworkOptions, 'forward'> & { frames?: () => readonly Buffer[] }) {
    super({ localAddress: '0.0.0.0', nameServers: [], domainName: undefined, forward });
    this.#forward = forward;
    this.#frames = frames;
  }

  withLease({ address, nameServers, domainName }: Lease): Network {
    return new MappedNetwork({ localAddress: address, nameServers, domainName, forward: this.#forward });
  }

  /** It ends at once when they are told: a switch that is silent now stays so, and the phone need not wait for it. */
  async *lldp({ signal }: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    for (const frame of this.#frames()) {
      if (signal.aborted) return;
      yield await Promise.resolve(frame);
    }
  }
}
