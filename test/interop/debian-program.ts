import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** Where a program is installed; daemons live outside a user's PATH. */
function find(program: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The program's path. Where it is missing, the test or suite is skipped and a sentence says what to install. */
export function programOrSkip(context: Mocha.Context, program: string, debianPackage: string): string {
  const path = find(program);
  if (path !== undefined) return path;
  console.log(`    Skipped: ${program} is not installed (Debian package ${debianPackage}).`);
  return context.skip();
}

/** Runs a daemon in the foreground until `stop`; resolves once it prints `ready`, rejects with its output when it ends before. */
export function startDaemon(
  path: string, args: readonly string[], ready: RegExp, environment: Readonly<Record<string, string>> = {},
): Promise<{ stop(): Promise<void> }> {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  const exited = new Promise<void>((resolve) => { child.once('close', () => { resolve(); }); });
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000);
      if (ready.test(output)) resolve({ stop: async () => { child.kill(); await exited; } });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('close', (code) => { reject(new Error(`${path} ended with status ${code} before it was ready:\n${output}`)); });
  });
}

/** Ports that no kernel gives out by itself, as many for each of the workers that test files run in, side by side. */
const [lowestPort, portsOfWorker, workers] = [10_000, 750, 8];
const worker = Number(process.env['MOCHA_WORKER_ID'] ?? 0) % workers;
let portsGiven = randomInt(portsOfWorker);

/** A port of loopback that is free for TCP and UDP, for programs that cannot choose one themselves, and for nobody at all. None is given twice. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowestPort + worker * portsOfWorker + portsGiven++ % portsOfWorker;
    if (await isFreeForTcp(port) && await isFreeForUdp(port)) return port;
  }
}

function isFreeForTcp(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => { resolve(false); });
    server.listen(port, '127.0.0.1', () => { server.close(() => { resolve(true); }); });
  });
}

function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => { resolve(false); });
    socket.bind(port, '127.0.0.1', () => { socket.close(() => { resolve(true); }); });
  });
}
