import { Failure } from '../../failure.js';
import { decodeName, encodeName } from '../dns/name.js';

const domainNames = 0;
const ipAddresses = 1;

/** Option 120's value for one server name (RFC 3361 section 3.1: encoding byte 0, then RFC 1035 labels). */
export function encodeSipServersOption(name: string): Buffer {
  return Buffer.concat([Buffer.of(domainNames), encodeName(name)]);
}

/**
 * Reads option 120's value. The first name counts, since Lync's own tools write no more than one; `others` tells that there
 * was more. Throws `dhcp/malformed`, also for a list of IP addresses (encoding byte 1), which Lync cannot use: TLS needs a name.
 */
export function decodeSipServersOption(value: Buffer): { name: string; others: boolean } {
  if (value[0] === ipAddresses) throw new Failure('dhcp/malformed', 'DHCP option 120 lists IP addresses; Lync takes only names there.');
  if (value[0] !== domainNames) throw new Failure('dhcp/malformed', 'DHCP option 120 does not begin with the encoding byte 0 of a list of names.');
  // Compression pointers, which RFC 3361 allows, count from the byte after the encoding byte.
  const { name, end } = decodeName(value.subarray(1), 0);
  if (name === '.') throw new Failure('dhcp/malformed', 'DHCP option 120 holds no name.');
  return { name, others: 1 + end < value.length };
}
