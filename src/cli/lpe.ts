#!/usr/bin/env node
import { askSecret } from './ask-secret.js';
import type { Io } from './io.js';
import { run } from './run.js';

/** The process around the command line: standard streams, Ctrl-C, exit status. */
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { interrupt.abort(); });
// A closed pipe (`lpe ... | head`) is the reader's choice, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit(0); });

const io: Io = {
  out: (text) => { process.stdout.write(text); },
  err: (text) => { process.stderr.write(text); },
  env: process.env,
  width: process.stdout.isTTY ? process.stdout.columns : 120,
  colour: process.stdout.isTTY && process.env['NO_COLOR'] === undefined,
  interactive: process.stderr.isTTY,
  askSecret: process.stdin.isTTY && process.stderr.isTTY ? askSecret : undefined,
  signal: interrupt.signal,
};

process.exitCode = await run(process.argv.slice(2), io);
