import { isIPv4 } from 'node:net';
import { InvalidArgumentError } from 'commander';
import type { Endpoint } from '../network/network.js';

/** An argument that has to be an IPv4 address, with or without a port. */
export function endpoint(defaultPort: number): (text: string) => Endpoint {
  return (text) => {
    const [, address = '', digits] = /^([\d.]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
    const port = digits === undefined ? defaultPort : Number(digits);
    if (isIPv4(address) && port >= 1 && port <= 65_535) return { address, port };
    throw new InvalidArgumentError(`It takes an IPv4 address, with or without a port: 192.0.2.53 or 192.0.2.53:${defaultPort}.`);
  };
}
