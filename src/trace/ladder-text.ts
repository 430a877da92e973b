import { layerName, oneLine, seconds, type Ladder, type LadderRow } from './ladder.js';

const laneWidth = 8;

/**
 * A ladder as plain text: the phone on the left, a rung for each message, `x` where a connection is ended; states, screens and notes
 * stand beside it.
 *
 *     P       1       2
 *     |------>|       |      0.006 DNS  :53 SRV _sipinternaltls._tcp.contoso.lab
 *     |-------------->x      1.460 TLS  :5061 The phone refused the certificate ... (the phone closed it)
 */
export function renderLadderText(ladder: Ladder): string {
  const width = Math.max(1, ladder.lanes.length);
  const legend = ['P  phone', ...ladder.lanes.map((lane, at) => `${at + 1}  ${oneLine(lane)}`)];
  const header = ['P', ...Array.from({ length: width }, (_lane, at) => String(at + 1))].map((name) => name.padEnd(laneWidth)).join('').trimEnd();
  const rows = ladder.rows.map((row) => `${rung(row, width)}  ${seconds(row.time).padStart(9)} ${label(row)}`);
  const rest = ladder.leftOut === 0 ? [] : [`... ${ladder.leftOut} more`];
  return [...legend, '', header, ...rows, ...rest, ''].join('\n');
}

function rung(row: LadderRow, width: number): string {
  const lines = `|${`${' '.repeat(laneWidth - 1)}|`.repeat(width)}`;
  if (row.kind !== 'message') return lines;
  const end = (row.lane + 1) * laneWidth;
  const far = row.ends === true ? 'x' : '|';
  const shaft = '-'.repeat(end - 2);
  return (row.direction === 'sent' ? `|${shaft}>${far}` : `${row.ends === true ? 'x' : '|'}<${shaft}|`) + lines.slice(end + 1);
}

function label(row: LadderRow): string {
  switch (row.kind) {
    case 'state': return `---- ${oneLine(row.summary)}`;
    case 'screen': return `     | ${oneLine(row.summary)}`;
    case 'note': return `note ${oneLine(row.summary)}`;
    case 'message': return `${layerName(row.layer).padEnd(4)} ${portOf(row.peer)}${oneLine(row.summary)}`;
  }
}

/** `:5061 `; the lane names the host. */
function portOf(peer: string): string {
  const port = /:\d+$/.exec(peer)?.[0];
  return port === undefined ? '' : `${port} `;
}
