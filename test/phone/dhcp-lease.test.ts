import assert from 'node:assert/strict';
import { leaseOf } from '../../src/phone/dhcp-lease.js';
import { addressBytes } from '../../src/protocol/dhcp/address.js';
import { encodeLeaseOptions } from '../../src/protocol/dhcp/lease-options.js';

describe('A lease', () => {
  const given = (seconds?: number, renewalSeconds?: number, rebindingSeconds?: number) => leaseOf({
    operation: 'reply', transactionId: 1, clientAddress: '0.0.0.0', yourAddress: '10.0.0.100', hardwareAddress: '00-04-F2-00-00-01',
    options: new Map([[54, addressBytes('10.0.0.2')], ...encodeLeaseOptions({ subnetMask: undefined, routers: [], nameServers: [], domainName: undefined, seconds, renewalSeconds, rebindingSeconds })]),
  })?.times;
  const hours = (...times: number[]) => ({ renewal: times[0], rebinding: times[1], expiry: times[2] });
  const inHours = (times: ReturnType<typeof given>) => times && hours(...[times.renewal, times.rebinding, times.expiry].map((time) => time / 3_600_000));

  it('is renewed at half and seven eighths of its life, or when the server says (RFC 2131 section 4.4.5)', () => {
    assert.deepEqual(inHours(given(8 * 3600)), hours(4, 7, 8));
    assert.deepEqual(inHours(given(8 * 3600, 3600)), hours(1, 7, 8));
    assert.deepEqual(inHours(given(8 * 3600, 3600, 7200)), hours(1, 2, 8));
  });

  it('goes by times of its own where those of the server are out of order, and lasts a minute at least', () => {
    for (const [renewal, rebinding] of [[7200, 3600], [0, 3600], [3600, 8 * 3600], [7.5 * 3600, undefined]]) assert.deepEqual(inHours(given(8 * 3600, renewal, rebinding)), hours(4, 7, 8));
    assert.deepEqual(given(0), { renewal: 30_000, rebinding: 52_500, expiry: 60_000 });
  });

  it('has no end where the server says so, or nothing', () => {
    assert.deepEqual([given(0xffffffff), given()], [undefined, undefined]);
  });
});
