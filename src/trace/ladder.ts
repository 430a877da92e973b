import type { MessageLayer, TraceEvent } from './event.js';

/** One step of a ladder: something that crosses between the phone and one peer. */
export interface MessageRow {
  kind: 'message';
  /** Milliseconds since the ladder's first event. */
  time: number;
  layer: MessageLayer | 'tls';
  direction: 'sent' | 'received';
  /** Index in `lanes`. */
  lane: number;
  /** The other end with its port: `sip.contoso.lab:5061`. */
  peer: string;
  summary: string;
  /** The message, secrets redacted. */
  text?: string;
  /** It ends the connection: an alert, or just the end. The direction says whose end. */
  ends?: boolean;
}

/** Something at the phone itself: a state, the display, a note. */
export interface PhoneRow {
  kind: 'state' | 'screen' | 'note';
  time: number;
  summary: string;
}

export type LadderRow = MessageRow | PhoneRow;

/** A sign-in as a message sequence: the phone on one side, its peers on the other. */
export interface Ladder {
  /** The peers in the order they were first spoken to: `DHCP`, `DNS 10.0.0.2`, `sip.contoso.lab`. */
  lanes: readonly string[];
  rows: readonly LadderRow[];
  /** Rows beyond the limit. */
  leftOut: number;
}

/**
 * The ladder of a phone's own trace, at most `limit` rows of it. That the phone is switched off in the end is no part of it. Times are those
 * of the phone's day: waits that a rehearsal skips count in full.
 */
export function ladderOf(events: readonly TraceEvent[], { limit = 2_000 } = {}): Ladder {
  const started = events[0]?.time ?? 0;
  const off = events.findLastIndex((event) => event.layer === 'state' && event.state === 'off');
  const told = off > 0 ? events.slice(0, off) : events;
  const lanes: string[] = [];
  const laneOf = (layer: MessageRow['layer'], peer: string) => {
    const name = laneName(layer, peer);
    if (!lanes.includes(name)) lanes.push(name);
    return lanes.indexOf(name);
  };
  const rows = told.slice(0, limit).map((event): LadderRow => {
    const time = event.time - started;
    switch (event.layer) {
      case 'state': return { kind: 'state', time, summary: event.state };
      case 'screen': return { kind: 'screen', time, summary: event.lines.join(' / ') || '(dark)' };
      case 'note': return { kind: 'note', time, summary: event.summary };
      case 'tls': {
        const { summary, peer } = event;
        const from = event.ended?.by ?? (event.phase === 'started' ? 'phone' : 'server');
        const ends = event.ended !== undefined;
        const how = !ends ? '' : ` (${from === 'phone' ? 'the phone' : 'the server'} ${event.ended?.alert === undefined ? 'closed it' : `sent the alert ${event.ended.alert}`})`;
        return { kind: 'message', time, layer: 'tls', direction: from === 'phone' ? 'sent' : 'received', lane: laneOf('tls', peer), peer, summary: `${unprefixed(summary, 'tls')}${how}`, ends };
      }
      default: {
        const { layer, direction, peer, summary, text } = event;
        return { kind: 'message', time, layer, direction, lane: laneOf(layer, peer), peer, summary: unprefixed(summary, layer), ...(text === undefined ? {} : { text }) };
      }
    }
  });
  return { lanes, rows, leftOut: told.length - rows.length };
}

/** The layer stands in a column of its own. */
function unprefixed(summary: string, layer: MessageRow['layer']): string {
  return summary.startsWith(`${layerName(layer)} `) ? summary.slice(layer.length + 1) : summary;
}

/** Who is asked matters for a broadcast and for addresses; a host is one lane, whatever is spoken with it. */
function laneName(layer: MessageRow['layer'], peer: string): string {
  const host = peer.replace(/:\d+$/, '');
  if (layer === 'dhcp') return 'DHCP';
  return layer === 'dns' || layer === 'ntp' ? `${layer.toUpperCase()} ${host}` : host;
}

/** `12.345`: seconds. */
export const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(3);

/** What stands for the layer in every form of the ladder. */
export const layerName = (layer: MessageRow['layer']) => layer.toUpperCase();

/** A name or a summary on one line, whatever a peer put there: control characters as spaces, cut at `length`. */
export function oneLine(text: string, length = 300): string {
  const plain = text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();
  return plain.length > length ? `${plain.slice(0, length)}...` : plain;
}
