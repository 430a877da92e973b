import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeMessage, encodeMessage, type DnsMessage, type ResourceRecord } from '../../../src/protocol/dns/message.js';

/** Plain objects, as the decoder makes them. */
const row = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> => fc.record<T>(model, { noNullPrototype: true });
const word = fc.integer({ min: 0, max: 0xffff });
const name = fc.array(fc.stringMatching(/^[a-z0-9_-]{1,12}$/), { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const common = { name, class: word, ttl: fc.nat({ max: 0xffffffff }) };
const record: fc.Arbitrary<ResourceRecord> = fc.oneof(
  row({ ...common, type: fc.constant('A' as const), address: fc.ipV4() }),
  row({ ...common, type: fc.constant('CNAME' as const), target: name }),
  row({ ...common, type: fc.constant('SRV' as const), priority: word, weight: word, port: word, target: name }),
  row({ ...common, type: fc.constant('other' as const), code: fc.integer({ min: 34, max: 0xffff }), data: fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)) }),
);
const records = fc.array(record, { maxLength: 4 });
const flag = fc.boolean();
const message: fc.Arbitrary<DnsMessage> = row({
  id: word, response: flag, opcode: fc.nat({ max: 15 }), authoritative: flag, truncated: flag, recursionDesired: flag, recursionAvailable: flag,
  responseCode: fc.nat({ max: 15 }), questions: fc.array(row({ name, type: word, class: word }), { maxLength: 2 }),
  answers: records, authorities: records, additionals: records,
});

describe('DNS messages', () => {
  it('have the header and question layout of RFC 1035 section 4.1', () => {
    const query = encodeMessage({
      id: 0x1234, response: false, opcode: 0, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: false, responseCode: 0,
      questions: [{ name: '_sip._tls.contoso.lab', type: 33, class: 1 }], answers: [], authorities: [], additionals: [],
    });
    assert.equal(query.toString('hex'), '123401000001000000000000' + '045f736970045f746c7307636f6e746f736f036c616200' + '00210001');
  });

  it('come back as they were written', () => {
    fc.assert(fc.property(message, (written) => { assert.deepEqual(decodeMessage(encodeMessage(written)), written); }));
  });

  it('are either read or refused, whatever the bytes', () => {
    const refusedOrRead = (bytes: Buffer) => {
      try {
        decodeMessage(bytes);
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'dns/malformed', String(error));
      }
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => { refusedOrRead(Buffer.from(bytes)); }));
    fc.assert(fc.property(message, fc.nat(), fc.nat({ max: 255 }), (written, at, value) => {
      const bytes = encodeMessage(written);
      bytes[at % bytes.length] = value;
      refusedOrRead(bytes);
      refusedOrRead(bytes.subarray(0, at % bytes.length));
    }));
  });

  it('are refused when a record does not fill the length it claims', () => {
    const bytes = encodeMessage({
      id: 1, response: true, opcode: 0, authoritative: false, truncated: false, recursionDesired: false, recursionAvailable: false, responseCode: 0,
      questions: [], answers: [{ name: 'a', type: 'A', class: 1, ttl: 0, address: '10.0.0.1' }], authorities: [], additionals: [],
    });
    bytes[bytes.length - 5] = 3;
    assert.throws(() => decodeMessage(bytes), /does not fill its 3 bytes/);
  });
});
