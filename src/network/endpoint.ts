import { isIPv4 } from 'node:net';
import type { Endpoint } from './network.js';

/** The form of `ADDRESS` or `ADDRESS:PORT`, before its numbers are looked at. */
export const endpointPattern = /^([\d.]+)(?::(\d{1,5}))?$/;

/** What `parseEndpoint` takes, for a sentence. */
export const endpointForm = (defaultPort: number) => `an IPv4 address, with or without a port: 192.0.2.53 or 192.0.2.53:${defaultPort}`;

/** Reads `ADDRESS` or `ADDRESS:PORT`; undefined for what is none, a name included. */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | undefined {
  const [, address = '', digits] = endpointPattern.exec(text) ?? [];
  const port = digits === undefined ? defaultPort : Number(digits);
  return isIPv4(address) && isPort(port) ? { address, port } : undefined;
}

export const isPort = (port: number) => port >= 1 && port <= 65_535;
