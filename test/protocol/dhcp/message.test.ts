import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeDhcpMessage, encodeDhcpMessage, messageType } from '../../../src/protocol/dhcp/message.js';

const inform = encodeDhcpMessage({
  operation: 'request', transactionId: 0x12345678, clientAddress: '10.0.1.50', hardwareAddress: '00-04-F2-00-01-76',
  options: new Map([[53, Buffer.of(8)], [60, Buffer.from('MS-UC-Client')], [55, Buffer.of(120, 43)]]),
});

describe('DHCP messages', () => {
  it('have the layout of RFC 2131 figure 1, the magic cookie, and BOOTP\'s least length', () => {
    assert.equal(inform.toString('hex', 0, 8), '0101060012345678');
    assert.equal(inform.toString('hex', 8, 28), '00000000' + '0a000132' + '00'.repeat(12));
    assert.equal(inform.toString('hex', 28, 44), '0004f2000176' + '00'.repeat(10));
    assert.ok(inform.subarray(44, 236).every((byte) => byte === 0));
    assert.equal(inform.toString('hex', 236, 265), '63825363' + '350108' + '3c0c4d532d55432d436c69656e74' + '3702782b' + 'ff000000');
    assert.equal(inform.length, 300);
  });

  it('come back as they were written', () => {
    const message = decodeDhcpMessage(inform);
    assert.deepEqual(message, {
      operation: 'request', transactionId: 0x12345678, clientAddress: '10.0.1.50', hardwareAddress: '00-04-F2-00-01-76',
      options: new Map([[53, Buffer.of(8)], [60, Buffer.from('MS-UC-Client')], [55, Buffer.of(120, 43)]]),
    });
    assert.equal(messageType(message), 8);
    assert.equal(messageType({ ...message, options: new Map() }), undefined);
  });

  it('are refused without a cookie, with another kind of hardware, or cut short', () => {
    const with_ = (at: number, value: number) => { const bytes = Buffer.from(inform); bytes[at] = value; return bytes; };
    for (const bytes of [with_(236, 0), with_(0, 3), with_(1, 6), with_(2, 16), inform.subarray(0, 239), Buffer.alloc(0), inform.subarray(0, 250)]) {
      assert.throws(() => decodeDhcpMessage(bytes), (error) => error instanceof Failure && error.code === 'dhcp/malformed');
    }
  });

  it('are not made of an impossible address', () => {
    const message = decodeDhcpMessage(inform);
    assert.throws(() => encodeDhcpMessage({ ...message, hardwareAddress: 'phone' }), /not an Ethernet address/);
    assert.throws(() => encodeDhcpMessage({ ...message, clientAddress: 'phone' }), /not an IPv4 address/);
  });

  it('are either read or refused, whatever the bytes', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat({ max: inform.length - 1 }), fc.nat({ max: 255 }))), fc.nat({ max: inform.length }), (changes, length) => {
      const bytes = Buffer.from(inform);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        decodeDhcpMessage(bytes.subarray(0, length));
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'dhcp/malformed', String(error));
      }
    }));
  });
});
