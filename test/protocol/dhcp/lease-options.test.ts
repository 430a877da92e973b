import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeLeaseOptions, encodeLeaseOptions, serverIdentifierOf } from '../../../src/protocol/dhcp/lease-options.js';

const nothing = { subnetMask: undefined, routers: [], nameServers: [], domainName: undefined, seconds: undefined, renewalSeconds: undefined, rebindingSeconds: undefined };

describe('The options of a lease', () => {
  it('have the bytes of RFC 2132', () => {
    const lease = { subnetMask: '255.255.255.0', routers: ['10.0.0.1'], nameServers: ['10.0.0.2', '10.0.0.3'], domainName: 'contoso.lab', seconds: 691_200, renewalSeconds: 345_600, rebindingSeconds: 604_800 };
    const options = encodeLeaseOptions(lease);
    assert.deepEqual([...options].map(([code, value]) => [code, value.toString('hex')]), [
      [51, '000a8c00'], [58, '00054600'], [59, '00093a80'], [1, 'ffffff00'], [3, '0a000001'], [6, '0a0000020a000003'], [15, Buffer.from('contoso.lab').toString('hex')],
    ]);
    assert.deepEqual(decodeLeaseOptions(options), lease);
    assert.deepEqual(decodeLeaseOptions(encodeLeaseOptions(nothing)), nothing);
  });

  it('are read without the zero that ends a domain name, and without a name that is none', () => {
    assert.equal(decodeLeaseOptions(new Map([[15, Buffer.from('contoso.lab\0')]])).domainName, 'contoso.lab');
    assert.equal(decodeLeaseOptions(new Map([[15, Buffer.from('contoso lab\r\n')]])).domainName, undefined);
  });

  it('are refused with lengths that addresses and times do not have', () => {
    for (const [code, length] of [[1, 3], [3, 0], [6, 5], [51, 2], [58, 0], [59, 5]] as const) {
      assert.throws(() => decodeLeaseOptions(new Map([[code, Buffer.alloc(length)]])), (error) => error instanceof Failure && error.code === 'dhcp/malformed');
    }
    assert.equal(serverIdentifierOf(new Map([[54, Buffer.alloc(3)]])), undefined);
  });

  it('are either read or refused, whatever the bytes', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(1, 3, 6, 15, 51, 58, 59), fc.uint8Array({ maxLength: 12 }))), (entries) => {
      try {
        decodeLeaseOptions(new Map(entries.map(([code, bytes]) => [code, Buffer.from(bytes)])));
      } catch (error) {
        assert.ok(error instanceof Failure && error.code === 'dhcp/malformed', String(error));
      }
    }));
  });
});
