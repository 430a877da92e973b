import { addressBytes, addressText } from '../protocol/dhcp/address.js';

/** The addresses that a DHCP server has to give, and who has them, until when. */
export class DhcpLeases {
  readonly #now: () => number;
  /** By address. A lease that is over stays known for as long as nobody else needs the address. */
  readonly #leases = new Map<string, { hardwareAddress: string; until: number }>();

  /** @param now milliseconds since 1970 */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The address of this hardware, from now on for so long: the same each time where it can be (RFC 2131 section 4.3.1); undefined when every address is taken. */
  addressFor(hardwareAddress: string, { firstAddress, addresses, seconds }: { firstAddress: string; addresses: number; seconds: number }): string | undefined {
    const first = addressBytes(firstAddress).readUInt32BE();
    const all = Array.from({ length: addresses }, (_, at) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE((first + at) >>> 0);
      return addressText(bytes);
    });
    const now = this.#now();
    const address = all.find((each) => this.#leases.get(each)?.hardwareAddress === hardwareAddress)
      ?? all.find((each) => !this.#leases.has(each)) ?? all.find((each) => (this.#leases.get(each)?.until ?? 0) <= now);
    if (address === undefined) return undefined;
    for (const [each, lease] of this.#leases) if (lease.hardwareAddress === hardwareAddress) this.#leases.delete(each);
    this.#leases.set(address, { hardwareAddress, until: now + seconds * 1000 });
    return address;
  }
}
