import { rowTitle } from '../labels.js';
import type { Recording, Report } from '../report.js';
import { alternativeSentences, causeWords, confidenceWords, expectedWords, followsSentences, headline, noticeSentences, ruleWords, updateSentences, windowsSentence } from '../wording.js';
import { chainView } from './chain-view.js';
import { ladderTable } from './ladder-table.js';
import { html, type Markup } from './markup.js';
import { timeline } from './timeline.js';

/** The class of an outcome; the words say the same. */
export const tone = { 'signed-in': 'good', stopped: 'good', degraded: 'warn', failed: 'bad' } as const;

/** One cell: the verdict with its diagnosis, the way through the states, the certificates and the messages. */
export function runSection({ run, events }: Recording, report: Report, number: number): Markup {
  const { verdict } = run;
  const title = `${rowTitle(run, report)} at ${run.target}`;
  const found = `${title} ${headline(verdict)} ${verdict.cause === undefined ? '' : ruleWords(verdict.cause)} ${verdict.cause?.sentence ?? ''} [${verdict.outcome}] ${run.matches ? '' : '[unexpected]'}`;
  const told = (name: string, sentence: string | undefined) => (sentence === undefined ? undefined : html`<dt>${name}</dt><dd>${sentence}</dd>`);
  return html`<section class="run" id="run-${number}" aria-labelledby="title-${number}" data-find="${found}">
<h3 id="title-${number}">${title}: <span class="${tone[verdict.outcome]}">${headline(verdict)}</span></h3>
<dl>
${told('Expected', run.matches ? undefined : expectedWords(run.expected))}
<dt>Display</dt><dd><pre>${verdict.screen.join('\n')}</pre></dd>
${told('Cause', verdict.cause && causeWords(verdict.cause))}
${followsSentences(verdict).map((sentence) => told('Follows', sentence))}
${alternativeSentences(verdict).map((sentence) => told('Or', sentence))}
${updateSentences(verdict).map((sentence) => told('Update', sentence))}
${told('Remedy', verdict.remedy?.sentence)}
${(verdict.remedy?.commands.length ?? 0) === 0 ? undefined : html`<dt>Commands</dt><dd><pre>${verdict.remedy?.commands.join('\n')}</pre></dd>`}
${noticeSentences(verdict).map((sentence) => told('Notice', sentence))}
${told('Windows', windowsSentence(verdict))}
${told('Confidence', confidenceWords(verdict))}
</dl>
${timeline(events)}
${chainView(events)}
${ladderTable(events)}
</section>
`;
}

/** A cell of a page that has no room for how it came about. */
export function shortSection({ run }: Recording, report: Report, number: number): Markup {
  return html`${runSection({ run, events: [] }, report, number)}<p>How this came about is left out: the page would become too long.</p>`;
}
