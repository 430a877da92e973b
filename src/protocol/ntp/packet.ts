import { Failure } from '../../failure.js';

/** RFC 5905 figure 10. */
export const ntpModes = { client: 3, server: 4 } as const;

/** An NTP message without extensions (RFC 5905 section 7.3, RFC 4330 section 4). Timestamps are raw, so that one can be told from its echo. */
export interface NtpPacket {
  /** 3: the server's clock is not synchronised. */
  leapIndicator: number;
  version: number;
  mode: number;
  /** 1: a reference clock; 0: see `referenceId`. */
  stratum: number;
  /** Log2 of seconds. */
  poll: number;
  /** Log2 of seconds. */
  precision: number;
  /** Four bytes: the source of a clock, or why a server of stratum 0 does not serve ("kiss-o'-death", RFC 5905 section 7.4). */
  referenceId: string;
  reference: bigint;
  /** The client's own `transmit`, echoed. */
  originate: bigint;
  receive: bigint;
  transmit: bigint;
}

const headerLength = 48;

/** The message as one datagram carries it. Root delay and root dispersion are written as 0: nobody here has any to tell. */
export function encodeNtpPacket(packet: NtpPacket): Buffer {
  const bytes = Buffer.alloc(headerLength);
  bytes[0] = (packet.leapIndicator & 3) << 6 | (packet.version & 7) << 3 | packet.mode & 7;
  bytes[1] = packet.stratum;
  bytes.writeInt8(packet.poll, 2);
  bytes.writeInt8(packet.precision, 3);
  bytes.write(packet.referenceId, 12, 4, 'latin1');
  bytes.writeBigUInt64BE(packet.reference, 16);
  bytes.writeBigUInt64BE(packet.originate, 24);
  bytes.writeBigUInt64BE(packet.receive, 32);
  bytes.writeBigUInt64BE(packet.transmit, 40);
  return bytes;
}

/** Reads a datagram; extensions and authenticators behind the header are passed over. Throws `ntp/malformed` where it is too short for one. */
export function decodeNtpPacket(datagram: Buffer): NtpPacket {
  if (datagram.length < headerLength) {
    throw new Failure('ntp/malformed', `An NTP message could not be read: it has ${datagram.length} bytes, fewer than the ${headerLength} of its header.`);
  }
  const first = datagram.readUInt8(0);
  return {
    leapIndicator: first >> 6,
    version: first >> 3 & 7,
    mode: first & 7,
    stratum: datagram.readUInt8(1),
    poll: datagram.readInt8(2),
    precision: datagram.readInt8(3),
    referenceId: datagram.toString('latin1', 12, 16),
    reference: datagram.readBigUInt64BE(16),
    originate: datagram.readBigUInt64BE(24),
    receive: datagram.readBigUInt64BE(32),
    transmit: datagram.readBigUInt64BE(40),
  };
}
