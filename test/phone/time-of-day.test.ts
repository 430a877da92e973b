import assert from 'node:assert/strict';
import { startDnsServer } from '../../src/lab/dns-server.js';
import { startNtpServer } from '../../src/lab/ntp-server.js';
import type { DnsRecord } from '../../src/lab/topology-schema.js';
import { askTime } from '../../src/phone/time-of-day.js';
import { Trace } from '../../src/trace/trace.js';
import { udpPeer } from '../network/udp-peer.js';
import { SimulatedClock } from '../simulated-clock.js';
import { stepTools } from './step-tools.js';

const srv: DnsRecord = { name: '_ntp._udp.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 123, priority: 0, weight: 0 };
const dc: DnsRecord = { name: 'dc.contoso.lab', type: 'A', address: '10.0.0.2' };
const windows: DnsRecord = { name: 'time.windows.com', type: 'A', address: '10.0.0.9' };
const domain = 'contoso.lab';

describe('askTime', () => {
  const open: { close: () => Promise<void> }[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  /** A name server with these records; the domain controller's clock is a minute ahead, Microsoft's two. `silent` ones never answer. */
  async function toolsWith(records: DnsRecord[], { silent = false, build, clock = new SimulatedClock(Date.parse('2012-06-15T09:30:00Z')) }: { silent?: boolean; build?: string; clock?: SimulatedClock } = {}) {
    const common = { now: () => clock.now(), trace: new Trace(), bindAddress: '127.0.0.1' };
    const dns = await startDnsServer({ ...common, records: () => records });
    const [near, far] = silent
      ? [await udpPeer(() => { setImmediate(() => { clock.fireNext(); }); return []; }), await udpPeer(() => [])]
      : [await startNtpServer({ ...common, skewSeconds: 60 }), await startNtpServer({ ...common, skewSeconds: 120 })];
    open.push(dns, near, far);
    const at = ({ port }: { port: number }) => [{ address: '127.0.0.1', port }];
    return stepTools({ clock, ...(build === undefined ? {} : { build }), forward: { '10.0.0.2:53/udp': at(dns), '10.0.0.2:123/udp': at(near), '10.0.0.9:123/udp': at(far) } });
  }
  const asked = (tools: ReturnType<typeof stepTools>) => tools.trace.events.flatMap((event) => event.layer === 'dns' && event.direction === 'sent' ? [event.summary] : []);

  it('asks the server that the SRV record names', async () => {
    const tools = await toolsWith([srv, dc, windows]);
    assert.deepEqual(await askTime({ domain }, tools), { correction: { milliseconds: 60_000, server: 'dc.contoso.lab' }, tried: [] });
    assert.deepEqual(asked(tools), ['SRV _ntp._udp.contoso.lab', 'A dc.contoso.lab']);
  });

  it('asks time.windows.com where there is no such record, or no domain to look in', async () => {
    const answer = await askTime({ domain }, await toolsWith([dc, windows]));
    assert.deepEqual(answer, { correction: { milliseconds: 120_000, server: 'time.windows.com' }, tried: ['SRV _ntp._udp.contoso.lab: no such name'] });
    const homeless = await toolsWith([srv, dc, windows]);
    assert.equal((await askTime({ domain: undefined }, homeless)).correction?.server, 'time.windows.com');
    assert.deepEqual(asked(homeless), ['A time.windows.com']);
  });

  it('goes on without when nobody can be asked, and says what it tried', async () => {
    const tools = await toolsWith([dc]);
    assert.deepEqual(await askTime({ domain }, tools), { correction: undefined, tried: ['SRV _ntp._udp.contoso.lab: no such name', 'A time.windows.com: no such name'] });
    assert.deepEqual(tools.trace.events.flatMap((event) => event.layer === 'note' ? [event.summary] : []), [
      'The phone\'s clock could not be set. SRV _ntp._udp.contoso.lab: no such name; A time.windows.com: no such name.',
    ]);
  });

  it('waits for a silent server as often and as long as the profile says, and does not turn to time.windows.com then', async () => {
    const tools = await toolsWith([srv, dc, windows], { silent: true });
    const { correction, tried } = await askTime({ domain }, tools);
    assert.equal(correction, undefined);
    assert.deepEqual(tried, [2000, 4000].map((wait) => `dc.contoso.lab: The time server 10.0.0.2:123 did not answer within ${wait} ms`));
    assert.equal(tools.clock.now(), Date.parse('2012-06-15T09:30:06Z'));
  });

  it('asks nobody with a profile that makes no attempts', async () => {
    const tools = await toolsWith([srv, dc], { build: 'windows-lync-2010' });
    assert.deepEqual(await askTime({ domain }, tools), { correction: undefined, tried: [] });
    assert.deepEqual(tools.trace.events, []);
  });
});
