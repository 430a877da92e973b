import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock } from 'node:test';
import { systemClock } from '../../src/clock.js';
import { Failure } from '../../src/failure.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import type { Stage } from '../../src/phone/steps.js';
import { loadPlan } from '../../src/rehearsal/plan.js';
import { rehearse } from '../../src/rehearsal/rehearse.js';
import { smallTopology } from '../lab/small-topology.js';
import { udpPeer } from '../network/udp-peer.js';
import { freePort } from '../interop/debian-program.js';
import { startLab } from '../start-lab.js';
import { connectTo, livePlan, liveSecrets } from './live-lab.js';

const profiles = loadProfiles();
const { signal } = new AbortController();
const firmware = '4.0.7577.4100';

/** Nothing else waits for so long. */
const deadlineSeconds = 77;

/** Deadlines come when the test says so. */
function heldDeadline(): { come: () => void } {
  const held = new Set<() => void>();
  mock.method(systemClock, 'setTimeout', (callback: () => void, milliseconds: number) => (milliseconds === deadlineSeconds * 1000 ? held.add(callback) && callback : setTimeout(callback, milliseconds)));
  mock.method(systemClock, 'clearTimeout', (handle: NodeJS.Timeout | (() => void)) => { if (typeof handle === 'function') held.delete(handle); else clearTimeout(handle); });
  return { come: () => { for (const callback of held) callback(); } };
}

