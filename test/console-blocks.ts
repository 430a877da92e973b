import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { lpe } from './cli/command-line.js';

/** Installing and starting from nothing is what CI's first steps do. */
const runByCi = new Map([['npm ci && npm start', ['npm cit', 'npm start']]]);

/** A folder as a reader of the page has it: with the examples in it. */
export class ReaderFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'page-'));

  constructor() {
    symlinkSync(resolve('examples'), join(this.path, 'examples'));
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}

/**
 * A test for each fenced `console` block of a page: its commands (after `$ `), run one after another in a reader's folder, print what stands there.
 * A block `yaml <file name>` is such a file, written before. UPDATE=1 pastes the output anew.
 */
export function itPrintsWhatItShows(page: string, folder: () => ReaderFolder): void {
  for (const [, language = '', title = '', text = ''] of readFileSync(page, 'utf8').matchAll(/^```(console|yaml)(?: (\S+))?\n(.*?)^```$/gms)) {
    if (language === 'yaml') {
      if (title !== '') it(`has the file ${title}`, () => { writeFileSync(join(folder().path, title), text); });
      continue;
    }
    const commands = text.split('\n').filter((line) => line.startsWith('$ ')).map((line) => line.slice(2));
    it(`shows what \`${commands.join('; ')}\` prints (UPDATE=1 pastes it anew)`, async () => {
      const steps = runByCi.get(commands[0] ?? '');
      if (steps !== undefined) {
        const ci = readFileSync('.ci/run', 'utf8');
        for (const step of steps) assert.ok(ci.includes(step), `${step} is not in .ci/run`);
        return;
      }
      let printed = '';
      for (const command of commands) printed += `$ ${command}\n${await outputOf(command, folder())}`;
      if (process.env['UPDATE'] !== undefined) writeFileSync(page, readFileSync(page, 'utf8').replace(text, () => printed));
      else assert.equal(steady(text), steady(printed));
    }).timeout(60_000);
  }
}

/** What one command line prints. `lpe` runs in this process, since starting one takes longer than most commands; a shell does the rest. */
async function outputOf(command: string, folder: ReaderFolder): Promise<string> {
  const [, args, errors, rest] = /^(?:npx )?lpe ([^|;>]*?)(?: (2>&1|2>\/dev\/null))?(?: \| (.*))?$/.exec(command) ?? [undefined, undefined, undefined, command];
  const printed = args === undefined ? '' : await printedBy(args, folder, { errors: errors === '2>&1' });
  if (rest === undefined) return printed;
  return spawnSync('bash', ['-c', rest], { cwd: folder.path, input: printed, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] }).stdout;
}

async function printedBy(args: string, folder: ReaderFolder, { errors }: { errors: boolean }): Promise<string> {
  const project = process.cwd();
  const interrupt = new AbortController();
  let [printed, trouble] = ['', ''];
  process.chdir(folder.path);
  try {
    const { status } = await lpe([...args.matchAll(/"([^"]*)"|\S+/g)].map(([word, quoted]) => quoted ?? word), {
      signal: interrupt.signal,
      out: (text) => {
        printed += text;
        if (text.includes('Ctrl-C ends it')) interrupt.abort();
      },
      err: (text) => {
        trouble += text;
        if (errors) printed += text;
      },
    });
    // A page shows what works, or a verdict: what could not run is no output to paste.
    assert.ok(status < 2 && printed !== '', `lpe ${args} ends with ${status}: ${trouble}`);
    return printed;
  } finally {
    process.chdir(project);
  }
}

/** Without what differs from run to run: times, free ports, tokens, columns that move with them. */
function steady(text: string): string {
  return text.replaceAll(/\d+\.\d+ s$/gm, 'N s').replaceAll(/^ +\d+\.\d{3} {2}/gm, 'TIME  ').replaceAll(/ {2}\d+\.\d{3} /g, ' TIME ').replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'MOMENT').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/Bearer \S+\)/g, 'Bearer TOKEN)').replaceAll(/token=[\w-]+/g, 'token=TOKEN').replaceAll(/ +/g, ' ').trimEnd();
}
