import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { startNtpServer } from '../../src/lab/ntp-server.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { askTime } from '../../src/phone/time-of-day.js';
import { startDnsServer } from '../../src/lab/dns-server.js';
import { Trace } from '../../src/trace/trace.js';
import { stepTools } from '../phone/step-tools.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

describe('chrony', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-chrony-'));
  /** Never touches the machine's clock (`-x`, `-Q`), speaks to nobody but loopback, leaves nothing behind. */
  const common = ['-U', '-u', 'root', '-f', '/dev/null', 'cmdport 0', 'bindcmdaddress /', `pidfile ${join(folder, 'pid')}`];
  const trace = new Trace();
  let chronyd = '';
  before(function () {
    chronyd = programOrSkip(this, 'chronyd', 'chrony');
    if (process.getuid?.() !== 0) {
      console.log('    Skipped: chronyd tells that it is ready only when it runs as root.');
      this.skip();
    }
  });
  after(() => { rmSync(folder, { recursive: true }); });

  /** What a phone of 2006 makes of a chronyd with these directives behind `_ntp._udp.contoso.lab`. */
  async function askChrony(...directives: string[]) {
    const port = await freePort();
    const daemon = await startDaemon(chronyd, ['-d', '-x', ...common, `port ${port}`, 'bindaddress 127.0.0.1', 'allow 127.0.0.1', ...directives], /Running with root privileges/);
    const dns = await startDnsServer({
      trace, bindAddress: '127.0.0.1', records: () => [
        { name: '_ntp._udp.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 123, priority: 0, weight: 0 }, { name: 'dc.contoso.lab', type: 'A', address: '10.0.0.2' },
      ],
    });
    try {
      const at = (real: number) => [{ address: '127.0.0.1', port: real }];
      const clock = new PhoneClock(systemClock);
      clock.startAt(Date.parse('2006-01-01T12:00:00Z'));
      const tools = { ...stepTools({ forward: { '10.0.0.2:53/udp': at(dns.port), '10.0.0.2:123/udp': at(port) } }), clock };
      return { clock, answer: await askTime({ domain: 'contoso.lab' }, tools) };
    } finally {
      await dns.close();
      await daemon.stop();
    }
  }

  it('sets the clock of a phone that was years behind', async () => {
    const { clock, answer } = await askChrony('local stratum 5');
    assert.equal(answer.correction?.server, 'dc.contoso.lab');
    clock.correct(answer.correction.milliseconds, answer.correction.server);
    assert.ok(Math.abs(clock.now() - Date.now()) < 2000, `${clock.now() - Date.now()} ms off`);
  });

  it('is not believed while it is not synchronised itself', async () => {
    const { answer } = await askChrony();
    assert.equal(answer.correction, undefined);
    assert.match(answer.tried[0] ?? '', /says that it has no time to give: leap indicator 3/);
  });

  it('takes the time from the lab, and finds exactly the skew that was switched on', async () => {
    for (const skewSeconds of [0, 3600, -86_400]) {
      const server = await startNtpServer({ now: Date.now, skewSeconds, trace, bindAddress: '127.0.0.1' });
      try {
        const measured = await measure(server.port);
        assert.ok(Math.abs(measured - skewSeconds) < 2, `${measured} s for a skew of ${skewSeconds} s`);
      } finally {
        await server.close();
      }
    }
  }).timeout(90_000);

  /** Seconds that this machine's clock is behind, as chronyd measures it in one exchange. */
  async function measure(port: number): Promise<number> {
    const child = spawn(chronyd, ['-Q', '-t', '20', ...common, `server 127.0.0.1 port ${port} iburst maxsamples 1`], { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    await once(child, 'close');
    const [, seconds] = /System clock wrong by (-?\d+\.\d+) seconds/.exec(output) ?? [];
    if (seconds === undefined) throw new Error(`chronyd measured nothing:\n${output}`);
    return Number(seconds);
  }
});
