import { isIPv4 } from 'node:net';
import { Failure } from '../../failure.js';

/** An IPv4 address in its four bytes. Throws `dhcp/address`. */
export function addressBytes(address: string): Buffer {
  if (!isIPv4(address)) throw new Failure('dhcp/address', `'${address}' is not an IPv4 address.`);
  return Buffer.from(address.split('.').map(Number));
}

/** Four bytes as `10.0.0.2`. */
export function addressText(bytes: Buffer): string {
  return [...bytes].join('.');
}
