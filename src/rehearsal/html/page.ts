import { cellTitle } from '../labels.js';
import type { Recording, Rehearsal, Report } from '../report.js';
import { cellWord, gridOf, summaryLine } from '../wording.js';
import { contentHash, script, style } from './assets.js';
import { html, Markup, scrolling } from './markup.js';
import { runSection, shortSection, tone } from './run-section.js';

/** Characters of all the runs' sections together; beyond it, cells are told without how they came about, those that went well first. */
const room = 12_000_000;

/**
 * A rehearsal as one HTML page that needs nothing else: no network, no other file. Everything a peer said is escaped, and a content security
 * policy allows the page's own style and script and nothing more. It reads without the script, too, which only filters and changes colours.
 */
export function renderHtml({ report, recordings }: Rehearsal): string {
  const policy = `default-src 'none'; style-src ${contentHash(style)}; script-src ${contentHash(script)}; base-uri 'none'; form-action 'none'`;
  const page = html`<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<title>${report.plan.name}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<a class="skip" href="#cells">To the cells</a>
<header>
<h1>${report.plan.name}</h1>
${report.plan.description === '' ? undefined : html`<p>${report.plan.description}</p>`}
<p>${summaryLine(report)}${begun(recordings)}</p>
<div class="controls" hidden="hidden"><button type="button" id="theme">Colours: as the system</button></div>
</header>
<main>
<section aria-labelledby="matrix-title">
<h2 id="matrix-title">Matrix</h2>
<div class="controls" hidden="hidden" role="search">
<label>Show <select id="outcome"><option value="">every cell</option><option value="unexpected">what is not as expected</option><option value="failed">failed</option><option value="degraded">degraded</option><option value="signed-in">signed in</option></select></label>
<label>with the words <input id="words" type="search"/></label>
</div>
<p id="shown" aria-live="polite" class="soft"></p>
<div id="matrix">${matrix(report)}</div>
${unfinished(report)}
</section>
<section id="cells" aria-labelledby="cells-title">
<h2 id="cells-title">Cells</h2>
${sections(report, recordings)}
</section>
</main>
<script>${new Markup(script)}</script>
</body>
</html>
`;
  return `<!DOCTYPE html>\n${page.text}`;
}

/** Whoever gets the page by mail has no other date of it. */
function begun(recordings: readonly Recording[]): string {
  const first = Math.min(...recordings.flatMap(({ events: [event] }) => event?.time ?? []));
  return Number.isFinite(first) ? `, begun ${new Date(first).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '';
}

function matrix(report: Report): Markup {
  const { targets, rows } = gridOf(report);
  const numbers = new Map(report.runs.map((run, at) => [run, at + 1]));
  return scrolling('Each phone at each target', html`<thead><tr><th scope="col">Phone</th>${targets.map((target) => html`<th scope="col">${target}</th>`)}</tr></thead><tbody>${rows.map(({ title, runs }) => html`<tr><th scope="row">${title}</th>${runs.map((run) => (run === undefined ? html`<td></td>` : html`<td><a class="${tone[run.verdict.outcome]}" href="#run-${numbers.get(run)}">${cellWord(run)}</a></td>`))}</tr>
`)}</tbody>`);
}

function unfinished(report: Report): Markup | undefined {
  if (report.unfinished.length === 0) return undefined;
  return html`<h3>Without a verdict</h3><ul>${report.unfinished.map(({ phone, account, target, reason }) => html`<li>${cellTitle(phone)}, ${account}, at ${target}: ${reason}</li>`)}</ul>`;
}

/** In the order of the matrix; those that did not go well have the first claim on the room. */
function sections(report: Report, recordings: readonly Recording[]): Markup[] {
  const wellLast = ({ run }: Recording) => (!run.matches ? 0 : run.verdict.outcome === 'signed-in' ? 2 : 1);
  let left = room;
  const drawn = new Map([...recordings.entries()].sort(([, a], [, b]) => wellLast(a) - wellLast(b)).map(([at, recording]) => {
    const number = at + 1;
    const full = runSection(recording, report, number);
    left -= full.text.length;
    return [recording, left < 0 ? shortSection(recording, report, number) : full] as const;
  }));
  return recordings.flatMap((recording) => drawn.get(recording) ?? []);
}
