#!/usr/bin/env node
import { Failure } from '../failure.js';
import { fileTrouble } from '../whole-file.js';
import { ask, askSecret } from './ask.js';
import { reportFailure, type Io } from './io.js';
import { run } from './run.js';

/** The process around the command line: standard streams, Ctrl-C, exit status. */
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { interrupt.abort(); });
let lost: Failure | undefined;
for (const [name, stream] of [['Standard output', process.stdout], ['Standard error', process.stderr]] as const) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A closed pipe (`lpe ... | head`) is the reader's choice, not an error: the command goes on, for its files and its exit status.
    if (error.code !== 'EPIPE') lost ??= new Failure('terminal/unwritable', `${name} cannot be written: ${fileTrouble(error)}.`, { cause: error });
  });
}

const io: Io = {
  out: (text) => { process.stdout.write(text); },
  err: (text) => { process.stderr.write(text); },
  env: process.env,
  // Some terminals say that they have no columns at all.
  width: process.stdout.isTTY && process.stdout.columns > 0 ? Math.max(60, process.stdout.columns) : 120,
  colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  interactive: process.stderr.isTTY,
  askSecret: process.stdin.isTTY && process.stderr.isTTY ? askSecret : undefined,
  ask: process.stdin.isTTY && process.stderr.isTTY ? ask : undefined,
  signal: interrupt.signal,
};

process.exitCode = await run(process.argv.slice(2), io);
// Streams tell of their errors only after the write.
setImmediate(() => { if (lost !== undefined) process.exitCode = reportFailure(lost, io); });
