import { createSocket, type Socket } from 'node:dgram';
import { Failure } from '../failure.js';
import type { Endpoint } from './network.js';
import type { Closable, DatagramHandlers } from './sockets.js';

const broadcast = '255.255.255.255';

/**
 * The port at which DHCP answers a host: the client's well-known one, whatever port was asked from (RFC 2131 section 4.1): 68, or one above a
 * server's that is not at 67. All phones of this host share it, and each hears what any of them is told: who shares a port by other means loses
 * answers to whoever opened it last. A server answers from an address of its own choice, so the socket is left unconnected.
 */
export class DhcpClientPort {
  readonly #server: Endpoint;
  readonly #localAddress: string;
  readonly #asking = new Set<DatagramHandlers>();
  #socket: { socket: Socket; ready: Promise<void> } | undefined;

  /** @param localAddress where answers come to, unless everybody is asked */
  constructor(server: Endpoint, localAddress: string) {
    this.#server = server;
    this.#localAddress = localAddress;
  }

  /** Rejects with a Failure `network/dhcp-port` where this process cannot have the port. */
  async check(): Promise<void> {
    let trouble: Error | undefined;
    const trial = { onAnswer: () => {}, onError: (error: Error) => { trouble ??= error; } };
    this.#asking.add(trial);
    await this.#open().ready;
    this.#leave(trial);
    if (trouble !== undefined) throw trouble;
  }

  /** Asks and passes on every answer, of whatever transaction, until it is closed. */
  ask(payload: Buffer, handlers: DatagramHandlers): Closable {
    this.#asking.add(handlers);
    const { socket, ready } = this.#open();
    void ready.then(() => { if (this.#asking.has(handlers)) socket.send(payload, this.#server.port, this.#server.address); });
    return { close: () => { this.#leave(handlers); } };
  }

  #open(): { socket: Socket; ready: Promise<void> } {
    if (this.#socket !== undefined) return this.#socket;
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    const port = this.#server.port + 1;
    const everybody = this.#server.address === broadcast;
    socket.on('message', (answer) => { for (const { onAnswer } of this.#asking) onAnswer(answer); });
    const ready = new Promise<void>((resolve) => {
      socket.on('error', (error: NodeJS.ErrnoException) => {
        const failure = error.syscall === 'bind' ? portFailure(port, error) : error;
        for (const handlers of [...this.#asking]) { this.#asking.delete(handlers); handlers.onError(failure); }
        this.#close();
        resolve();
      });
      socket.bind(port, everybody ? undefined : this.#localAddress, () => {
        if (everybody) socket.setBroadcast(true);
        resolve();
      });
    });
    return this.#socket = { socket, ready };
  }

  #leave(handlers: DatagramHandlers): void {
    if (this.#asking.delete(handlers) && this.#asking.size === 0) this.#close();
  }

  #close(): void {
    this.#socket?.socket.close();
    this.#socket = undefined;
  }
}

function portFailure(port: number, cause: NodeJS.ErrnoException): Failure {
  return new Failure('network/dhcp-port', `DHCP answers come to UDP port ${port}, which this process cannot listen on: ${cause.message}.`, {
    cause, hint: 'Run it as root (or stop what has the port), or give the options in the plan as dhcpOptions and leave DHCP unasked; lpe dhcp-options --decode reads them.',
  });
}
