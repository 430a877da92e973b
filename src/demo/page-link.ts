import type { WebSocket } from 'ws';
import type { Demo } from './demo.js';
import { textLength } from './event-buffer.js';
import type { DemoEvent, ServerMessage } from './messages.js';
import type { Part } from './session.js';

/** What has changed is gathered so long before a page is told; milliseconds, about one frame of a display. */
const gatherFor = 16;
/** Nothing more is written to a page that has so much yet to read; bytes. */
const largestBacklog = 1_000_000;
/** Events of one message, and characters of text in them, unless a single one has more. */
const most = { events: 500, text: 256 * 1024 };

/**
 * One page's connection. Nothing is queued for a page but its place in the session's events and which parts have changed: a slow page is told
 * less often, and of events that were given up meanwhile their count.
 */
export class PageLink {
  readonly #socket: WebSocket;
  readonly #demo: Demo;
  readonly #changed = new Set<Part>();
  /** Number of the latest event that was sent; undefined until the page has said from where on it wants them. */
  #sent: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stop: () => void = () => {};

  constructor(socket: WebSocket, demo: Demo) {
    this.#socket = socket;
    this.#demo = demo;
    const leave = demo.subscribe({ changed: (part) => { this.#note(part); }, replaced: () => { this.greet(); } });
    socket.on('close', () => {
      leave();
      this.#stop();
      clearTimeout(this.#timer);
    });
    this.greet();
  }

  /** Everything as it is now; events follow when the page asks for them. */
  greet(): void {
    this.#stop();
    this.#sent = undefined;
    this.#changed.clear();
    this.#stop = this.#demo.session.events.subscribe(() => { this.#schedule(); });
    this.send(this.#demo.hello());
  }

  /** `after`: number of the last event the page has; one of another session has nothing of this one. */
  resume({ session, after }: { session: string; after: number }): void {
    const { events, id } = this.#demo.session;
    this.#sent = session === id ? Math.min(after, events.latest) : 0;
    this.#schedule();
  }

  /** Asked for, and so bounded by how often a page may ask. */
  send(message: ServerMessage): void {
    this.#socket.send(JSON.stringify(message), () => { /* A page that is gone says so by `close`. */ });
  }

  #note(part: Part): void {
    this.#changed.add(part);
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, gatherFor).unref();
  }

  #flush(): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > largestBacklog) {
      this.#schedule();
      return;
    }
    let more = this.#sendEvents();
    while (more && this.#socket.bufferedAmount <= largestBacklog) more = this.#sendEvents();
    for (const part of this.#changed) this.#sendPart(part);
    this.#changed.clear();
    if (more) this.#schedule();
  }

  /** Whether there are more than one message takes. */
  #sendEvents(): boolean {
    if (this.#sent === undefined) return false;
    const { session } = this.#demo;
    const { events: buffer } = session;
    const { dropped, events: next } = buffer.after(this.#sent, most.events);
    if (dropped > 0) this.send({ type: 'dropped', count: dropped, phones: session.describePhones(), lab: session.describeLab() });
    const events = fitting(next);
    const [first] = events;
    if (first === undefined) return false;
    this.send({ type: 'events', from: first.sequence, events });
    this.#sent = first.sequence + events.length - 1;
    return this.#sent < buffer.latest;
  }

  #sendPart(part: Part): void {
    const { session, lesson } = this.#demo;
    if (part === 'phones') this.send({ type: 'phones', phones: session.describePhones() });
    else if (part === 'pace') this.send({ type: 'pace', pace: session.describePace() });
    else if (part === 'lesson') this.send({ type: 'lesson', ...(lesson === undefined ? {} : { lesson: lesson.view() }) });
  }
}

/** As many of the first as one message takes. */
function fitting(events: readonly DemoEvent[]): DemoEvent[] {
  let text = 0;
  const end = events.findIndex((event, at) => {
    text += textLength(event);
    return at > 0 && text > most.text;
  });
  return events.slice(0, end === -1 ? events.length : end);
}
