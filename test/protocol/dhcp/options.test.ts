import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeOptions, encodeOptions } from '../../../src/protocol/dhcp/options.js';

describe('DHCP options', () => {
  it('split a value over 255 bytes and join the parts again (RFC 3396)', () => {
    const value = Buffer.alloc(300, 'x');
    const field = encodeOptions(new Map([[43, value]]));
    assert.deepEqual([field[0], field[1], field[257], field[258], field.at(-1)], [43, 255, 43, 45, 255]);
    assert.deepEqual(decodeOptions(field).get(43), value);
  });

  it('join parts that stand apart, skip pads, and stop at the end option', () => {
    const field = Buffer.from([0, 0, 43, 2, 1, 2, 15, 1, 97, 0, 43, 1, 3, 255, 43, 1, 9]);
    assert.deepEqual(decodeOptions(field), new Map([[43, Buffer.of(1, 2, 3)], [15, Buffer.of(97)]]));
    assert.deepEqual(decodeOptions(Buffer.of(15, 1, 97)), new Map([[15, Buffer.of(97)]]));
  });

  it('are refused where a value is cut off', () => {
    for (const field of [[43], [43, 5, 1, 2]]) {
      assert.throws(() => decodeOptions(Buffer.from(field)), (error) => error instanceof Failure && error.code === 'dhcp/malformed');
    }
  });

  it('come back as they were written', () => {
    const value = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
    fc.assert(fc.property(fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 254 }), value), { selector: ([code]) => code, maxLength: 6 }), (entries) => {
      assert.deepEqual(decodeOptions(encodeOptions(new Map(entries))), new Map(entries));
    }));
  });
});
