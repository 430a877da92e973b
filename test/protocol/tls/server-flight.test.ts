import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { contentType, encodeRecord } from '../../../src/protocol/tls/record.js';
import { ServerFlight, type PresentedCertificate } from '../../../src/protocol/tls/server-flight.js';

const size = (length: number) => Buffer.from([length >> 16, (length >> 8) & 255, length & 255]);
const message = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type]), size(body.length), body]);
const chain = [Buffer.alloc(900, 1), Buffer.alloc(1100, 2)];
const hello = message(2, Buffer.concat([Buffer.from('0301', 'hex'), Buffer.alloc(32, 7), Buffer.from('00', 'hex'), Buffer.from('003500', 'hex')]));
const listed = Buffer.concat(chain.flatMap((der) => [size(der.length), der]));
const certificate = message(11, Buffer.concat([size(listed.length), listed]));
const done = message(14, Buffer.alloc(0));

/** One handshake stream cut into records at these places, and that byte stream cut into reads at those. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter((part) => part.length > 0);
}

describe('the server\'s first flight', () => {
  it('gives the same certificate, and loses no byte, however messages are packed into records and records into reads', () => {
    const places = fc.array(fc.nat(5000), { maxLength: 12 });
    fc.assert(fc.property(places, places, fc.boolean(), (records, reads, coalesced) => {
      const messages = coalesced ? [Buffer.concat([hello, certificate, done])] : [hello, certificate, done];
      const stream = Buffer.concat(messages.flatMap((each) => cut(each, records)).map((part) => encodeRecord(contentType.handshake, 0x0301, part)));
      const flight = new ServerFlight();
      const passed: Buffer[] = [];
      const after: Buffer[] = [];
      let presented: PresentedCertificate | undefined;
      for (const read of cut(stream, reads)) {
        if (presented !== undefined) { after.push(read); continue; }
        const step = flight.push(read);
        passed.push(...step.passed);
        presented = step.presented;
      }
      assert.deepEqual(presented, { chain, version: 'TLSv1', cipherSuite: 'TLS_RSA_WITH_AES_256_CBC_SHA', recordVersion: 0x0301 });
      assert.ok(Buffer.concat([...passed, ...flight.held, ...after]).equals(stream));
      assert.ok(!Buffer.concat(passed).includes(chain[0]?.subarray(0, 64) ?? ''), 'nothing of the certificate passes unjudged');
    }));
  });

  it('meets any bytes with a Failure or by waiting for more', () => {
    const flightLike = fc.uint8Array({ maxLength: 300 }).map((body) => encodeRecord(contentType.handshake, 0x0301, Buffer.from(body)));
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }).map((each) => Buffer.from(each)), flightLike);
    fc.assert(fc.property(fc.array(bytes, { maxLength: 5 }), (reads) => {
      const flight = new ServerFlight();
      try {
        for (const read of reads) if (flight.push(read).presented !== undefined) return;
      } catch (error) {
        assert.ok(error instanceof Failure, String(error));
      }
    }));
  });

  it('lets warnings of the server pass', () => {
    const warning = encodeRecord(contentType.alert, 0x0301, Buffer.from([1, 112]));
    assert.deepEqual(new ServerFlight().push(warning), { passed: [warning], presented: undefined });
  });
});
