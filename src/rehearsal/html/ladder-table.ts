import type { TraceEvent } from '../../trace/event.js';
import { ladderOf, layerName, oneLine, seconds, type Ladder, type LadderRow } from '../../trace/ladder.js';
import { html, scrolling, type Markup } from './markup.js';

/** What is kept of one run, and of one message. */
const [mostRows, mostText] = [400, 4_000];

/** A run's ladder as a table that a screen reader can walk, messages folded. */
export function ladderTable(events: readonly TraceEvent[]): Markup {
  const ladder = ladderOf(events, { limit: mostRows });
  const rest = ladder.leftOut === 0 ? undefined : html`<p>${ladder.leftOut} more rows are left out.</p>`;
  return html`<details class="messages"><summary>Messages (${ladder.rows.filter(({ kind }) => kind === 'message').length})</summary>
${scrolling('Messages', html`<thead><tr><th scope="col">At (s)</th><th scope="col">Layer</th><th scope="col">From and to</th><th scope="col">What</th></tr></thead><tbody>${ladder.rows.map((row) => tableRow(row, ladder))}</tbody>`)}${rest}</details>`;
}

function tableRow(row: LadderRow, { lanes }: Ladder): Markup {
  const time = seconds(row.time);
  if (row.kind !== 'message') return html`<tr><td>${time}</td><td>${row.kind}</td><td>phone</td><td>${row.kind === 'state' ? html`<strong>${row.summary}</strong>` : oneLine(row.summary, 1_000)}</td></tr>`;
  const other = row.layer === 'dns' || row.layer === 'ntp' || row.layer === 'dhcp' ? lanes[row.lane] ?? row.peer : row.peer;
  const summary = oneLine(row.summary, 1_000);
  const what = row.text === undefined ? html`${summary}` : html`<details><summary>${summary}</summary><pre>${cut(row.text)}</pre></details>`;
  return html`<tr><td>${time}</td><td>${layerName(row.layer)}</td><td>${row.direction === 'sent' ? html`phone &#8594; ${other}` : html`${other} &#8594; phone`}</td><td${row.ends === true ? html` class="warn"` : undefined}>${what}</td></tr>`;
}

const cut = (text: string) => (text.length > mostText ? `${text.slice(0, mostText)}\n[${text.length - mostText} more characters]` : text);
