import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { labFileSchema } from '../../src/lab/lab-summary.js';
import { reportSchema } from '../../src/rehearsal/report.js';
import { built } from '../built.js';
import { udpPeer } from '../network/udp-peer.js';
import { liveSecrets } from '../rehearsal/live-lab.js';
import { WorkFolder } from './command-line.js';

interface Ended {
  code: number | null;
  signal: string | null;
  out: string;
  err: string;
}

/** The command line as a process of its own: what the process does around the commands, and that it ends by itself. */
describe('the lpe process', () => {
  let folder: WorkFolder;
  let topology: string;
  let plan: string;
  before(() => {
    folder = new WorkFolder();
    topology = folder.topology();
    plan = folder.write('plan.yaml', 'schema: 1\nname: small\ntargets: { lab: { lab: contoso.yaml } }\nphones: [{ firmware: 4.0.7577.4100, signIn: tethered }]\n');
  });
  after(() => { folder.remove(); });

  const command = [built('cli/lpe.js')];

  /** Sends Ctrl-C, once, when `interruptAt` has been printed or has come. */
  async function start(args: readonly string[], interruptAt?: string | Promise<unknown>): Promise<Ended> {
    const child = spawn(process.execPath, [...command, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...liveSecrets } });
    if (typeof interruptAt === 'object') void interruptAt.then(() => child.kill('SIGINT'));
    const printed = { out: '', err: '' };
    let awaited = typeof interruptAt === 'string' ? interruptAt : undefined;
    for (const [name, stream] of [['out', child.stdout], ['err', child.stderr]] as const) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed[name] += chunk;
        if (awaited === undefined || !printed[name].includes(awaited)) return;
        awaited = undefined;
        child.kill('SIGINT');
      });
    }
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => { child.once('close', (...ended) => { resolve(ended); }); });
    return { code, signal, ...printed };
  }

  it('ends a lab at Ctrl-C with status 0, and nothing is left listening', async () => {
    const file = folder.file('lab.json');
    const ended = await start(['lab', topology, '--json', file], 'Ctrl-C ends it');
    assert.deepEqual([ended.code, ended.signal, ended.err], [0, null, '']);
    assert.match(ended.out, /Stopping\.\n$/);
    const { port = 0 } = labFileSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).services.find(({ service }) => service === 'registrar') ?? {};
    const refused = await new Promise((resolve) => { connect(port, '127.0.0.1').on('error', resolve).on('connect', resolve); });
    assert.equal((refused as NodeJS.ErrnoException).code, 'ECONNREFUSED');
  }).timeout(60_000);

  it('ends a rehearsal at Ctrl-C with status 3', async () => {
    // Nobody answers, so that it would go on for a minute and more.
    const web = createServer().listen(0, '127.0.0.1');
    await once(web, 'listening');
    const asked = new EventEmitter();
    const dns = await udpPeer(() => { asked.emit('asked'); return []; });
    const silent = folder.write('silent.yaml', `
schema: 1
name: silent
targets:
  pool:
    live:
      sipDomains: [contoso.lab]
      interface: 127.0.0.1
      dnsServer: 127.0.0.1:${dns.port}
      dhcpOptions: { webServer: lync.contoso.lab, registrar: lync.contoso.lab }
      connectTo: ['lync.contoso.lab:80:127.0.0.1:${(web.address() as AddressInfo).port}']
phones: [{ firmware: 4.0.7577.4100, signIn: pin }]
accounts: { alice: { sipUri: 'sip:alice@contoso.lab', number: '100', pin: { env: ALICE_PIN } } }
`);
    const ended = await start(['rehearse', silent], once(asked, 'asked'));
    assert.deepEqual([ended.code, ended.signal, ended.err], [3, null, '']);
    assert.match(ended.out, /\nInterrupted: none of 1 cell is done\. /);
    web.close();
    await dns.close();
  }).timeout(60_000);

  it('goes on for its files when nobody reads what it prints, and has the status of what it did', async () => {
    const file = folder.file('report.json');
    const child = spawn(process.execPath, [...command, 'rehearse', plan, '--json', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    child.stderr.destroy();
    const code = await new Promise((resolve) => { child.once('exit', resolve); });
    assert.equal(code, 0);
    assert.equal(reportSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).summary.signedIn, 1);
  }).timeout(60_000);

  it('has the status of a verdict against it', async () => {
    const { code, err } = await start(['check', 'examples/certificates/front-end-wildcard.pem', '--host', 'sip.mslync.net', '--firmware', '4.0.7577.107']);
    assert.deepEqual([code, err], [1, '']);
  }).timeout(60_000);

  // The only file that is always full; other systems than Linux have none.
  const full = '/dev/full';
  if (existsSync(full)) {
    it('says so when its output cannot be written, with status 3', async () => {
      const child = spawn(process.execPath, [...command, 'profiles'], { stdio: ['ignore', openSync(full, 'w'), 'pipe'] });
      let err = '';
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => { err += chunk; });
      const code = await new Promise((resolve) => { child.once('close', resolve); });
      assert.deepEqual([code, err], [3, 'lpe: Standard output cannot be written: the disk is full. [terminal/unwritable]\nSend the output elsewhere.\n']);
    }).timeout(60_000);
  }
});
