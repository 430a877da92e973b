import { Failure } from '../../failure.js';
import { addressBytes, addressText } from './address.js';
import { messageTypes } from './message.js';
import { optionCodes, type DhcpOptions } from './options.js';

/** What a lease tells besides the address itself (RFC 2132 sections 3.3, 3.5, 3.8, 3.17, 9.2, 9.11, 9.12). */
export interface LeaseOptions {
  subnetMask: string | undefined;
  routers: readonly string[];
  nameServers: readonly string[];
  domainName: string | undefined;
  /** How long the lease lasts; undefined where the server does not say. */
  seconds: number | undefined;
  /** T1, when its own server is asked to renew it, and T2, when anyone is; missing where the server leaves them to the client. */
  renewalSeconds?: number | undefined;
  rebindingSeconds?: number | undefined;
}

/** Options a client without an address asks for. */
export const leaseParameters = Buffer.of(optionCodes.subnetMask, optionCodes.router, optionCodes.nameServers, optionCodes.domainName);

export function encodeLeaseOptions({ subnetMask, routers, nameServers, domainName, seconds, renewalSeconds, rebindingSeconds }: LeaseOptions): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  const times = [[optionCodes.leaseTime, seconds], [optionCodes.renewalTime, renewalSeconds], [optionCodes.rebindingTime, rebindingSeconds]] as const;
  for (const [code, time] of times) if (time !== undefined) options.set(code, uint32(time));
  if (subnetMask !== undefined) options.set(optionCodes.subnetMask, addressBytes(subnetMask));
  if (routers.length > 0) options.set(optionCodes.router, Buffer.concat(routers.map(addressBytes)));
  if (nameServers.length > 0) options.set(optionCodes.nameServers, Buffer.concat(nameServers.map(addressBytes)));
  if (domainName !== undefined) options.set(optionCodes.domainName, Buffer.from(domainName, 'latin1'));
  return options;
}

/** Reads them. Throws `dhcp/malformed` for a value of a length that its option cannot have. */
export function decodeLeaseOptions(options: DhcpOptions): LeaseOptions {
  const [mask] = addresses(options, optionCodes.subnetMask);
  return {
    subnetMask: mask, routers: addresses(options, optionCodes.router), nameServers: addresses(options, optionCodes.nameServers),
    domainName: domainNameOf(options), seconds: secondsOf(options, optionCodes.leaseTime),
    renewalSeconds: secondsOf(options, optionCodes.renewalTime), rebindingSeconds: secondsOf(options, optionCodes.rebindingTime),
  };
}

/** Option 15 without the zero that some servers end it with; undefined for none, or bytes that are no name. */
export function domainNameOf(options: DhcpOptions): string | undefined {
  const name = options.get(optionCodes.domainName)?.toString('latin1').replace(/\0+$/, '') ?? '';
  return /^[!-~]+$/.test(name) ? name : undefined;
}

/** The server that sent the message (option 54), or undefined where it does not say. */
export function serverIdentifierOf(options: DhcpOptions): string | undefined {
  const value = options.get(optionCodes.serverIdentifier);
  return value?.length === 4 ? addressText(value) : undefined;
}

export function messageTypeOption(type: keyof typeof messageTypes): [number, Buffer] {
  return [optionCodes.messageType, Buffer.of(messageTypes[type])];
}

function addresses(options: DhcpOptions, code: number): string[] {
  const value = options.get(code);
  if (value === undefined) return [];
  if (value.length === 0 || value.length % 4 !== 0) throw malformed(code);
  return Array.from({ length: value.length / 4 }, (_, index) => addressText(value.subarray(index * 4, index * 4 + 4)));
}

function secondsOf(options: DhcpOptions, code: number): number | undefined {
  const value = options.get(code);
  if (value !== undefined && value.length !== 4) throw malformed(code);
  return value?.readUInt32BE();
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function malformed(code: number): Failure {
  return new Failure('dhcp/malformed', `DHCP option ${code} has a length that it cannot have.`, { facts: { code } });
}
