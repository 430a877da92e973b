import type { Lease, Network } from '../network/network.js';
import { decodeLeaseOptions, serverIdentifierOf, type LeaseOptions } from '../protocol/dhcp/lease-options.js';
import type { DhcpMessage } from '../protocol/dhcp/message.js';

/** A lease with what it takes to keep it. */
export interface DhcpLease extends Lease {
  /** The server that gave it (option 54). */
  server: string;
  /** When it is to be renewed by that server (T1), by any (T2), and when it is over, milliseconds from its beginning; undefined: never. */
  times: { renewal: number; rebinding: number; expiry: number } | undefined;
}

/** What became of the lease while the phone was going by it. */
export type LeaseEvent =
  | { type: 'leaseRenewed'; lease: DhcpLease; network: Network }
  | { type: 'leaseLost' };

/** The least time between two requests for one lease (RFC 2131 section 4.4.5), and so the shortest life that the phone lets a server give. Milliseconds. */
export const leastWait = 60_000;
const endless = 0xffffffff;

/** What an offer or an acknowledgement gives; undefined without an address, or where it does not say whose it is. Throws `dhcp/malformed`. */
export function leaseOf({ yourAddress, options }: DhcpMessage): DhcpLease | undefined {
  const { nameServers, domainName, ...life } = decodeLeaseOptions(options);
  const server = serverIdentifierOf(options);
  return yourAddress === undefined || server === undefined ? undefined : { address: yourAddress, nameServers, domainName, server, times: timesOf(life) };
}

/** Half and seven eighths of its life, unless the server gives other times in their order (RFC 2131 section 4.4.5). One of no stated life is kept (assumed). */
function timesOf({ seconds, renewalSeconds, rebindingSeconds }: Pick<LeaseOptions, 'seconds' | 'renewalSeconds' | 'rebindingSeconds'>): DhcpLease['times'] {
  if (seconds === undefined || seconds === endless) return undefined;
  const expiry = Math.max(seconds * 1000, leastWait);
  const usual = { renewal: expiry / 2, rebinding: expiry * 7 / 8, expiry };
  const told = { renewal: renewalSeconds === undefined ? usual.renewal : renewalSeconds * 1000, rebinding: rebindingSeconds === undefined ? usual.rebinding : rebindingSeconds * 1000, expiry };
  return told.renewal > 0 && told.renewal < told.rebinding && told.rebinding < expiry ? told : usual;
}
