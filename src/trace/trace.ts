import type { TraceEvent, TraceInput } from './event.js';

/** How a trace is kept. */
export interface TraceOptions {
  /** Milliseconds since 1970; default: the host's clock. */
  now?: () => number;
  /** Oldest events are dropped beyond this many; `dropped` counts them. Default 10,000. */
  limit?: number;
}

/** The flight recorder: one append-only, bounded stream of typed events. Everything shown to a person is a view of it. */
export class Trace {
  readonly #now: () => number;
  readonly #limit: number;
  readonly #listeners = new Set<(event: TraceEvent) => void>();
  #events: TraceEvent[] = [];
  #sequence = 0;

  constructor(options: TraceOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#limit = options.limit ?? 10_000;
  }

  /** Records one event. Secrets must be gone from it already. */
  record(actor: string, input: TraceInput): void {
    const event: TraceEvent = { ...input, actor, time: this.#now(), sequence: ++this.#sequence };
    this.#events.push(event);
    // Drop in blocks, so that a full trace does not copy itself at every event.
    if (this.#events.length > this.#limit * 1.25) this.#events = this.#events.slice(-this.#limit);
    for (const listener of this.#listeners) listener(event);
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  get dropped(): number {
    return this.#sequence - this.#events.length;
  }

  /** Calls `listener` for every event from now on; returns the way to stop. */
  subscribe(listener: (event: TraceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => { this.#listeners.delete(listener); };
  }
}
