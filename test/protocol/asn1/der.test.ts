import assert from 'node:assert/strict';
import {
  bitString, children, dateTime, encodeDer, integer, oid, parseDer, readBitString, readInteger, readOid, readText, readTime, sequence,
  tagged, UnexpectedDer, utf8String,
} from '../../../src/protocol/asn1/der.js';

const der = (hex: string) => parseDer(Buffer.from(hex, 'hex'));

describe('DER', () => {
  it('reads character strings of the types that directory names use', () => {
    // Written out by hand: UTF8String, BMPString (big-endian UTF-16), TeletexString and PrintableString.
    for (const [hex, text] of [['0c0347c3b6', 'Gö'], ['1e06004700f60160', 'GöŠ'], ['140247f6', 'Gö'], ['13024142', 'AB']] as const) {
      assert.equal(readText(der(hex), 'a name'), text);
    }
    assert.equal(readText(parseDer(encodeDer(utf8String('Größe'))), 'a name'), 'Größe');
  });

  it('gives the bytes of a BIT STRING, also where they happen to be DER', () => {
    for (const bytes of [Buffer.from('30030101ff', 'hex'), Buffer.of(1, 2, 3), Buffer.alloc(0)]) {
      assert.deepEqual(readBitString(parseDer(encodeDer(bitString(bytes))), 'a key'), bytes);
    }
  });

  it('writes and reads both kinds of time (RFC 5280 section 4.1.2.5)', () => {
    for (const [iso, hex] of [
      ['2049-12-31T23:59:59Z', '170d3439313233313233353935395a'], ['2050-01-01T00:00:00Z', '180f32303530303130313030303030305a'],
      ['1950-01-01T00:00:00Z', '170d3530303130313030303030305a'], ['1949-12-31T23:59:59Z', '180f31393439313233313233353935395a'],
    ] as const) {
      assert.equal(encodeDer(dateTime(Date.parse(iso))).toString('hex'), hex);
      assert.equal(readTime(der(hex), 'notAfter'), Date.parse(iso));
    }
  });

  it('says what is not as it should be', () => {
    const refused = (read: () => unknown, sentence: string) => { assert.throws(read, (error) => error instanceof UnexpectedDer && error.message === sentence); };
    refused(() => der('3003'), 'they are not DER');
    refused(() => der('020100ff'), 'they are not DER');
    refused(() => der('30'.repeat(100_000)), 'they are not DER');
    refused(() => children(der('020100'), 'the name'), 'the name is not a sequence');
    refused(() => children(undefined, 'the name'), 'the name is not a sequence');
    refused(() => readOid(der('0600'), 'the type'), 'the type is an empty object identifier');
    refused(() => readOid(der('020100'), 'the type'), 'the type is not an object identifier');
    refused(() => readInteger(der('0201ff'), 'the length'), 'the length is out of range');
    refused(() => readText(sequence(), 'the text'), 'the text is not a primitive value');
    refused(() => readBitString(der('0403000102'), 'the key'), 'the key is not a bit string');
    refused(() => readTime(der('170b3439313233313233353935'), 'notAfter'), 'notAfter is not a time as RFC 5280 writes it');
  });

  it('writes what X.690 prescribes', () => {
    assert.equal(encodeDer(sequence(oid('1.2.840.113549'), tagged(0, [integer(128)]), tagged(2, Buffer.from('a')))).toString('hex'), '301106062a864886f70da00402020080820161');
    assert.equal(readOid(oid('1.2.840.113549'), 'x'), '1.2.840.113549');
  });
});
