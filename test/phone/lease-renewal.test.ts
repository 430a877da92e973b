import assert from 'node:assert/strict';
import type { Endpoint, Network } from '../../src/network/network.js';
import { leaseOf, type DhcpLease } from '../../src/phone/dhcp-lease.js';
import { renewLease } from '../../src/phone/lease-renewal.js';
import { addressBytes } from '../../src/protocol/dhcp/address.js';
import { encodeLeaseOptions } from '../../src/protocol/dhcp/lease-options.js';
import { decodeDhcpMessage, encodeDhcpMessage, messageTypes, type DhcpMessage } from '../../src/protocol/dhcp/message.js';
import { SimulatedClock } from '../simulated-clock.js';
import { stepTools } from './step-tools.js';

const [hour, minute] = [3_600_000, 60_000];

function answer(request: DhcpMessage, type: keyof typeof messageTypes, change: Partial<DhcpMessage> = {}, ...options: [number, Buffer][]): Buffer {
  return encodeDhcpMessage({
    operation: 'reply', transactionId: request.transactionId, clientAddress: request.clientAddress, yourAddress: request.clientAddress, hardwareAddress: request.hardwareAddress, ...change,
    options: new Map([
      [53, Buffer.of(messageTypes[type])], [54, addressBytes('10.0.0.9')],
      ...encodeLeaseOptions({ subnetMask: undefined, routers: [], nameServers: ['10.0.0.7'], domainName: undefined, seconds: 3600 }), ...options,
    ]),
  });
}

describe('Renewing a lease', () => {
  const lease = (seconds: number): DhcpLease => ({
    address: '10.0.1.50', nameServers: ['10.0.0.2'], domainName: 'contoso.lab', server: '10.0.0.2',
    times: { renewal: seconds * 500, rebinding: seconds * 875, expiry: seconds * 1000 },
  });

  /** Renews it from T1 on, and notes what is asked: whom, and how many milliseconds after the lease began. Time goes on where nothing is answered. */
  async function renew(from: DhcpLease, answers: (request: DhcpMessage, to: Endpoint) => Buffer[] = () => []) {
    const start = from.times?.renewal ?? 0;
    const clock = new SimulatedClock(start);
    const asked: { to: string; at: number; request: DhcpMessage }[] = [];
    const network: Network = {
      localAddress: from.address, nameServers: [], domainName: undefined,
      async *datagrams(to, payload, { signal }) {
        const request = decodeDhcpMessage(payload);
        asked.push({ to: to.address, at: clock.now(), request });
        yield* answers(request, to);
        const passing = setImmediate(() => { while (!signal.aborted && clock.fireNext()); });
        await new Promise((resolve) => { signal.addEventListener('abort', resolve); });
        clearImmediate(passing);
      },
      connect: () => Promise.reject(new Error('nobody connects here')),
    };
    const tools = { ...stepTools({ clock }), network };
    // What is set after a request has ended passes without one.
    const passing = setInterval(() => { clock.fireNext(); }, 0);
    try {
      return { renewed: await renewLease({ lease: from }, tools), asked, notes: tools.trace.events.flatMap((event) => (event.layer === 'note' ? [event.summary] : [])) };
    } finally {
      clearInterval(passing);
    }
  }

  it('asks its server alone and then all, each time after half of the time that is left, but never twice in a minute (RFC 2131 section 4.4.5)', async () => {
    const { renewed, asked, notes } = await renew(lease(3600));
    assert.equal(renewed, undefined);
    assert.deepEqual(asked.map(({ to, at }) => [to, at / minute]), [
      ...[30, 41.25, 46.875, 49.6875, 51.09375, 52.09375].map((at) => ['10.0.0.2', at]),
      ...[52.5, 56.25, 58.125, 59.125].map((at) => ['255.255.255.255', at]),
    ]);
    assert.deepEqual(notes, ['The lease of 10.0.1.50 is over: no server renewed it in time. The phone begins anew.']);
  });

  it('waits longer than a timer can, where a lease lasts for months', async () => {
    const { asked } = await renew(lease(60 * 24 * 3600));
    assert.deepEqual(asked.slice(0, 3).map(({ at }) => at / (24 * hour)), [30, 41.25, 46.875]);
  });

  it('says which address is meant by that of the client, and names neither server nor address besides (RFC 2131 section 4.3.2)', async () => {
    const { asked: [first] } = await renew(lease(3600), (request) => [answer(request, 'ack')]);
    assert.equal(first?.request.clientAddress, '10.0.1.50');
    assert.deepEqual([...first?.request.options.keys() ?? []], [53, 55]);
  });

  it('goes by what it is told anew, from then on of the server that answered', async () => {
    const { renewed, asked } = await renew(lease(3600), (request, to) => (to.address === '255.255.255.255' ? [answer(request, 'ack')] : []));
    assert.deepEqual(renewed, { address: '10.0.1.50', nameServers: ['10.0.0.7'], domainName: undefined, server: '10.0.0.9', times: { renewal: hour / 2, rebinding: hour * 7 / 8, expiry: hour } });
    assert.equal(asked.length, 7);
  });

  it('passes over what answers something else, gives another address, cannot be read, or does not say whose it is', async () => {
    const { renewed, asked } = await renew(lease(3600), (request) => [
      answer(request, 'offer'), answer(request, 'ack', { transactionId: (request.transactionId ^ 1) >>> 0 }), answer(request, 'ack', { hardwareAddress: '00-04-F2-00-01-77' }),
      answer(request, 'ack', { yourAddress: '10.0.1.51' }), answer(request, 'ack', { yourAddress: '0.0.0.0' }), answer(request, 'ack', {}, [51, Buffer.of(1)]), answer(request, 'ack', {}, [54, Buffer.of(10)]),
      answer(request, 'ack').subarray(0, 245), Buffer.from('garbage'),
    ]);
    assert.deepEqual([renewed, asked.length], [undefined, 10]);
  });

  it('ends at once when a server refuses', async () => {
    const { renewed, asked, notes } = await renew(lease(3600), (request) => [answer(request, 'nak', { yourAddress: '0.0.0.0' })]);
    assert.deepEqual([renewed, asked.length], [undefined, 1]);
    assert.deepEqual(notes, ['The lease of 10.0.1.50 is over: 10.0.0.9 refused to renew it. The phone begins anew.']);
  });

  it('ends when the phone does', async () => {
    const controller = new AbortController();
    const clock = new SimulatedClock();
    const network: Network = { ...stepTools().network, datagrams: () => { controller.abort(new Error('off')); return (async function* nothing() { /* Nobody answers. */ })(); } };
    await assert.rejects(renewLease({ lease: lease(3600) }, { ...stepTools({ clock, signal: controller.signal }), network }), { message: 'off' });
    assert.equal(clock.fireNext(), false, 'a timer is left');
  });

  it('has nothing to do for a lease without an end', async () => {
    const endless = { ...lease(60), times: undefined };
    assert.deepEqual((await renew(endless)).renewed, endless);
    assert.equal(leaseOf({ operation: 'reply', transactionId: 1, clientAddress: '0.0.0.0', hardwareAddress: '00-04-F2-00-01-76', options: new Map([[54, addressBytes('10.0.0.2')]]) }), undefined);
  });
});
