import type { TraceEvent } from '../trace/event.js';
import type { DemoEvent, Drawn, Origin } from './messages.js';

export interface EventBufferOptions {
  /** Oldest events are given up beyond so many. Default 100,000. */
  limit?: number;
  /** And beyond so many characters of message text and of what is drawn. Default 64 million. */
  textLimit?: number;
  now?: () => number;
}

/**
 * The events of all phones and of the lab in the order they came, numbered 1, 2, 3, ... and stamped with one time: each phone's own clock may be wrong or ahead.
 * Readers keep their own place in it, so that none of them holds up who writes.
 */
export class EventBuffer {
  readonly #limit: number;
  readonly #textLimit: number;
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #events: DemoEvent[] = [];
  #latest = 0;
  #text = 0;

  constructor({ limit = 100_000, textLimit = 64_000_000, now = Date.now }: EventBufferOptions = {}) {
    this.#limit = limit;
    this.#textLimit = textLimit;
    this.#now = now;
  }

  /** Number of the latest event; 0: none yet. */
  get latest(): number {
    return this.#latest;
  }

  /** Number of the oldest event still there; where there is none, of the next one. */
  get oldest(): number {
    return this.#latest - this.#events.length + 1;
  }

  add(origin: Origin, event: TraceEvent | Drawn): void {
    this.#events.push({ ...event, origin, sequence: ++this.#latest, time: this.#now() });
    this.#text += textLength(event);
    // In blocks, so that a full buffer does not copy itself at every event.
    if (this.#events.length > this.#limit * 1.25 || this.#text > this.#textLimit * 1.25) this.#giveUp();
    for (const listener of this.#listeners) listener();
  }

  /** At most `count` events after that number, oldest first; `dropped`: how many of those asked for are there no more. */
  after(sequence: number, count: number): { dropped: number; events: readonly DemoEvent[] } {
    const from = Math.max(0, sequence + 1 - this.oldest);
    return { dropped: Math.max(0, this.oldest - 1 - sequence), events: this.#events.slice(from, from + count) };
  }

  /** Calls `listener` after each event; returns the way to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }

  #giveUp(): void {
    let from = Math.max(0, this.#events.length - this.#limit);
    let text = this.#events.slice(from).reduce((sum, event) => sum + textLength(event), 0);
    for (; text > this.#textLimit && from < this.#events.length - 1; from++) text -= textLength(this.#events[from]);
    this.#events = this.#events.slice(from);
    this.#text = text;
  }
}

/** Characters of the message that an event carries, or of what is drawn. */
export function textLength(event: TraceEvent | Drawn | undefined): number {
  if (event === undefined) return 0;
  if ('view' in event) return JSON.stringify(event.view).length;
  return 'text' in event ? event.text?.length ?? 0 : 0;
}
