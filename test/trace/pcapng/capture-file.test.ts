import assert from 'node:assert/strict';
import { Capture } from '../../../src/trace/capture.js';
import { encodeCapture } from '../../../src/trace/pcapng/capture-file.js';

const phone = { address: '10.0.1.50', port: 50_000 };
const peer = { address: '10.0.0.10', port: 443 };

/** Type and body of each block; its length must stand at both ends, and be a multiple of four. */
function blocks(file: Buffer): { type: number; body: Buffer }[] {
  const found: { type: number; body: Buffer }[] = [];
  for (let at = 0; at < file.length;) {
    const length = file.readUInt32LE(at + 4);
    assert.equal(file.readUInt32LE(at + length - 4), length);
    assert.equal(length % 4, 0);
    found.push({ type: file.readUInt32LE(at), body: file.subarray(at + 8, at + length - 4) });
    at += length;
  }
  return found;
}

/** The packets, as Enhanced Packet Blocks hold them, with their times in microseconds. */
const packets = (file: Buffer) => blocks(file).filter(({ type }) => type === 6).map(({ body }) => ({
  time: body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8), bytes: body.subarray(20, 20 + body.readUInt32LE(12)),
}));

/** RFC 1071: over bytes that hold their checksum the sum is all ones. */
function sum(bytes: Buffer): number {
  let total = 0;
  for (let at = 0; at < bytes.length; at += 2) total += ((bytes[at] ?? 0) << 8) + (bytes[at + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return total;
}

function conversation(): Capture {
  const capture = new Capture();
  const at = (time: number) => ({ time, phone, peer });
  capture.add({ ...at(1_000), kind: 'connect', connection: 1, outcome: 'open' });
  capture.add({ ...at(1_000), kind: 'segment', connection: 1, direction: 'sent', bytes: Buffer.alloc(3_001, 1) });
  capture.add({ ...at(1_002), kind: 'segment', connection: 1, direction: 'received', bytes: Buffer.from('odd') });
  capture.add({ ...at(1_003), kind: 'end', connection: 1, direction: 'received', how: 'fin' });
  capture.add({ ...at(1_003), kind: 'end', connection: 1, direction: 'sent', how: 'fin' });
  capture.add({ ...at(1_004), kind: 'datagram', direction: 'sent', bytes: Buffer.from('hello') });
  return capture;
}

describe('encodeCapture', () => {
  it('begins with a section and its interfaces: raw IP packets, and Ethernet for frames of the switch', () => {
    const [section, description, ethernet, ...rest] = blocks(encodeCapture(conversation(), { secrets: true }));
    assert.deepEqual([section?.type, section?.body.readUInt32LE(0)], [0x0a0d0d0a, 0x1a2b3c4d]);
    assert.deepEqual([description?.type, description?.body.readUInt16LE(0)], [1, 101]);
    assert.deepEqual([ethernet?.type, ethernet?.body.readUInt16LE(0)], [1, 1]);
    assert.ok(rest.every(({ type, body }) => type === 6 && body.readUInt32LE(0) === 0));
    const capture = new Capture();
    capture.add({ kind: 'frame', time: 0, bytes: Buffer.alloc(60) });
    const frame = blocks(encodeCapture(capture, { secrets: false })).at(-1);
    assert.deepEqual([frame?.body.readUInt32LE(0), frame?.body.readUInt32LE(12)], [1, 60]);
  });

  it('numbers the segments of a connection as if nothing was lost', () => {
    const told = packets(encodeCapture(conversation(), { secrets: false })).slice(0, -1)
      .map(({ bytes }) => [bytes.readUInt16BE(20), bytes.readUInt32BE(24), bytes.readUInt32BE(28), bytes.readUInt8(33), bytes.length - 40]);
    assert.deepEqual(told, [
      [50_000, 0, 0, 0x02, 0], [443, 0, 1, 0x12, 0], [50_000, 1, 1, 0x10, 0],
      [50_000, 1, 1, 0x18, 1460], [50_000, 1461, 1, 0x18, 1460], [50_000, 2921, 1, 0x18, 81],
      [443, 1, 3002, 0x18, 3],
      [443, 4, 3002, 0x11, 0], [50_000, 3002, 5, 0x10, 0], [50_000, 3002, 5, 0x11, 0], [443, 5, 3003, 0x10, 0],
    ]);
  });

  it('makes checksums that hold', () => {
    for (const { bytes } of packets(encodeCapture(conversation(), { secrets: false }))) {
      assert.equal(sum(bytes.subarray(0, 20)), 0xffff);
      const payload = bytes.subarray(20);
      const pseudo = Buffer.concat([bytes.subarray(12, 20), Buffer.of(0, bytes.readUInt8(9), payload.length >> 8, payload.length & 0xff)]);
      assert.equal(sum(Buffer.concat([pseudo, payload])), 0xffff);
    }
  });

  it('keeps the order within a millisecond', () => {
    const times = packets(encodeCapture(conversation(), { secrets: false })).map(({ time }) => time);
    assert.equal(times[0], 1_000_000);
    assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b));
  });

  it('embeds the TLS secrets only where it is told to', () => {
    const capture = conversation();
    capture.tlsSecrets.push('CLIENT_RANDOM 00 11');
    assert.equal(encodeCapture(capture, { secrets: false }).includes('CLIENT_RANDOM'), false);
    const [, , , secrets] = blocks(encodeCapture(capture, { secrets: true }));
    assert.deepEqual([secrets?.type, secrets?.body.toString('latin1', 0, 4), secrets?.body.readUInt32LE(4)], [10, 'KSLT', 20]);
    assert.equal(secrets?.body.toString('latin1', 8, 28), 'CLIENT_RANDOM 00 11\n');
  });

  it('leaves out what IPv4 cannot carry', () => {
    const capture = new Capture();
    capture.add({ time: 0, phone: { address: '::1', port: 1 }, peer, kind: 'datagram', direction: 'sent', bytes: Buffer.of(1) });
    capture.add({ time: 0, phone, peer, kind: 'datagram', direction: 'sent', bytes: Buffer.alloc(65_508) });
    assert.deepEqual(packets(encodeCapture(capture, { secrets: false })), []);
  });

  it('says so when the capture was full', () => {
    const capture = new Capture({ limit: 1 });
    capture.add({ time: 0, phone, peer, kind: 'datagram', direction: 'sent', bytes: Buffer.alloc(2) });
    assert.match(encodeCapture(capture, { secrets: false }).toString('latin1'), /its end is missing/);
  });
});
