import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeSipServersOption, encodeSipServersOption } from '../../../src/protocol/dhcp/sip-servers-option.js';

describe('DHCP option 120', () => {
  it('has the bytes of DHCPUtil and of the tools administrators use', () => {
    for (const [name, hex] of [
      ['lync.contoso.local', '00046c796e6307636f6e746f736f056c6f63616c00'],
      // Sample of G. Cussen's Lync Phone Edition DHCP Config Tool.
      ['lyncse.kloud.net', '00066c796e637365056b6c6f7564036e657400'],
    ] as const) {
      assert.equal(encodeSipServersOption(name).toString('hex'), hex);
      assert.deepEqual(decodeSipServersOption(Buffer.from(hex, 'hex')), { name, others: false });
    }
  });

  it('gives the first of several names, as in the example of RFC 3361 section 3.1', () => {
    const example = Buffer.from('\0\x07example\x03com\0\x07example\x03net\0', 'latin1');
    assert.equal(example.length, 27);
    assert.deepEqual(decodeSipServersOption(example), { name: 'example.com', others: true });
  });

  it('is refused with addresses, without a name, or cut short', () => {
    for (const [bytes, reason] of [
      [[1, 10, 0, 0, 10], /lists IP addresses; Lync takes only names/], [[], /encoding byte/], [[2, 0], /encoding byte/], [[0, 0], /holds no name/],
      [[0, 4, 108], /ends early/], [[0, 0xc0, 0], /backwards/],
    ] as const) {
      assert.throws(() => decodeSipServersOption(Buffer.from(bytes)), reason);
    }
  });

  it('is either read or refused, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      try {
        decodeSipServersOption(Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof Failure, String(error));
      }
    }));
  });
});
