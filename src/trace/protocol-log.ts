import type { MessageEvent, TraceEvent } from './event.js';
import { oneLine } from './ladder.js';

/**
 * A trace in the layout of the server's own protocol log, which Snooper and tools like it read: SIP messages as `TL_INFO(TF_PROTOCOL)`
 * records, everything else as records of `TF_DIAG` and, for connections, `TF_CONNECTION`. Times are UTC, process and thread are 0.
 *
 * The layout of both kinds of record is documented by examples only: Microsoft's article on Test-CsFederatedPartner without ProxyFqdn shows a
 * TF_PROTOCOL record of Office Communications Server 2007 R2, Cisco's notes on Expressway and Skype for Business one of TF_DIAG. That Snooper
 * reads this file is inferred from them: it has not been tried with Snooper.
 */
export function renderProtocolLog(events: readonly TraceEvent[]): string {
  return events.map((event) => {
    switch (event.layer) {
      case 'sip': return event.text === undefined ? '' : protocolRecord(event, event.text);
      case 'tls': {
        const wrong = event.phase === 'refused' || event.phase === 'failed';
        return record(event, wrong ? 'TL_ERROR' : 'TL_INFO', 'TF_CONNECTION', 'WriteConnectionEvent', [
          `Severity: ${wrong ? 'error' : 'information'}`, `Text: ${oneLine(event.summary, longestLine)}`, `Peer: ${oneLine(event.peer)}`,
        ]);
      }
      case 'state': return diagnostic(event, `State: ${event.state}`);
      case 'screen': return diagnostic(event, `The display shows: ${event.lines.join(' / ')}`);
      case 'note': return diagnostic(event, event.summary);
      default: return diagnostic(event, `${event.layer.toUpperCase()} ${event.direction}: ${event.summary}`, event.peer);
    }
  }).join('');
}

const longestLine = 1_000;

function diagnostic(event: TraceEvent, text: string, peer?: string): string {
  return record(event, 'TL_INFO', 'TF_DIAG', 'WriteDiagnosticEvent', [
    'Severity: information', `Text: ${oneLine(text, longestLine)}`, ...(peer === undefined ? [] : [`Peer: ${oneLine(peer)}`]),
  ]);
}

function protocolRecord(event: MessageEvent & TraceEvent, text: string): string {
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const body = end === null ? '' : text.slice(end.index + end[0].length).trimEnd();
  const [startLine = '', ...headers] = head.trimEnd().split(/\r?\n/);
  return record(event, 'TL_INFO', 'TF_PROTOCOL', 'TraceProtocolRecord', [
    `Trace-Correlation-Id: ${event.sequence}`,
    `Instance-Id: ${hex(event.sequence)}`,
    `Direction: ${event.direction === 'sent' ? 'outgoing' : 'incoming'}`,
    `Peer: ${oneLine(event.peer)}`,
    `Message-Type: ${/^SIP\//i.test(startLine) ? 'response' : 'request'}`,
    `Start-Line: ${startLine}`,
    ...headers,
    `Message-Body: ${body === '' ? '-' : body}`,
  ]);
}

/** One record; a line of a peer's that looks like the end of one is moved in by a space. */
function record({ time, sequence }: TraceEvent, level: string, kind: string, writer: string, lines: readonly string[]): string {
  const [, year, month, day, clock] = /^(\d+)-(\d+)-(\d+)T(.*)Z$/.exec(new Date(time).toISOString()) ?? [];
  const content = lines.join('\n').split(/\r?\n|\r/).map((line) => (line.startsWith('$$') ? ` ${line}` : line));
  return [
    `${level}(${kind}) [0]0000.0000::${month}/${day}/${year}-${clock}.${hex(sequence)} (SIPStack,SIPAdminLog::${writer}:lync-phone-emulator)$$begin_record`,
    ...content, '$$end_record', '', '',
  ].join('\r\n');
}

const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, '0');
