import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { Demo, type DemoOptions } from '../../src/demo/demo.js';
import { serverMessageSchema, type DemoEvent, type PageMessageInput, type ServerMessage } from '../../src/demo/messages.js';
import { startDemoServer, type DemoServer } from '../../src/demo/server.js';
import type { Session } from '../../src/demo/session.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { PhoneSnapshot } from '../../src/phone/phone.js';
import { smallTopology } from '../lab/small-topology.js';
import { pooledKey } from '../pin-phone.js';
import { usedKeys } from '../start-lab.js';

const profiles = loadProfiles();
const keyPair = pooledKey();

/** A demo with keys that were made before; booting takes it no time. */
export const startDemo = (options: Partial<DemoOptions> = {}): Promise<Demo> => Demo.start({
  profiles, topology: smallTopology(), phones: [{ id: 'one', model: 'CX600', build: '4.0.7577.4100' }], lessons: [], keySource: usedKeys, keyPair, skipsBoot: true, ...options,
});

export const lessonFolder: string = fileURLToPath(new URL('../../examples/lessons/', import.meta.url));

/** A page of one file, with something beside it that is not to be served. */
export function pageFolder(): { folder: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'demo-page-'));
  const folder = join(root, 'page');
  writeFileSync(join(root, 'secret.js'), 'secret');
  writeFileSync(join(mkdir(folder), 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(mkdir(join(folder, 'parts')), 'main.js'), 'export {};');
  writeFileSync(join(folder, 'notes.txt'), 'of no type that is served');
  return { folder, remove: () => { rmSync(root, { recursive: true }); } };
}

function mkdir(folder: string): string {
  mkdirSync(folder);
  return folder;
}

export async function serve(demo: Demo, folder: string, bindAddress?: string): Promise<DemoServer> {
  return startDemoServer({ demo, pageFolder: folder, ...(bindAddress === undefined ? {} : { bindAddress }) });
}

/** Where a page's WebSocket goes, and what a browser says with it. */
export function socketOf({ port, url }: DemoServer, { token = new URL(url).searchParams.get('token') ?? '', host = `127.0.0.1:${port}`, origin = `http://127.0.0.1:${port}` as string | null } = {}): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${port}/session?token=${encodeURIComponent(token)}`, { headers: { Host: host, ...(origin === null ? {} : { Origin: origin }) } });
}

/** A page without a browser: what it was told, each message held to the schema. */
export class TestPage {
  readonly messages: ServerMessage[] = [];
  readonly socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(server: DemoServer, { read = true } = {}) {
    this.socket = socketOf(server);
    this.socket.on('message', (data: Buffer) => {
      this.messages.push(serverMessageSchema.parse(JSON.parse(data.toString('utf8'))));
      for (const look of [...this.#waiting]) look();
    });
    if (!read) this.socket.on('open', () => { this.socket.pause(); });
  }

  say(message: PageMessageInput): void {
    this.socket.send(JSON.stringify(message));
  }

  get events(): DemoEvent[] {
    return this.messages.flatMap((message) => (message.type === 'events' ? message.events : []));
  }

  /** The first message of a type that fits. */
  async told<T extends ServerMessage['type']>(type: T, fits: (message: Extract<ServerMessage, { type: T }>) => boolean = () => true): Promise<Extract<ServerMessage, { type: T }>> {
    const found = () => this.messages.find((message): message is Extract<ServerMessage, { type: T }> => message.type === type && fits(message as Extract<ServerMessage, { type: T }>));
    await this.until(() => found() !== undefined);
    return found() as Extract<ServerMessage, { type: T }>;
  }

  until(met: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!met()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      this.socket.once('error', reject);
      look();
    });
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Waits until a phone of the session is as wanted. */
export function phoneUntil(session: Session, id: string, met: (snapshot: PhoneSnapshot) => boolean): Promise<PhoneSnapshot> {
  return new Promise((resolve) => {
    const look = () => {
      const { snapshot } = session.phone(id);
      if (!met(snapshot)) return;
      stop();
      resolve(snapshot);
    };
    const stop = session.subscribe((part) => { if (part === `phone:${id}`) look(); });
    look();
  });
}
