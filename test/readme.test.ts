import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A fenced `console` block: commands after `$ `, each with what it printed. */
interface Block {
  text: string;
  commands: string[];
}

const readmeFile = resolve('README.md');
const readme = readFileSync(readmeFile, 'utf8');
const blocks: Block[] = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].map(([, text = '']) => (
  { text, commands: text.split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)) }));

/** Installing and starting from nothing is what CI's first steps do. */
const runByCi = new Map([['npm ci && npm start', ['npm cit', 'npm start']]]);

describe('README', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'readme-'));
    symlinkSync(resolve('examples'), join(folder, 'examples'));
  });
  after(() => { rmSync(folder, { recursive: true }); });

  for (const block of blocks) {
    it(`shows what \`${block.commands.join('; ')}\` prints (UPDATE=1 pastes it anew)`, async () => {
      const steps = runByCi.get(block.commands[0] ?? '');
      if (steps !== undefined) {
        const ci = readFileSync('.ci/run', 'utf8');
        for (const step of steps) assert.ok(ci.includes(step), `${step} is not in .ci/run`);
        return;
      }
      let printed = '';
      for (const command of block.commands) printed += `$ ${command}\n${await output(command, folder)}`;
      if (process.env['UPDATE'] !== undefined) writeFileSync(readmeFile, readFileSync(readmeFile, 'utf8').replace(block.text, () => printed));
      else assert.equal(steady(block.text), steady(printed));
    }).timeout(30_000);
  }

  it('shows code that runs', async () => {
    const [, code = ''] = /^```ts\n(.*?)^```$/ms.exec(readme) ?? [];
    assert.match(code, /Lab\.start/);
    const file = join(folder, 'readme.mts');
    writeFileSync(file, `${code.replace("'lync-phone-emulator'", JSON.stringify(resolve('src/index.ts')))}\nconsole.log(state, screen.join(' '));\n`);
    assert.equal(await output(`node --import ${resolve('node_modules/tsx/dist/esm/index.mjs')} ${file}`, folder), 'signedIn Alice Archer +15550100 X100\n');
  }).timeout(30_000);
});

/** Runs one command line of the README against the sources; `lab` runs until it is told to stop, so it is told. */
async function output(command: string, folder: string): Promise<string> {
  const lpe = `node --import ${resolve('node_modules/tsx/dist/esm/index.mjs')} ${resolve('src/cli/lpe.ts')}`;
  const child = spawn('bash', ['-c', `set -o pipefail; ${command.replaceAll('npx lpe', `exec ${lpe}`).replace(/exec (.*\|)/, '$1')}`], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (chunk.includes('Ctrl-C ends it')) child.kill('SIGINT');
  });
  await new Promise((done) => child.once('close', done));
  return text;
}

/** Without what differs from run to run: times, free ports, tokens, columns that move with them. */
function steady(text: string): string {
  return text.replaceAll(/\d+\.\d+ s$/gm, 'N s').replaceAll(/^ +\d+\.\d{3} {2}/gm, 'TIME  ').replaceAll(/ {2}\d+\.\d{3} /g, ' TIME ').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/Bearer \S+\)/g, 'Bearer TOKEN)').replaceAll(/ +/g, ' ').trimEnd();
}
