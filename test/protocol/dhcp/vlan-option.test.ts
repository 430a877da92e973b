import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { asksForVlan, decodeVlanOption, encodeVlanOption } from '../../../src/protocol/dhcp/vlan-option.js';

const malformed = (error: unknown) => error instanceof Failure && error.code === 'dhcp/malformed';
const read = (hex: string) => decodeVlanOption(Buffer.from(hex, 'hex'));

describe('DHCP option 43 for CPE-OCPHONE', () => {
  it('is written with two bytes in sub-option 10', () => {
    assert.equal(encodeVlanOption(100).toString('hex'), '0a020064');
    assert.throws(() => encodeVlanOption(4095), /4095 is not the number of a VLAN/);
  });

  it('is read with one, two or four bytes, or digits, whatever stands around it', () => {
    assert.deepEqual(['0a0164', '0a020064', '0a0400000064', '0a03313030', '0a0431303030', '0a0431303000', '0a023939', '010141' + '0a020ffe' + 'ff'].map(read), [100, 100, 100, 100, 1000, 100, 99, 4094]);
    fc.assert(fc.property(fc.integer({ min: 1, max: 4094 }), (vlan) => {
      const four = Buffer.of(10, 4, 0, 0, vlan >> 8, vlan & 255);
      const digits = Buffer.concat([Buffer.of(10, String(vlan).length), Buffer.from(String(vlan))]);
      assert.deepEqual([decodeVlanOption(encodeVlanOption(vlan)), decodeVlanOption(four), decodeVlanOption(digits)], [vlan, vlan, vlan < 10 ? vlan + 0x30 : vlan]);
    }));
  });

  it('tells no VLAN without that sub-option, and is refused where it holds none', () => {
    assert.equal(read(''), undefined);
    assert.equal(read('010c4d532d55432d436c69656e74'), undefined);
    for (const hex of ['0a00', '0a0100', '0a020000', '0a020fff', '0a03000064', '0a0464656667', '0a0530303031', '0a09']) assert.throws(() => read(hex), malformed, hex);
  });

  it('is for either spelling of the class', () => {
    assert.deepEqual(['CPE-OCPHONE', 'CPE-OCPhone', 'MS-UC-Client', ''].map(asksForVlan), [true, true, false, false]);
  });

  it('is either read or refused, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      try {
        const vlan = decodeVlanOption(Buffer.from(bytes));
        assert.ok(vlan === undefined || (vlan >= 1 && vlan <= 4094));
      } catch (error) {
        assert.ok(malformed(error), String(error));
      }
    }));
  });
});
