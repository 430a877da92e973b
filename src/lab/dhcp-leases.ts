import { addressBytes, addressText } from '../protocol/dhcp/address.js';

/** The addresses that a DHCP server has to give, and who has them. */
export class DhcpLeases {
  readonly #byHardware = new Map<string, string>();
  readonly #taken = new Set<string>();

  /** The address of this hardware, the same each time; undefined when every address is taken. */
  addressFor(hardwareAddress: string, { firstAddress, addresses }: { firstAddress: string; addresses: number }): string | undefined {
    const first = addressBytes(firstAddress).readUInt32BE();
    const within = (address: string) => {
      const at = addressBytes(address).readUInt32BE() - first;
      return at >= 0 && at < addresses;
    };
    const known = this.#byHardware.get(hardwareAddress);
    if (known !== undefined && within(known)) return known;
    for (let at = 0; at < addresses; at++) {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE((first + at) >>> 0);
      const address = addressText(bytes);
      if (this.#taken.has(address)) continue;
      if (known !== undefined) this.#taken.delete(known);
      this.#taken.add(address);
      this.#byHardware.set(hardwareAddress, address);
      return address;
    }
    return undefined;
  }
}
