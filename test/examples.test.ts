import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { built } from './built.js';

const folder = resolve('examples/code');
const mocha = resolve('node_modules/mocha/bin/mocha.js');
const suite = 'pool.test.mjs';

/** What each program is run with, the status it ends with and what it prints. */
const runs: Record<string, { args?: string[]; status: number; prints: RegExp }[]> = {
  'certificate-gate.mjs': [
    {
      args: ['examples/certificates/front-end-wildcard.pem', 'examples/certificates/root.pem', 'sip.mslync.net'], status: 1,
      prints: /^4\.0\.7577\.107 refuses it\n {2}sip\.mslync\.net is covered only by the wildcard .* \(observed\)\n4\.0\.7577\.4100 accepts it\n4\.0\.7577\.4463 accepts it\n$/,
    },
    { args: ['examples/certificates/front-end-wildcard.pem', 'examples/certificates/root.pem', 'lync.schertz.local'], status: 0, prints: /^(4\.[\d.]+ accepts it\n){3}$/ },
  ],
  'own-profile.mjs': [{ status: 0, prints: /^4\.0\.7577\.9999: signedIn\nAlice Archer/ }],
  'own-certificate-policy.mjs': [
    { args: ['9000'], status: 1, prints: /^(4\.[\d.]+ failed The phone refused the certificate of lync\.contoso\.lab:443: The certificate is good for \d+ days; our rule wants 9000\.\n){3}$/ },
    { status: 0, prints: /^(4\.[\d.]+ signed-in \n){3}$/ },
  ],
  'sip-over-tls.mjs': [{ status: 0, prints: /^401 Unauthorized NTLM, Kerberos, TLS-DSK\nTLS to sip\.contoso\.lab, offering TLSv1\ncertificate of sip\.contoso\.lab accepted\n/ }],
  'live-rehearsal.mjs': [{ status: 0, prints: /^4\.0\.7577\.107 signed-in\n4\.0\.7577\.4463 signed-in\n$/ }],
};

/** One process for all programs, since starting costs more than most of what they do. After what each prints, a NUL and its status. */
const runner = `for (const [module, ...args] of JSON.parse(process.argv[1])) {
  [process.argv, process.exitCode] = [[process.execPath, module, ...args], 0];
  await import(module);
  process.stdout.write('\\0' + process.exitCode);
}`;

// As a user of the package would, with the one that is built here.
describe('The examples in code', () => {
  const copies = mkdtempSync(join(tmpdir(), 'lpe-examples-'));
  after(() => { rmSync(copies, { recursive: true }); });

  it('are all run here', () => { assert.deepEqual(readdirSync(folder).sort(), [...Object.keys(runs), suite].sort()); });

  /** A copy that finds the package. */
  function copyOf(file: string): string {
    const copy = join(copies, file);
    writeFileSync(copy, readFileSync(join(folder, file), 'utf8')
      .replace("'lync-phone-emulator/mocha'", JSON.stringify(pathToFileURL(built('mocha.js')).href))
      .replace("'lync-phone-emulator/sip-transport'", JSON.stringify(pathToFileURL(built('sip-transport.js')).href))
      .replaceAll(/'(sip\.js\/.*)'/g, (_, path: string) => JSON.stringify(pathToFileURL(resolve('node_modules', path)).href))
      .replace("'lync-phone-emulator'", JSON.stringify(pathToFileURL(built('index.js')).href)));
    return copy;
  }

  async function node(...args: string[]): Promise<{ status: number; out: string; err: string }> {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text; });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text; });
    const [status] = await once(child, 'close') as [number];
    return { status, out, err };
  }

  it('print what is expected, have their status, and leave nothing running', async () => {
    const all = Object.entries(runs).flatMap(([file, ways]) => ways.map((way) => ({ file, ...way })));
    // A module that was imported once would not run again.
    const modules = all.map(({ file, args = [] }, index) => [`${pathToFileURL(copyOf(file)).href}?${index}`, ...args]);
    const { out, err } = await node('--input-type=module', '-e', runner, JSON.stringify(modules));
    const ended = [...out.matchAll(/([^\0]*)\0(\d)/g)].map(([, printed = '', status]) => ({ printed, status: Number(status) }));
    assert.deepEqual(ended.map(({ status }) => status), all.map(({ status }) => status), err + out);
    for (const [index, { file, prints }] of all.entries()) assert.match(ended[index]?.printed ?? '', prints, file);
  }).timeout(60_000);

  it('make a suite for mocha', async () => {
    const { status, out, err } = await node(mocha, '--no-package', copyOf(suite));
    assert.equal(status, 0, err + out);
    assert.match(out, /First rollout\n(.*sip:alice|.*alice at contoso.*\n)+[^]*3 passing/);
  }).timeout(60_000);
});
