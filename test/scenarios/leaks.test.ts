import assert from 'node:assert/strict';
import diagnosticsChannel from 'node:diagnostics_channel';
import { once, type EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { pooledKey, signInByPin } from '../pin-phone.js';
import { deployment } from './deployment.js';
import { labOf } from './sign-in.js';

const phones = 30;
const pool = 'pool01.contoso.example';
const one = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] });
const users = Array.from({ length: phones }, (_, at) => ({
  sipUri: `sip:user${at}@contoso.example`, displayName: `User ${at}`, lineUri: `tel:+15550${100 + at};ext=${100 + at}`, pin: '48213',
  account: `LAB\\user${at}`, password: 'lab-Password-1',
}));

describe(`${phones} phones at one lab, at the same time`, () => {
  const lab = labOf({ ...one, users });

  it('sign in, each as its own user, and leave nothing behind when they are switched off', async function () {
    // Two seconds of processor time; another program may have the processor meanwhile.
    this.timeout(120_000);
    const keyPair = pooledKey();
    const warnings: Error[] = [];
    const warn = (warning: Error) => { warnings.push(warning); };
    process.on('warning', warn);
    using sockets = new OpenSockets();
    // A first one, so that what is made once is there before anything is counted.
    await (await signInByPin({ lab: lab(), keyPair }))[Symbol.asyncDispose]();
    const before = await handlesAtRest(sockets);

    const signedIn = await Promise.all(users.map((_, user) => signInByPin({ lab: lab(), user, keyPair, macAddress: macAddress(user) })));
    assert.deepEqual(signedIn.map(({ memory }) => memory.clientCertificate?.sipUri), users.map(({ sipUri }) => sipUri));
    await sockets.closedDownTo(phones);
    assert.deepEqual(sockets.open, { ofPhones: phones, ofLab: phones }, 'one connection to the registrar each');

    await Promise.all(signedIn.map((phone) => phone[Symbol.asyncDispose]()));
    assert.deepEqual(await handlesAtRest(sockets), before);
    process.off('warning', warn);
    assert.deepEqual(warnings, []);
  });
});

/** What keeps the process alive once every connection is closed and what that set off is over. */
async function handlesAtRest(sockets: OpenSockets): Promise<string[]> {
  await sockets.allClosed();
  await turn();
  assert.deepEqual(sockets.open, { ofPhones: 0, ofLab: 0 });
  return process.getActiveResourcesInfo().toSorted();
}

const macAddress = (at: number) => `00-04-F2-00-02-${at.toString(16).padStart(2, '0').toUpperCase()}`;

/** Every TCP connection made in this process from now on, by the end it belongs to. */
class OpenSockets implements Disposable {
  readonly #ofPhones = new Set<EventEmitter>();
  readonly #ofLab = new Set<EventEmitter>();
  readonly #stop: (() => void)[] = [];

  constructor() {
    this.#watch('net.client.socket', this.#ofPhones);
    this.#watch('net.server.socket', this.#ofLab);
  }

  get open(): { ofPhones: number; ofLab: number } {
    return { ofPhones: this.#ofPhones.size, ofLab: this.#ofLab.size };
  }

  /** That to the update service has just been given up by then. */
  async closedDownTo(count: number): Promise<void> {
    while (this.#ofPhones.size > count || this.#ofLab.size > count) {
      await Promise.race([...this.#ofPhones, ...this.#ofLab].map((socket) => once(socket, 'close')));
    }
  }

  /** A connection that stays open makes the test run out of time. */
  async allClosed(): Promise<void> {
    await Promise.all([...this.#ofPhones, ...this.#ofLab].map((socket) => once(socket, 'close')));
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stop) stop();
  }

  #watch(channel: string, sockets: Set<EventEmitter>): void {
    const note = (message: unknown) => {
      const { socket } = message as { socket: Socket };
      sockets.add(socket);
      socket.once('close', () => { sockets.delete(socket); });
    };
    diagnosticsChannel.subscribe(channel, note);
    this.#stop.push(() => { diagnosticsChannel.unsubscribe(channel, note); });
  }
}
