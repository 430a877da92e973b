import { folded } from './folded-text.js';
import { cellTitle, rowTitle } from './labels.js';
import type { Report, Run } from './report.js';
import type { Verdict } from './verdict.js';
import {
  alternativeSentences, causeWords, cellWord, confidenceWords, expectedWords, followsSentences, gridOf, headline, noticeSentences, noticesOfAll, summaryLine, updateSentences, windowsSentence,
} from './wording.js';

export interface MatrixOptions {
  /** Columns to fold text at. */
  width: number;
  /** Marks verdicts in colour; the words say the same without it. */
  colour: boolean;
}

/** A rehearsal as text for a person: the matrix, then everything about each cell that does not sign in. */
export function renderMatrix(report: Report, options: MatrixOptions): string {
  const failures = report.runs.filter((run) => run.verdict.outcome !== 'signed-in' || !run.matches);
  return [
    report.plan.name,
    '',
    ...(report.runs.length === 0 ? [] : [...table(report, options), '']),
    ...details(failures, report, options),
    ...report.unfinished.flatMap((cell) => [...folded(`${cellTitle(cell.phone)}, ${cell.account}, at ${cell.target}: `, `no verdict. ${cell.reason}`, options.width), '']),
    ...worthKnowing(report, options),
    summaryLine(report),
    '',
  ].join('\n');
}

function worthKnowing(report: Report, { width }: MatrixOptions): string[] {
  const notices = noticesOfAll(report);
  return notices.length === 0 ? [] : ['Worth knowing', ...notices.flatMap((notice) => folded('  - ', notice, width)), ''];
}

function table(report: Report, options: MatrixOptions): string[] {
  const { targets, rows } = gridOf(report);
  const first = Math.max(...rows.map(({ title }) => title.length));
  const lines = [['', ...targets], ...rows.map(({ title, runs }) => [title, ...runs.map((run) => (run === undefined ? '-' : cellWord(run)))])];
  const widths = targets.map((_target, column) => Math.max(...lines.map((line) => line[column + 1]?.length ?? 0)));
  return lines.map((line) => line.map((text, column) => {
    const padded = text.padEnd(column === 0 ? first : (widths[column - 1] ?? 0));
    return column === 0 ? padded : painted(padded, text, options.colour);
  }).join('  ').trimEnd());
}

function painted(padded: string, text: string, colour: boolean): string {
  if (!colour) return padded;
  const code = text.startsWith('FAILED') ? 31 : text.startsWith('DEGRADED') ? 33 : text.startsWith('signed in') ? 32 : 0;
  return `\u001b[${code}m${padded}\u001b[0m`;
}

/** Cells of which the same is to be said are told together: one certificate fails phones by the hundred. */
function details(runs: readonly Run[], report: Report, options: MatrixOptions): string[] {
  const told = new Map<string, string[]>();
  for (const run of runs) {
    const body = [...(run.matches ? [] : folded(label('expected'), expectedWords(run.expected), options.width)), ...verdictLines(run.verdict, options), ''].join('\n');
    const headings = told.get(body) ?? [];
    told.set(body, headings);
    headings.push(`${rowTitle(run, report)} at ${run.target}: ${headline(run.verdict)}`);
  }
  return [...told].flatMap(([body, headings]) => [...headings, body]);
}

/** One verdict as text, for a single sign-in. */
export function renderVerdict(verdict: Verdict, options: MatrixOptions): string {
  const notices = noticeSentences(verdict).flatMap((notice) => folded(label('notice'), notice, options.width));
  return [headline(verdict), ...verdictLines(verdict, options), ...notices, ''].join('\n');
}

function label(text: string): string {
  return `  ${text.padEnd(11)}`;
}

function verdictLines(verdict: Verdict, options: MatrixOptions): string[] {
  const line = (name: string, text: string) => folded(label(name), text, options.width);
  const windows = windowsSentence(verdict);
  return [
    ...verdict.screen.flatMap((text, index) => line(index === 0 ? 'screen' : '', `| ${text}`)),
    ...(verdict.cause === undefined ? [] : line('cause', causeWords(verdict.cause))),
    ...followsSentences(verdict).flatMap((sentence) => line('follows', sentence)),
    ...alternativeSentences(verdict).flatMap((sentence) => line('or', sentence)),
    ...updateSentences(verdict).flatMap((sentence, index) => line(index === 0 ? 'update' : '', sentence)),
    ...(verdict.remedy === undefined ? [] : line('remedy', verdict.remedy.sentence)),
    // Commands are not folded: they are there to be copied.
    ...(verdict.remedy?.commands ?? []).map((command) => `${' '.repeat(15)}${command}`),
    ...(windows === undefined ? [] : line('Windows', windows)),
    ...line('confidence', confidenceWords(verdict)),
  ];
}
