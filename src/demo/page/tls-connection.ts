import type { DemoEvent, TraceRow } from '../messages.js';

export type TlsRow = Extract<TraceRow, { layer: 'tls' }>;

/** One connection's events of a phone, from its first to its last, around the one given. */
export function tlsConnectionOf(events: readonly DemoEvent[], chosen: TlsRow): TlsRow[] {
  const same = (event: DemoEvent | undefined): event is TlsRow => event?.layer === 'tls' && event.origin === chosen.origin && event.peer === chosen.peer;
  const at = events.lastIndexOf(chosen);
  const rows: TlsRow[] = [chosen];
  for (let before = at - 1; before >= 0 && rows[0]?.phase !== 'started'; before--) {
    const event = events[before];
    if (same(event)) rows.unshift(event);
  }
  for (let after = at + 1; after < events.length && !isOver(rows.at(-1)); after++) {
    const event = events[after];
    if (!same(event)) continue;
    if (event.phase === 'started') break;
    rows.push(event);
  }
  return rows;
}

const isOver = (row: TlsRow | undefined) => row !== undefined && (row.phase === 'closed' || row.phase === 'refused' || row.phase === 'failed');

/** A check of the certificate policy, as it stands in the trace. */
export interface CheckRow {
  rule: string;
  passed: boolean;
  sentence: string;
  decisive: boolean;
  confidence: string;
  evidence: readonly string[];
}

export function checksOf(rows: readonly TlsRow[]): CheckRow[] {
  const checks = rows.find(({ phase }) => phase === 'certificate-judged')?.detail?.['checks'];
  return Array.isArray(checks) ? checks as CheckRow[] : [];
}

/** Failed ones first, then those that mattered. */
export function inOrder(checks: readonly CheckRow[]): CheckRow[] {
  const weight = ({ passed, decisive }: CheckRow) => (passed ? decisive ? 1 : 2 : 0);
  return checks.toSorted((one, other) => weight(one) - weight(other));
}
