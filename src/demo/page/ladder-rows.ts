import type { DemoEvent, Origin, TraceRow } from '../messages.js';
import { texts } from './texts.js';

/** What the ladder can be narrowed to. */
export interface LadderFilter {
  layers: ReadonlySet<string>;
  /** One phone, or what the servers recorded themselves; undefined: all phones. */
  origin: Origin | undefined;
}

/** In the order in which a phone comes to use them. */
export const layers = ['lldp', 'dhcp', 'dns', 'ntp', 'ldap', 'http', 'tls', 'sip', 'state', 'screen', 'note'] as const;

/**
 * The rows of a ladder: what the phones recorded, and of the servers what was changed there; their own view of each message would show everything
 * twice, and is there by itself. Rows are found once and kept; a filter that changes begins anew.
 */
export class LadderRows {
  rows: TraceRow[] = [];
  /** The other ends, in the order they were first spoken to. */
  lanes: string[] = [];
  #filter: LadderFilter;
  #generation = -1;
  #seen = 0;

  constructor(filter: LadderFilter) {
    this.#filter = filter;
  }

  set filter(filter: LadderFilter) {
    this.#filter = filter;
    this.#generation = -1;
  }

  get filter(): LadderFilter {
    return this.#filter;
  }

  /** Takes in what was appended to `events`. */
  update(events: readonly DemoEvent[], generation: number): void {
    if (generation !== this.#generation) {
      this.#generation = generation;
      this.#seen = 0;
      this.rows = [];
      this.lanes = [];
    }
    for (; this.#seen < events.length; this.#seen++) {
      const event = events[this.#seen];
      if (event === undefined || !this.#isShown(event)) continue;
      this.rows.push(event);
      const lane = laneOf(event);
      if (lane !== undefined && !this.lanes.includes(lane)) this.lanes.push(lane);
    }
  }

  #isShown(event: DemoEvent): event is TraceRow {
    const { origin, layer } = event;
    if ('view' in event || !this.#filter.layers.has(layer)) return false;
    const { origin: wanted } = this.#filter;
    if (origin === 'lab') return layer === 'note' || wanted === 'lab';
    return wanted === undefined || origin === wanted;
  }
}

/** The column of the other end; a host is one, whatever is spoken with it. What a server recorded has none: all that it knows of the phone is its port. */
export function laneOf(event: TraceRow): string | undefined {
  if (!('peer' in event) || event.origin === 'lab') return undefined;
  const host = event.peer.replace(/:\d+$/, '');
  if (event.layer === 'dhcp') return 'DHCP';
  if (event.layer === 'lldp') return 'LLDP';
  return event.layer === 'dns' || event.layer === 'ntp' ? `${event.layer.toUpperCase()} ${host}` : host;
}

/** Which way a row's arrow goes, and whether it ends a connection; undefined where nothing crosses. */
export function arrowOf(event: TraceRow): { fromPhone: boolean; ends: boolean } | undefined {
  if (!('peer' in event)) return undefined;
  if (event.layer !== 'tls') return { fromPhone: event.direction === 'sent', ends: false };
  return { fromPhone: (event.ended?.by ?? (event.phase === 'started' ? 'phone' : 'server')) === 'phone', ends: event.ended !== undefined };
}

/** Good, bad or neither: what a row is coloured by. */
export function toneOf(event: TraceRow): 'good' | 'bad' | 'change' | undefined {
  if (event.layer === 'tls') {
    if (event.phase === 'refused' || event.phase === 'failed' || event.detail?.['accepted'] === false) return 'bad';
    return event.phase === 'established' ? 'good' : undefined;
  }
  if (event.layer === 'note') return event.origin === 'lab' ? 'change' : typeof event.detail?.['rule'] === 'string' ? 'bad' : undefined;
  return event.layer === 'state' && event.state === 'signedIn' ? 'good' : undefined;
}

/** One line, whatever a peer put there: control characters as spaces, cut at `length`. */
export function oneLine(text: string, length = 300): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();
  return plain.length > length ? `${plain.slice(0, length)}...` : plain;
}

export function summaryOf(event: TraceRow): string {
  switch (event.layer) {
    case 'state': return texts.states[event.state] ?? event.state;
    case 'screen': return event.lines.join(' / ') || '-';
    default: {
      const { summary } = event;
      const prefix = `${event.layer.toUpperCase()} `;
      const said = summary.startsWith(prefix) ? summary.slice(prefix.length) : summary;
      return event.origin === 'lab' && event.layer !== 'note' ? `${event.actor} ${event.layer === 'tls' ? '\u21c4' : event.direction === 'sent' ? '\u2192' : '\u2190'} ${said}` : said;
    }
  }
}
