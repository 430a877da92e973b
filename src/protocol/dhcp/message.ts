import { Failure } from '../../failure.js';
import { addressBytes, addressText } from './address.js';
import { decodeOptions, encodeOptions, optionCodes, type DhcpOptions } from './options.js';

/** RFC 2132 section 9.6. */
export const messageTypes = { discover: 1, offer: 2, request: 3, ack: 5, nak: 6, inform: 8 } as const;

/** A DHCP message (RFC 2131 section 2), without the fields that only relays and the loading of boot files use. */
export interface DhcpMessage {
  operation: 'request' | 'reply';
  /** `xid`, 32 bits. */
  transactionId: number;
  /** `ciaddr`. */
  clientAddress: string;
  /** `yiaddr`, what the server gives; missing where it gives none. */
  yourAddress?: string;
  /** `00-04-F2-00-01-76`. */
  hardwareAddress: string;
  options: DhcpOptions;
}

const magicCookie = Buffer.of(99, 130, 83, 99);
const fixedLength = 236;
/** BOOTP's message length (RFC 951), below which some servers and relays drop a message (RFC 1542 section 2.1). */
const shortestMessage = 300;
const ethernet = 1;
const none = '0.0.0.0';

/** The message as one datagram carries it, padded to BOOTP's length. */
export function encodeDhcpMessage(message: DhcpMessage): Buffer {
  const fixed = Buffer.alloc(fixedLength);
  const hardware = Buffer.from(message.hardwareAddress.replaceAll('-', ''), 'hex');
  if (hardware.length !== 6) throw new Failure('dhcp/hardware-address', `'${message.hardwareAddress}' is not an Ethernet address like 00-04-F2-00-01-76.`);
  fixed[0] = message.operation === 'request' ? 1 : 2;
  fixed[1] = ethernet;
  fixed[2] = hardware.length;
  fixed.writeUInt32BE(message.transactionId, 4);
  fixed.set(addressBytes(message.clientAddress), 12);
  fixed.set(addressBytes(message.yourAddress ?? none), 16);
  fixed.set(hardware, 28);
  const whole = Buffer.concat([fixed, magicCookie, encodeOptions(message.options)]);
  return whole.length >= shortestMessage ? whole : Buffer.concat([whole], shortestMessage);
}

/**
 * Reads a datagram. Throws `dhcp/malformed` for what is no DHCP message over Ethernet. Option overload (52) is not followed:
 * options that a server moved into `sname` and `file` stay unread.
 */
export function decodeDhcpMessage(datagram: Buffer): DhcpMessage {
  const optionsAt = fixedLength + magicCookie.length;
  if (datagram.length < optionsAt) throw malformed(`it has ${datagram.length} bytes, fewer than the ${optionsAt} of an empty one`);
  if (!datagram.subarray(fixedLength, optionsAt).equals(magicCookie)) throw malformed('the magic cookie of RFC 2131 is missing');
  const operation = datagram[0];
  if (operation !== 1 && operation !== 2) throw malformed(`its operation code is ${operation}`);
  if (datagram[1] !== ethernet || datagram[2] !== 6) throw malformed('its hardware address is not an Ethernet address');
  const yourAddress = addressText(datagram.subarray(16, 20));
  return {
    operation: operation === 1 ? 'request' : 'reply',
    transactionId: datagram.readUInt32BE(4),
    clientAddress: addressText(datagram.subarray(12, 16)),
    ...(yourAddress === none ? {} : { yourAddress }),
    hardwareAddress: datagram.toString('hex', 28, 34).toUpperCase().replace(/..(?!$)/g, '$&-'),
    options: decodeOptions(datagram.subarray(optionsAt)),
  };
}

/** The DHCP message type (option 53), or undefined where the message is plain BOOTP. */
export function messageType(message: DhcpMessage): number | undefined {
  const value = message.options.get(optionCodes.messageType);
  return value?.length === 1 ? value[0] : undefined;
}

function malformed(what: string): Failure {
  return new Failure('dhcp/malformed', `A DHCP message could not be read: ${what}.`);
}
