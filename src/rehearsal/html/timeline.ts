import { oneLine, seconds } from '../../trace/ladder.js';
import type { TraceEvent } from '../../trace/event.js';
import { html, scrolling, type Markup } from './markup.js';

interface Span {
  state: string;
  /** Milliseconds since the first event. */
  begin: number;
  end: number;
  screens: string[];
}

/** The way of a phone through its states: when it came to each, how long it stayed, and what the display showed there. */
export function timeline(events: readonly TraceEvent[]): Markup {
  const spans = spansOf(events);
  // By the square root: a state of milliseconds is seen beside a wait of half a minute.
  const longest = Math.sqrt(Math.max(1, ...spans.map(({ begin, end }) => end - begin)));
  const rows = spans.map(({ state, begin, end, screens }) => html`<tr><td>${seconds(begin)}</td><th scope="row">${state}</th><td>${seconds(end - begin)}</td><td>${bar(Math.sqrt(end - begin) / longest)}</td><td>${screens.join(' / then: ')}</td></tr>`);
  return scrolling('Way through the states', html`<thead><tr><th scope="col">At (s)</th><th scope="col">State</th><th scope="col">Lasted (s)</th><th scope="col">Time (not to scale)</th><th scope="col">Display</th></tr></thead><tbody>${rows}</tbody>`);
}

const bar = (share: number) => html`<svg width="120" height="10" aria-hidden="true"><rect class="bar" width="${Math.max(1, Math.round(120 * share))}" height="10"/></svg>`;

function spansOf(events: readonly TraceEvent[]): Span[] {
  const started = events[0]?.time ?? 0;
  const spans: Span[] = [];
  for (const event of events) {
    const last = spans.at(-1);
    if (event.layer === 'state') {
      if (last !== undefined) last.end = event.time - started;
      if (event.state === 'off' && spans.length > 0) break;
      spans.push({ state: event.state, begin: event.time - started, end: event.time - started, screens: [] });
    } else if (last !== undefined) {
      last.end = event.time - started;
      if (event.layer === 'screen' && event.lines.length > 0) last.screens.push(oneLine(event.lines.join(' / ')));
    }
  }
  return spans;
}
