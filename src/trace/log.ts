import type { TraceEvent } from './event.js';

/** One event as one line of text: seconds since `started` (milliseconds since 1970), layer, what happened. */
export function eventLine(event: TraceEvent, started: number): string {
  const seconds = ((event.time - started) / 1000).toFixed(3).padStart(8);
  return `${seconds}  ${event.layer.padEnd(6)} ${describe(event)}\n`;
}

function describe(event: TraceEvent): string {
  switch (event.layer) {
    case 'state': return `-> ${event.state}`;
    case 'screen': return event.lines.map((line) => `| ${line}`).join(' ') || '(dark)';
    case 'tls': return `${event.peer}  ${event.summary}`;
    case 'note': return event.summary;
    default: return `${event.direction === 'sent' ? '>' : '<'} ${event.peer}  ${event.summary}`;
  }
}
