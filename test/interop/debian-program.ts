import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createSocket } from 'node:dgram';
import { createServer, type AddressInfo } from 'node:net';
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

/** A UDP port of loopback that was free a moment ago, for programs that cannot choose one themselves. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => { socket.bind(0, '127.0.0.1', resolve); });
  const { port } = socket.address();
  await new Promise<void>((resolve) => { socket.close(resolve); });
  return port;
}

/** The same for TCP. */
export async function freeTcpPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
  return port;
}
