import assert from 'node:assert/strict';
import { Failure } from '../../../src/failure.js';
import { decodeNtpPacket, encodeNtpPacket, type NtpPacket } from '../../../src/protocol/ntp/packet.js';

/** Laid out by hand after RFC 5905 figure 8. */
const bytes = Buffer.from([
  'dc', '02', '06', 'ec', '00000000', '00000000', '0a000002',
  'ed00000011111111', 'ed00000122222222', 'ed00000233333333', 'ed00000344444444',
].join(''), 'hex');
const packet: NtpPacket = {
  leapIndicator: 3, version: 3, mode: 4, stratum: 2, poll: 6, precision: -20, referenceId: '\n\0\0\x02',
  reference: 0xed00_0000_1111_1111n, originate: 0xed00_0001_2222_2222n, receive: 0xed00_0002_3333_3333n, transmit: 0xed00_0003_4444_4444n,
};

describe('NTP messages', () => {
  it('have each field in its place', () => {
    assert.deepEqual(decodeNtpPacket(bytes), packet);
    assert.deepEqual(encodeNtpPacket(packet), bytes);
  });

  it('are read with extensions behind the header, and not when cut short', () => {
    assert.deepEqual(decodeNtpPacket(Buffer.concat([bytes, Buffer.alloc(20)])), packet);
    assert.throws(() => decodeNtpPacket(bytes.subarray(0, 47)), (error) => error instanceof Failure && error.code === 'ntp/malformed');
  });
});
