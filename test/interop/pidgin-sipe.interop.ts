import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPublicKey } from 'node:crypto';
import { systemClock } from '../../src/clock.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import { loadTopology } from '../../src/lab/topology.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { connectRegistrar } from '../../src/phone/sip/session.js';
import type { TraceEvent } from '../../src/trace/event.js';
import { Trace } from '../../src/trace/trace.js';
import { programOrSkip } from './debian-program.js';
import { pooledKey, signInByPin } from '../pin-phone.js';
import { startLab } from '../start-lab.js';

const source = new URL('./sipe-signin.c', import.meta.url).pathname;
const topology = new URL('../../examples/topologies/contoso.yaml', import.meta.url).pathname;
const plugin = '/usr/lib/purple-2/libsipe.so';
const seconds = 60;

const isPublished = (event: TraceEvent) => event.layer === 'sip' && event.summary.startsWith('BENOTIFY');

describe('pidgin-sipe signs in to the lab', function () {
  this.timeout((seconds + 10) * 1000);
  let folder: string | undefined;
  let program: string;
  let lab: Lab;

  before(async function () {
    const gcc = programOrSkip(this, 'gcc', 'gcc');
    const pkgConfig = programOrSkip(this, 'pkg-config', 'pkg-config');
    let flags: string[];
    try {
      flags = execFileSync(pkgConfig, ['--cflags', '--libs', 'purple', 'glib-2.0'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim().split(/\s+/);
    } catch {
      console.log('    Skipped: libpurple cannot be compiled with (Debian packages libpurple-dev, libglib2.0-dev).');
      return this.skip();
    }
    if (!existsSync(plugin)) {
      console.log('    Skipped: the SIPE plugin is not installed (Debian package pidgin-sipe).');
      return this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'sipe-signin-'));
    program = join(folder, 'sipe-signin');
    execFileSync(gcc, ['-rdynamic', source, '-o', program, ...flags, '-ldl'], { stdio: ['ignore', 'ignore', 'inherit'] });
    const contoso = loadTopology(topology);
    // The Director homes nobody: whoever comes to it is sent to the Front End.
    const director: (typeof contoso.servers)[number] = { fqdn: 'dir.contoso.lab', address: '10.0.0.9', director: { port: 5061, certificate: 'front-end', minimumTls: 'TLSv1' } };
    lab = await startLab({ ...contoso, servers: [...contoso.servers, director] }, { advertise: '127.0.0.1' });
  });
  after(async () => {
    if (folder === undefined) return;
    await lab.close();
    rmSync(folder, { recursive: true });
  });

  /** Runs the client as alice; it stays signed in until the lab has recorded an event of `until`, or its own log has a line of `untilSaid`. */
  async function run(auth: 'tls-dsk' | 'ntlm', options: { password?: string; server?: 'director'; until?: (event: TraceEvent) => boolean; untilSaid?: RegExp; messageTo?: string } = {}) {
    const alice = lab.topology.users.find((user) => user.sipUri.startsWith('sip:alice@'));
    const port = lab.services.find(({ service }) => service === (options.server ?? 'registrar'))?.port;
    assert.ok(alice && port);
    const [firstEvent, { until, untilSaid }] = [lab.trace.events.length, options];
    const child = spawn(program, [alice.sipUri.slice('sip:'.length), alice.account, options.password ?? alice.password, `127.0.0.1:${port}`, auth, String(seconds)], {
      stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, HOME: folder, TMPDIR: folder, ...((until ?? untilSaid) && { SIPE_STAY: '1' }), ...(options.messageTo !== undefined && { SIPE_IM: options.messageTo }), ...(untilSaid && { SIPE_DEBUG: '1' }) },
    });
    const unsubscribe = lab.trace.subscribe((event) => {
      if (until?.(event)) child.kill();
      else if (options.messageTo !== undefined && isPublished(event)) child.kill('SIGUSR1');
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      if (untilSaid?.test(output)) child.kill();
    });
    const status = await new Promise<number | null>((resolve) => { child.once('close', resolve); });
    unsubscribe();
    const messages = lab.trace.events.slice(firstEvent).flatMap((event) => (event.actor === 'registrar' && event.layer === 'sip' ? [`${event.direction} ${event.summary}`] : []));
    const lines = output.trimEnd().split('\n');
    return { status, says: lines.at(-1), messages, log: lines.flatMap((line) => /^\([\d:]+\) sipe: (.*)/.exec(line)?.[1] ?? []) };
  }

  const unauthorized = ['received REGISTER sip:contoso.lab', 'sent 401 Unauthorized (REGISTER)'];
  const registered = ['received REGISTER sip:contoso.lab', 'sent 200 OK (REGISTER)'];

  it('with TLS-DSK: a REGISTER that tells it where certificates come from, a web ticket by NTLM, four REGISTERs; then it subscribes and publishes', async () => {
    const { says, messages } = await run('tls-dsk', { until: isPublished });
    assert.equal(says, 'signed-in');
    assert.deepEqual(messages.slice(0, 10), [...unauthorized, ...unauthorized, ...unauthorized, ...unauthorized, ...registered]);
    assert.equal(messages.filter((message) => message === 'sent 200 OK (SUBSCRIBE)').length, 4);
    assert.ok(messages.includes('sent 200 OK (SERVICE)'));
  });

  it('with NTLM: three REGISTERs', async () => {
    const { status, says, messages } = await run('ntlm');
    assert.deepEqual([status, says], [0, 'signed-in']);
    assert.deepEqual(messages.slice(0, 6), [...unauthorized, ...unauthorized, ...registered]);
  });

  it('reads its contacts, gets credentials for the media relay and publishes; nothing of it is refused, and its own log complains of nothing', async () => {
    // What it is told of its own publication comes after the answers to all that it asked.
    const { messages, log } = await run('ntlm', { untilSaid: /process_incoming_benotify[^]*access_level_set/ });
    const said = (pattern: RegExp) => log.some((line) => pattern.test(line));
    assert.ok(said(/^sipe_buddy_add: Added buddy sip:bob@contoso\.lab$/), 'the contact list was read');
    assert.ok(said(/mras_uri=sip:edge\.contoso\.lab@contoso\.lab;gruu;opaque=srvr:MRAS:/), 'the media relay was named');
    const notified = lab.trace.events.findLast(isPublished);
    assert.match((notified?.layer === 'sip' && notified.text) || '', /xsi:type="aggregateState"><availability>3500</, 'its presence is published');
    // A third is for the members of its containers, unless the registrar has them from before.
    assert.ok(messages.filter((message) => message === 'sent 200 OK (SERVICE)').length >= 2, 'media relay and publication');
    // Whether there is a group chat service, it finds out by an INVITE to where that would be.
    assert.deepEqual([...new Set(messages.filter((message) => /^sent [3-6]/.test(message)))], ['sent 401 Unauthorized (REGISTER)', 'sent 404 Not Found (INVITE)']);
    assert.deepEqual(log.filter((line) => /reject|error|fail|unhandled|invalid|malformed/i.test(line)), []);
  });

  it('follows its contact list as that changes', async () => {
    const alice = 'sip:alice@contoso.lab';
    let changed = false;
    const change = (event: TraceEvent) => {
      if (changed || !isPublished(event)) return false;
      changed = true;
      lab.setUser(alice, { contacts: ['sip:carol@fabrikam.lab'] });
      return false;
    };
    const { log } = await run('ntlm', { until: change, untilSaid: /Removing buddy sip:bob@contoso\.lab/ });
    lab.setUser(alice, { contacts: undefined });
    const changes = log.filter((line) => /^sipe_buddy_add: Added buddy sip:|^Removing buddy sip:/.test(line)).map((line) => line.replace(/^sipe_buddy_add: /, ''));
    assert.deepEqual(changes, ['Added buddy sip:bob@contoso.lab', 'Added buddy sip:carol@fabrikam.lab', 'Removing buddy sip:bob@contoso.lab']);
  });

  it('sends an instant message to a phone, which refuses it, as it has no use for one: 488 there and back', async () => {
    const trace = new Trace();
    const { profile } = loadProfiles().get('4.0.7577.4100');
    const tools = { network: lab.network(), trace, clock: new PhoneClock(systemClock), profile, publicRoots: [], macAddress: '00-04-F2-00-01-76', signal: new AbortController().signal };
    const session = await connectRegistrar({
      candidate: { source: 'internal-srv-tls', asked: 'nobody', host: 'sip.contoso.lab', port: 5061, transport: 'tls' }, address: '10.0.0.10', sipUri: 'sip:bob@contoso.lab', method: 'pin',
      trust: { downloadedRoots: lab.deployment.webIssuerChain('lync.contoso.lab'), directoryRoots: [], intermediates: [] },
    }, tools);
    const keys = pooledKey();
    const { certificate } = lab.deployment.clientCertificates.issueAndPublish({ publicKey: createPublicKey(keys.publicKeyPem), sipUri: 'sip:bob@contoso.lab', deviceId: 'x', hours: 24 });
    await session.register({
      sipUri: 'sip:bob@contoso.lab', notAfter: Date.now() + 86_400_000, privateKeyPem: keys.privateKeyPem,
      certificatePem: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
    }, tools.signal);
    const { messages } = await run('ntlm', {
      messageTo: 'sip:bob@contoso.lab', until: (event) => event.layer === 'sip' && event.direction === 'sent' && event.summary === '488 Not Acceptable Here (INVITE)',
    });
    session.close();
    const said = messages.map((message) => message.replace(/ sip:.*/, ''));
    assert.deepEqual(said.slice(said.lastIndexOf('received INVITE')), [
      'received INVITE', 'sent 100 Trying (INVITE)', 'sent INVITE', 'received 488 Not Acceptable Here (INVITE)', 'sent ACK', 'sent 488 Not Acceptable Here (INVITE)',
    ]);
    const invite = trace.events.find((event) => event.layer === 'sip' && event.direction === 'received' && event.summary.startsWith('INVITE'));
    assert.match((invite?.layer === 'sip' && invite.text) || '', /^P-Asserted-Identity: "Alice Archer"<sip:alice@contoso\.lab>,<tel:\+15550100;ext=100>\r$[^]*^m=message /m);
  });

  it('sees a phone of this project as available, by what the phone published of itself', async () => {
    const advertised = lab;
    // With NTLM it needs no web service, and a phone finds its way only where names lead into the lab's own network.
    lab = await startLab(loadTopology(topology));
    try {
      const seen = async () => (await run('ntlm', { untilSaid: /process_incoming_notify_rlmi: .*\n/ })).log.filter((line) => line.startsWith('process_incoming_notify_rlmi: '));
      assert.deepEqual(await seen(), ['process_incoming_notify_rlmi: offline']);
      await using bob = await signInByPin({ lab, user: 1, keyPair: pooledKey() });
      assert.equal(bob.snapshot.userServices.presence?.data, 3500);
      assert.deepEqual(await seen(), ['process_incoming_notify_rlmi: available']);
    } finally {
      await lab.close();
      lab = advertised;
    }
  });

  it('through a Director: it follows the redirect to the Front End and registers there from the start', async () => {
    const { says, messages } = await run('ntlm', { server: 'director' });
    assert.equal(says, 'signed-in');
    const redirected = ['received REGISTER sip:contoso.lab', 'sent 301 Moved Permanently (REGISTER)'];
    assert.deepEqual(messages.slice(0, 12), [...unauthorized, ...unauthorized, ...redirected, ...unauthorized, ...unauthorized, ...registered]);
  });

  for (const auth of ['tls-dsk', 'ntlm'] as const) {
    it(`but not with ${auth} and a wrong password`, async () => {
      const { status, says, messages } = await run(auth, { password: 'a wrong one' });
      assert.equal(status, 1);
      assert.match(says ?? '', /^failed: /);
      assert.ok(!messages.includes('sent 200 OK (REGISTER)'));
    });
  }
});
