import assert from 'node:assert/strict';
import { Failure } from '../../../src/failure.js';
import { MappedNetwork } from '../../../src/network/mapped-network.js';
import { askNtpServer } from '../../../src/protocol/ntp/client.js';
import { decodeNtpPacket, encodeNtpPacket, type NtpPacket } from '../../../src/protocol/ntp/packet.js';
import { ntpTimestamp } from '../../../src/protocol/ntp/timestamp.js';
import { Trace } from '../../../src/trace/trace.js';
import { udpPeer } from '../../network/udp-peer.js';
import { SimulatedClock } from '../../simulated-clock.js';

const server = { address: '10.0.0.2', port: 123 };
const own = Date.parse('2006-01-01T12:00:00Z');
const right = Date.parse('2012-06-15T09:30:00.250Z');

describe('askNtpServer', () => {
  const open: { close: () => Promise<void> }[] = [];
  afterEach(async () => {
    for (const peer of open.splice(0)) await peer.close();
  });

  const answering = (request: NtpPacket): NtpPacket => ({
    ...request, mode: 4, stratum: 2, originate: request.transmit, receive: ntpTimestamp(right), transmit: ntpTimestamp(right),
  });
  async function ask(answer: (request: NtpPacket, clock: SimulatedClock) => (Buffer | NtpPacket)[], signal = new AbortController().signal) {
    const clock = new SimulatedClock(own);
    const trace = new Trace();
    const peer = await udpPeer((datagram) => answer(decodeNtpPacket(datagram), clock).map((reply) => Buffer.isBuffer(reply) ? reply : encodeNtpPacket(reply)));
    open.push(peer);
    const network = new MappedNetwork({ localAddress: '10.0.1.50', nameServers: [], domainName: undefined, forward: new Map([['10.0.0.2:123/udp', [peer]]]) });
    return { offset: await askNtpServer({ network, trace, clock, server, timeout: 2000, signal }), trace };
  }
  const fails = (attempt: Promise<unknown>, code: string, sentence: RegExp) =>
    assert.rejects(attempt, (error) => error instanceof Failure && error.code === code && sentence.test(error.message));

  it('tells how far its clock is behind the server\'s, half the way there and back taken off', async () => {
    const { offset, trace } = await ask((request, clock) => {
      // 300 ms under way, of which the server thought for 100.
      clock.increment(300);
      return [{ ...answering(request), transmit: ntpTimestamp(right + 100) }];
    });
    assert.equal(own + 300 + offset, right + 200);
    assert.deepEqual(trace.events.map((event) => event.layer === 'ntp' && `${event.direction} ${event.peer} ${event.summary}`), [
      'sent 10.0.0.2:123 NTP request, own time 2006-01-01T12:00:00.000Z', 'received 10.0.0.2:123 NTP answer 2012-06-15T09:30:00.350Z, stratum 2',
    ]);
  });

  it('asks as a client and nothing more: RFC 4330 section 5', async () => {
    const requests: NtpPacket[] = [];
    await ask((request) => { requests.push(request); return [answering(request)]; });
    const [{ transmit, ...rest }] = requests as [NtpPacket];
    assert.deepEqual(rest, { leapIndicator: 0, version: 3, mode: 3, stratum: 0, poll: 0, precision: 0, referenceId: '\0\0\0\0', reference: 0n, originate: 0n, receive: 0n });
    assert.ok(transmit - ntpTimestamp(own) < 1n << 20n, 'its own time, but for what no millisecond counts');
  });

  it('passes over what does not answer its request', async () => {
    const { offset } = await ask((request) => [
      Buffer.from('garbage'), { ...answering(request), originate: request.transmit ^ 1n, transmit: 1n << 63n }, { ...answering(request), mode: 5 }, request, answering(request),
    ]);
    assert.equal(offset, right - own);
  });

  it('takes no time from a server that has none to give, and says why', async () => {
    await fails(ask((request) => [{ ...answering(request), leapIndicator: 3 }]), 'ntp/unsynchronised', /10\.0\.0\.2:123 says that it has no time to give: leap indicator 3, stratum 2/);
    await fails(ask((request) => [{ ...answering(request), stratum: 0, referenceId: 'RATE' }]), 'ntp/unsynchronised', /\(RATE\): leap indicator 0, stratum 0/);
    await fails(ask((request) => [{ ...answering(request), stratum: 16 }]), 'ntp/unsynchronised', /stratum 16/);
    await fails(ask((request) => [{ ...answering(request), transmit: 0n }]), 'ntp/unsynchronised', /no time/);
  });

  it('gives up in time, and at once when it is told to', async () => {
    await fails(ask((_request, clock) => { setImmediate(() => { clock.increment(2000); }); return []; }), 'ntp/silent', /10\.0\.0\.2:123 did not answer within 2000 ms/);
    const controller = new AbortController();
    await assert.rejects(ask(() => { controller.abort(new Error('switched off')); return []; }, controller.signal), /switched off/);
  });
});
