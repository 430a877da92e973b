import assert from 'node:assert/strict';
import { tcpFlags, tcpPacket, udpPacket } from '../../../src/trace/pcapng/packets.js';

const phone = { address: '10.0.1.50', port: 50_000 };
const peer = { address: '10.0.0.10', port: 443 };
const ipHeader = 20;

/** The checksum of a packet whose two bytes of payload bring the sum of all that is covered to nothing. */
function checksumAtNothing(packetOf: (payload: Buffer) => Buffer, at: number): number {
  const checksum = (payload: Buffer) => packetOf(payload).readUInt16BE(ipHeader + at);
  const rest = Buffer.alloc(2);
  rest.writeUInt16BE(checksum(Buffer.alloc(2)));
  return checksum(rest);
}

describe('A checksum that comes to zero', () => {
  it('is written as it is in TCP (RFC 9293 section 3.1)', () => {
    const segment = { sequence: 1, acknowledgment: 1, flags: tcpFlags.acknowledge };
    assert.equal(checksumAtNothing((payload) => tcpPacket(phone, peer, segment, payload, 1), 16), 0);
  });

  it('is written as its complement in UDP, where zero is none (RFC 768)', () => {
    assert.equal(checksumAtNothing((payload) => udpPacket(phone, peer, payload, 1), 6), 0xffff);
  });
});
