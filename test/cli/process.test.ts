import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { labFileSchema } from '../../src/lab/lab-summary.js';
import { reportSchema } from '../../src/rehearsal/report.js';
import { built } from '../built.js';
import { contoso, WorkFolder } from './command-line.js';

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

  /** Sends Ctrl-C, once, when `interruptAt` has been printed. */
  async function start(args: readonly string[], interruptAt?: string): Promise<Ended> {
    const child = spawn(process.execPath, [...command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = { out: '', err: '' };
    let interrupted = interruptAt === undefined;
    for (const [name, stream] of [['out', child.stdout], ['err', child.stderr]] as const) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        printed[name] += chunk;
        if (!interrupted && printed[name].includes(interruptAt ?? '')) interrupted = child.kill('SIGINT');
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

  it('ends a sign-in at Ctrl-C with status 3', async () => {
    // Where DHCP tells a phone nothing, it waits for seconds for other servers that might.
    const silent = folder.topology('no-options.yaml', { dhcp: { ...contoso().dhcp, option43: null, option120: null } });
    const ended = await start(['sign-in', '--firmware', '4.0.7577.107', '--pin', '100', '--lab', silent], '-> discovering');
    assert.deepEqual([ended.code, ended.signal, ended.out], [3, null, '']);
    assert.match(ended.err, /\nInterrupted\.\n$/);
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
