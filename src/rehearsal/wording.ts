import { rowTitle } from './labels.js';
import type { Report, Run } from './report.js';
import type { Verdict } from './verdict.js';

const behaviours = {
  'signed-in': 'signed in', retrying: 'keeps retrying', 'waiting-for-user': 'waits for the user', 'reboot-loop': 'reboots over and over', stopped: 'stopped there',
} as const;

const legs = { 'before-sign-in': 'before sign-in', 'in-band': 'after sign-in' } as const;

/** `signed in`, `FAILED at connecting`, and the build where it was updated; a star where that is not what the plan expects. */
export function cellWord(run: Run): string {
  const { outcome, stage, firmware } = run.verdict;
  const text = outcome === 'failed' ? `FAILED at ${stage}` : outcome === 'degraded' ? 'DEGRADED' : outcome === 'stopped' ? `well up to ${stage}` : 'signed in';
  const updated = firmware === run.phone.firmware ? text : `${text}, now ${firmware}`;
  return run.matches ? updated : `${updated} *`;
}

/** What a verdict comes to, as the end of a heading. */
export function headline(verdict: Verdict): string {
  switch (verdict.outcome) {
    case 'signed-in': return 'signed in';
    case 'degraded': return 'degraded: signed in, but without Exchange';
    case 'stopped': return `all well up to ${verdict.stage}, where the dry run ends`;
    case 'failed': return `failed at ${verdict.stage}, ${behaviours[verdict.behaviour]}`;
  }
}

/** `failed at connecting (certificate-refused)`. */
export function expectedWords({ outcome, stage, rule, screen }: Run['expected']): string {
  return `${outcome}${stage === undefined ? '' : ` at ${stage}`}${rule === undefined ? '' : ` (${rule})`}${screen === undefined ? '' : `, with "${screen}" on the screen`}`;
}

/** `The phone refused... [LPE001 certificate-refused]`: a cause with the rule that explains it. */
export function causeWords({ sentence, ...cause }: Pick<NonNullable<Verdict['cause']>, 'id' | 'rule' | 'sentence'>): string {
  return `${sentence} ${ruleWords(cause)}`;
}

/** `[LPE001 certificate-refused]`. */
export const ruleWords = ({ id, rule }: Pick<NonNullable<Verdict['cause']>, 'id' | 'rule'>): string => `[${id} ${rule}]`;

/** What merely follows from the cause. */
export const followsSentences = ({ follows }: Verdict): string[] => follows.map(({ id, sentence }) => `${sentence} [${id}]`);

/** What may be the cause instead, and what tells the two apart. */
export const alternativeSentences = ({ alternatives }: Verdict): string[] => alternatives.map(({ id, sentence, experiment }) => `${sentence} [${id}] ${experiment}`);

/** What else an administrator should know. */
export const noticeSentences = ({ notices }: Verdict): string[] => notices.map(({ id, sentence }) => `${sentence} [${id}]`);

/** Of the phones of a report, each notice once, with how many cells it holds for. */
export function noticesOfAll({ runs }: Report): string[] {
  const cells = new Map<string, number>();
  for (const { verdict } of runs) for (const sentence of noticeSentences(verdict)) cells.set(sentence, (cells.get(sentence) ?? 0) + 1);
  return [...cells].map(([sentence, count]) => `${sentence}${runs.length === 1 ? '' : ` ${count} of ${runs.length} cells.`}`);
}

/** The ways to the update service, told where a newer build may be the cure. */
export function updateSentences({ cause, updates }: Verdict): string[] {
  return (cause?.rule === 'certificate-refused' ? updates : []).map(({ leg, open, sentence }) => `${legs[leg]}: ${open ? 'open' : 'shut'}. ${sentence}`);
}

/** What the Windows client made of the same target; undefined where the plan has none. */
export function windowsSentence({ windowsWould }: Verdict): string | undefined {
  if (windowsWould === undefined) return undefined;
  return windowsWould === 'signed-in' ? 'the Windows client signs in here' : 'the Windows client fails here, too';
}

/** `observed (schertz-2011-02)`. */
export function confidenceWords({ confidence, disputed, evidence }: Verdict): string {
  return `${confidence}${disputed ? ', disputed' : ''}${evidence.length === 0 ? '' : ` (${evidence.join(', ')})`}`;
}

/** `3 cells: 3 signed in, 0 failed; all as expected. 1.5 s`. */
export function summaryLine(report: Report): string {
  const { runs, planned, stopped, signedIn, degraded, failed, otherwise, duration } = report.summary;
  const { length: unfinished } = report.unfinished;
  const time = `${(duration / 1000).toFixed(1)} s`;
  if (runs + unfinished === 0) return `Interrupted: none of ${cellCount(planned)} is done. ${time}`;
  const parts = [...(stopped > 0 ? [`${stopped} well as far as the dry run goes`] : []), ...(stopped === runs && runs > 0 ? [] : [`${signedIn} signed in`]), ...(degraded > 0 ? [`${degraded} degraded`] : []), `${failed} failed`, ...(unfinished > 0 ? [`${unfinished} without a verdict`] : [])];
  const expected = otherwise === 0 ? 'all as expected' : `${otherwise} not as expected (marked *)`;
  const cells = runs + unfinished === planned ? cellCount(planned) : `Interrupted: ${runs + unfinished} of ${cellCount(planned)} are done`;
  return `${cells}: ${parts.join(', ')}; ${expected}. ${time}`;
}

/** `1 cell`, `3 cells`. */
export const cellCount = (count: number): string => `${count} ${count === 1 ? 'cell' : 'cells'}`;

/** The matrix: a row a phone, a column a target, undefined where there is no run. */
export interface Grid {
  targets: readonly string[];
  rows: readonly { title: string; runs: readonly (Run | undefined)[] }[];
}

export function gridOf(report: Report): Grid {
  const targets = [...new Set(report.runs.map((run) => run.target))];
  const rows = new Map<string, Map<string, Run>>();
  for (const run of report.runs) {
    const title = rowTitle(run, report);
    const row = rows.get(title) ?? new Map<string, Run>();
    rows.set(title, row);
    if (!row.has(run.target)) row.set(run.target, run);
  }
  return { targets, rows: [...rows].map(([title, row]) => ({ title, runs: targets.map((target) => row.get(target)) })) };
}