// Servers that the rehearsal knows nothing of but their addresses: it reaches them with the host's own sockets.
describe('A live target', () => {
  let lab: Lab;
  let toLab: string[];
  const folder = mkdtempSync(join(tmpdir(), 'lpe-live-'));
  before(async () => {
    lab = await startLab(smallTopology());
    toLab = connectTo(lab);
  });
  afterEach(() => { mock.restoreAll(); });
  after(async () => { await lab.close(); rmSync(folder, { recursive: true }); });

  type Change = Parameters<typeof livePlan>[2] & { pin?: string; signal?: AbortSignal };

  const plan = ({ pin: _pin, signal: _signal, ...change }: Change = {}) => loadPlan(livePlan(folder, lab, change));
  const run = (change: Change = {}, stopBefore?: Stage, progress?: () => void) => rehearse(plan(change), {
    profiles, signal: change.signal ?? signal, stopBefore, ...(progress === undefined ? {} : { progress }),
    secrets: { env: { ...liveSecrets, ...(change.pin === undefined ? {} : { ALICE_PIN: change.pin }) }, ask: undefined },
  });
  const seenBy = (start: number, pattern: RegExp) => lab.trace.events.slice(start)
    .filter((event) => 'direction' in event && event.direction === 'received' && pattern.test(event.summary)).length;

  it('signs phones in by PIN and by AD credentials, over the host\'s own sockets', async () => {
    const { report } = await run({ phones: [{ firmware, signIn: 'pin' }, { firmware, signIn: 'tethered' }] });
    assert.deepEqual(report.runs.map(({ account, verdict }) => [account, verdict.outcome, verdict.cause?.sentence]), [['alice', 'signed-in', undefined], ['alice', 'signed-in', undefined]]);
  });

  it('tries a wrong PIN once, whatever the number of phones, and says why it tries no more', async () => {
    const start = lab.trace.events.length;
    const { report } = await run({ pin: '99999', phones: [{ firmware, signIn: 'pin' }, { firmware: '4.0.7577.107', signIn: 'pin' }, { firmware: '4.0.7577.4363', signIn: 'pin' }] });
    assert.deepEqual(report.runs.map(({ verdict }) => verdict.cause?.rule), ['pin-refused']);
    assert.equal(report.unfinished.length, 2);
    assert.match(report.unfinished[0]?.reason ?? '', /was refused once already, and more could lock the account .*: the PIN is wrong\.$/);
    assert.equal(seenBy(start, /WebTicketService\.svc\/pin/), 1);
    lab.setUser('sip:alice@contoso.lab', { pinLocked: false });
  });

  it('goes no further than a dry run lets it', async () => {
    const start = lab.trace.events.length;
    const { report } = await run({}, 'registering');
    assert.deepEqual(report.runs.map(({ verdict, matches }) => [verdict.outcome, verdict.stage, matches]), [['stopped', 'registering', true]]);
    assert.equal(seenBy(start, /^REGISTER/), 0);
    const before = lab.trace.events.length;
    await run({}, 'webTicket');
    assert.equal(seenBy(before, /WebTicketService\.svc\/pin/), 0);
  });

  it('ends a sign-in at its deadline and tells so, with those that came to something before', async () => {
    // It takes connections, and that is all.
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const asked = once(silent, 'connection').then(([socket]) => once(socket as Socket, 'data'));
    const port = (silent.address() as AddressInfo).port;
    const deadline = heldDeadline();
    let done = () => {};
    const signedIn = new Promise<void>((resolve) => { done = resolve; });
    const running = run({
      phones: [{ firmware, signIn: 'pin' }, { firmware: 'windows-lync-2010', model: 'PC', signIn: 'typed' }], limits: { deadlineSeconds },
      live: { connectTo: [`lync.contoso.lab:80:127.0.0.1:${port}`, ...toLab.slice(1)] },
    }, undefined, () => { done(); });
    await Promise.all([asked, signedIn]);
    deadline.come();
    const { report } = await running;
    assert.deepEqual(report.unfinished.map(({ reason }) => reason), ["It was still under way after 77 s, the plan's deadline. The last of it was HTTP sent to lync.contoso.lab:80: POST /CertProv/CertProvisioningService.svc/anon."]);
    assert.deepEqual(report.runs.map(({ phone, verdict }) => [phone.firmware, verdict.outcome]), [['windows-lync-2010', 'signed-in']]);
    silent.close();
  });

  it('keeps what is done when it is interrupted', async () => {
    const interrupt = new AbortController();
    const { report } = await run({ phones: [{ firmware, signIn: 'pin' }, { firmware: '4.0.7577.4463', signIn: 'pin' }], signal: interrupt.signal }, undefined, () => { interrupt.abort(); });
    assert.deepEqual([report.runs.map(({ verdict }) => verdict.outcome), report.summary.planned], [['signed-in'], 2]);
  });

  const causeOf = async (change: Change) => {
    const { report } = await run(change);
    const [only] = report.runs;
    return only?.verdict.cause ?? assert.fail(JSON.stringify(report));
  };

  it('says at the deadline that no name server answers', async () => {
    const deadline = heldDeadline();
    const silent = await udpPeer(() => { deadline.come(); return []; });
    const { report } = await run({ phones: [{ firmware, signIn: 'tethered' }], limits: { deadlineSeconds }, live: { dnsServer: `127.0.0.1:${silent.port}`, dhcpOptions: {} } });
    assert.match(report.unfinished[0]?.reason ?? '', /^It was still under way after 77 s, the plan's deadline\. The last of it was DNS sent to 127\.0\.0\.1:53: [A-Z]+ [_a-z.]+\.$/);
    await silent.close();
  });

  it('says that nothing listens where the name server should be', async () => {
    const cause = await causeOf({ phones: [{ firmware, signIn: 'tethered' }], live: { dnsServer: `127.0.0.1:${await freePort()}`, dhcpOptions: {} } });
    assert.equal(cause.rule, 'no-name-server');
    assert.match(cause.sentence, /127\.0\.0\.1 refused port 53 \(UDP\): nothing listens there/);
  });

  it('says where a connection of connectTo went in vain', async () => {
    const port = await freePort();
    const cause = await causeOf({ live: { connectTo: [`lync.contoso.lab:80:127.0.0.1:${port}`, ...toLab.slice(1)] } });
    assert.equal(cause.rule, 'web-service-unreachable');
    assert.ok(cause.sentence.includes(`127.0.0.1 refused port ${port} (TCP)`), cause.sentence);
  });

  it('tells of a rule of connectTo that no phone went by, unless phones were not let go that far', async () => {
    const change = { live: { connectTo: [...toLab, 'lnyc.contoso.lab:443:192.0.2.1:443'] } };
    assert.deepEqual((await run(change)).warnings, ['No phone connected to lnyc.contoso.lab:443 at pool, so that rule of connectTo was of no use: is the name what DHCP and DNS give?']);
    assert.deepEqual((await run(change, 'rootChain')).warnings, []);
  });

  it('does not begin where DHCP answers cannot be heard, and says what to do', async () => {
    const holder = createSocket('udp4');
    await new Promise<void>((resolve) => { holder.bind(0, '127.0.0.1', resolve); });
    const start = lab.trace.events.length;
    await assert.rejects(run({ live: { dhcpOptions: undefined, dhcpServer: `127.0.0.1:${holder.address().port - 1}` } }), (error) => {
      assert.ok(error instanceof Failure);
      assert.equal(error.code, 'network/dhcp-port');
      assert.match(error.hint ?? '', /^Run it as root .* dhcpOptions/);
      return true;
    });
    assert.equal(lab.trace.events.length, start);
    holder.close();
  });

  it('refuses an account that cannot sign in there', async () => {
    await assert.rejects(run({ live: { sipDomains: ['fabrikam.lab'] } }), { code: 'plan/unknown-account', message: /No account of the plan can sign in at pool: its sipDomains are fabrikam\.lab/ });
  });

  it('refuses a plan that names no number for a PIN', async () => {
    const declared = plan();
    const alice = declared.accounts['alice'];
    assert.ok(alice !== undefined);
    delete alice.number;
    await assert.rejects(rehearse(declared, { profiles, signal, secrets: { env: { ALICE_PIN: '1' }, ask: undefined } }), { code: 'rehearsal/no-pin' });
  });
});
