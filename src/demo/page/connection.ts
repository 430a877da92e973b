import type { PageMessageInput, ServerMessage } from '../messages.js';
import { protocolVersion, readServerMessage, socketPath } from './server-message.js';
import { texts } from './texts.js';

export type ConnectionStatus = 'connecting' | 'open' | 'lost';

/** What goes to the server and may carry a number that the answer comes back with. */
type Request = Exclude<PageMessageInput, { type: 'resume' }>;

export interface ConnectionListener {
  onMessage(message: ServerMessage): void;
  onStatus(status: ConnectionStatus, problem?: string): void;
  /** What the page has, after a `hello` was taken in: it is given everything after that. */
  position(): { session: string; after: number };
}

const firstWait = 250;
const longestWait = 4_000;

/** The page's WebSocket. Lost, it comes again by itself and asks for what it missed. */
export class Connection {
  readonly #listener: ConnectionListener;
  #socket: WebSocket | undefined;
  #wait = firstWait;
  #requests = 0;
  readonly #pending = new Map<number, { done: (path: string | undefined) => void; failed: (error: Error) => void }>();

  constructor(listener: ConnectionListener) {
    this.#listener = listener;
    this.#open();
  }

  /** Resolves once the server has done it, with a path where it made one; rejects with its sentence. */
  ask(message: Request): Promise<string | undefined> {
    const socket = this.#socket;
    if (socket?.readyState !== WebSocket.OPEN) return Promise.reject(new Error(texts.connection.notSent));
    const request = ++this.#requests;
    return new Promise((done, failed) => {
      this.#pending.set(request, { done, failed });
      socket.send(JSON.stringify({ ...message, request }));
    });
  }

  #open(): void {
    const address = new URL(socketPath, location.href);
    address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    address.search = location.search;
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onmessage = ({ data }: MessageEvent<unknown>) => { this.#take(data, socket); };
    socket.onclose = () => {
      for (const { failed } of this.#pending.values()) failed(new Error(texts.connection.notSent));
      this.#pending.clear();
      this.#listener.onStatus('lost');
      setTimeout(() => { this.#open(); }, this.#wait);
      this.#wait = Math.min(this.#wait * 2, longestWait);
    };
  }

  #take(data: unknown, socket: WebSocket): void {
    const message = readServerMessage(data);
    if (message === undefined) return;
    if (message === 'other-version') {
      socket.onclose = null;
      socket.close();
      this.#listener.onStatus('lost', texts.connection.wrongVersion);
      return;
    }
    if (message.type === 'hello') {
      this.#wait = firstWait;
      this.#listener.onStatus('open');
    }
    if (message.type === 'done' || message.type === 'report' || message.type === 'error') {
      const pending = message.request === undefined ? undefined : this.#pending.get(message.request);
      if (message.request !== undefined) this.#pending.delete(message.request);
      if (message.type === 'error') pending?.failed(new Error(message.message));
      else pending?.done(message.type === 'report' ? message.path : undefined);
      if (pending !== undefined) return;
    }
    this.#listener.onMessage(message);
    if (message.type !== 'hello') return;
    const { session, after } = this.#listener.position();
    socket.send(JSON.stringify({ type: 'resume', version: protocolVersion, session, after } satisfies PageMessageInput));
  }
}
