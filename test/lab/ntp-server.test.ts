import assert from 'node:assert/strict';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { startNtpServer } from '../../src/lab/ntp-server.js';
import { decodeNtpPacket, encodeNtpPacket, type NtpPacket } from '../../src/protocol/ntp/packet.js';
import { momentOf } from '../../src/protocol/ntp/timestamp.js';
import { Trace } from '../../src/trace/trace.js';

const now = Date.parse('2012-06-15T09:30:00Z');
const request: NtpPacket = {
  leapIndicator: 3, version: 4, mode: 3, stratum: 0, poll: 6, precision: 0, referenceId: '\0\0\0\0', reference: 0n, originate: 0n, receive: 0n, transmit: 0x1234_5678_9abc_def0n,
};

describe('startNtpServer', () => {
  const trace = new Trace();
  let server: Awaited<ReturnType<typeof startNtpServer>>;
  before(async () => { server = await startNtpServer({ now: () => now, skewSeconds: -3600, trace, bindAddress: '127.0.0.1' }); });
  after(() => server.close());

  async function firstAnswer(datagram: Buffer, signal: AbortSignal): Promise<NtpPacket | undefined> {
    const peer = { address: '127.0.0.1', port: server.port };
    const network = new MappedNetwork({ localAddress: '127.0.0.1', nameServers: [], domainName: undefined, forward: new Map([[`127.0.0.1:${server.port}/udp`, [peer]]]) });
    for await (const answer of network.datagrams(peer, datagram, { signal })) return decodeNtpPacket(answer);
    return undefined;
  }

  it('answers every version of client with its skewed time, the request\'s timestamp echoed (RFC 4330 section 6)', async () => {
    for (const version of [1, 2, 3, 4]) {
      const answer = await firstAnswer(encodeNtpPacket({ ...request, version }), new AbortController().signal);
      assert.ok(answer !== undefined);
      const { receive, transmit, reference, ...fields } = answer;
      assert.deepEqual(fields, { leapIndicator: 0, version, mode: 4, stratum: 1, poll: 6, precision: -10, referenceId: 'LOCL', originate: request.transmit });
      assert.deepEqual([receive, transmit, reference].map(momentOf), Array(3).fill(Date.parse('2012-06-15T08:30:00Z')));
    }
  });

  it('ignores other modes and versions, and garbage', async () => {
    const noted = trace.events.length;
    const ignored = [encodeNtpPacket({ ...request, mode: 4 }), encodeNtpPacket({ ...request, mode: 6 }), encodeNtpPacket({ ...request, version: 0 }), Buffer.from('garbage')];
    for (const datagram of ignored) {
      const controller = new AbortController();
      const silence = firstAnswer(datagram, controller.signal);
      // Once a request that came later is answered, this one has been passed over.
      await firstAnswer(encodeNtpPacket(request), new AbortController().signal);
      controller.abort();
      assert.equal(await silence, undefined);
    }
    assert.equal(trace.events.slice(noted).filter((event) => event.layer === 'note').length, ignored.length);
  });
});
