import type { TraceEvent } from './event.js';
import { seconds } from './ladder.js';

/** One event as one line of text: seconds since `started` (milliseconds since 1970), layer, what happened. */
export function eventLine(event: TraceEvent, started: number): string {
  return `${seconds(event.time - started).padStart(8)}  ${event.layer.padEnd(6)} ${describe(event)}\n`;
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
