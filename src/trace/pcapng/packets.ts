import type { WireEnd } from '../capture.js';

const protocols = { tcp: 6, udp: 17 } as const;

/** Bits of the TCP header (RFC 9293 section 3.1). */
export const tcpFlags = { fin: 0x01, syn: 0x02, reset: 0x04, push: 0x08, acknowledge: 0x10 } as const;

/** A UDP datagram in an IPv4 packet (RFC 768, RFC 791). */
export function udpPacket(from: WireEnd, to: WireEnd, payload: Buffer, identification: number): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return ipPacket(from, to, protocols.udp, withChecksum(from, to, protocols.udp, header, 6, payload), identification);
}

/** A TCP segment in an IPv4 packet (RFC 9293). */
export function tcpPacket(
  from: WireEnd, to: WireEnd, { sequence, acknowledgment, flags }: { sequence: number; acknowledgment: number; flags: number }, payload: Buffer, identification: number,
): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(from.port, 0);
  header.writeUInt16BE(to.port, 2);
  header.writeUInt32BE(sequence % 2 ** 32, 4);
  header.writeUInt32BE(acknowledgment % 2 ** 32, 8);
  header.writeUInt8(5 << 4, 12);
  header.writeUInt8(flags, 13);
  header.writeUInt16BE(0xffff, 14);
  return ipPacket(from, to, protocols.tcp, withChecksum(from, to, protocols.tcp, header, 16, payload), identification);
}

function ipPacket(from: WireEnd, to: WireEnd, protocol: number, payload: Buffer, identification: number): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(identification & 0xffff, 4);
  header.writeUInt16BE(0x4000, 6);
  header.writeUInt8(64, 8);
  header.writeUInt8(protocol, 9);
  addressOf(from).copy(header, 12);
  addressOf(to).copy(header, 16);
  header.writeUInt16BE(checksum(header), 10);
  return Buffer.concat([header, payload]);
}

/** The checksum also covers a pseudo header of addresses, protocol and length. */
function withChecksum(from: WireEnd, to: WireEnd, protocol: number, header: Buffer, at: number, payload: Buffer): Buffer {
  const bytes = Buffer.concat([header, payload]);
  const pseudo = Buffer.concat([addressOf(from), addressOf(to), Buffer.of(0, protocol, bytes.length >> 8, bytes.length & 0xff)]);
  const sum = checksum(Buffer.concat([pseudo, bytes]));
  // Zero means in UDP, and only there, that there is none; its complement is the same number (RFC 768).
  bytes.writeUInt16BE(protocol === protocols.udp && sum === 0 ? 0xffff : sum, at);
  return bytes;
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const addressOf = ({ address }: WireEnd) => Buffer.from(address.split('.').map(Number));
