import { folded } from './folded-text.js';
import { cellTitle, rowTitle } from './labels.js';
import type { Report, Run } from './report.js';
import type { Verdict } from './verdict.js';

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
    ...failures.flatMap((run) => [...details(run, report, options), '']),
    ...report.unfinished.flatMap((cell) => [...folded(`${cellTitle(cell.phone)}, ${cell.account}, at ${cell.target}: `, `no verdict. ${cell.reason}`, options.width), '']),
    summaryLine(report),
    '',
  ].join('\n');
}

function table(report: Report, options: MatrixOptions): string[] {
  const targets = [...new Set(report.runs.map((run) => run.target))];
  const titles = [...new Set(report.runs.map((run) => rowTitle(run, report)))];
  const first = Math.max(...titles.map((title) => title.length));
  const widths = targets.map((target) => Math.max(target.length, ...report.runs.filter((run) => run.target === target).map((run) => word(run).length)));
  const header = ['', ...targets];
  const rows = titles.map((title) => [title, ...targets.map((target) => {
    const run = report.runs.find((candidate) => candidate.target === target && rowTitle(candidate, report) === title);
    return run === undefined ? '-' : word(run);
  })]);
  return [header, ...rows].map((row) => row.map((text, column) => {
    const padded = text.padEnd(column === 0 ? first : (widths[column - 1] ?? 0));
    return column === 0 ? padded : painted(padded, text, options.colour);
  }).join('  ').trimEnd());
}

/** `signed in`, `FAILED at connecting`, and the build where it was updated; a star where that is not what the plan expects. */
function word(run: Run): string {
  const { outcome, stage, firmware } = run.verdict;
  const text = outcome === 'failed' ? `FAILED at ${stage}` : outcome === 'degraded' ? 'DEGRADED' : outcome === 'stopped' ? `well up to ${stage}` : 'signed in';
  const updated = firmware === run.phone.firmware ? text : `${text}, now ${firmware}`;
  return run.matches ? updated : `${updated} *`;
}

function painted(padded: string, text: string, colour: boolean): string {
  if (!colour) return padded;
  const code = text.startsWith('FAILED') ? 31 : text.startsWith('DEGRADED') ? 33 : text.startsWith('signed in') ? 32 : 0;
  return `\u001b[${code}m${padded}\u001b[0m`;
}

const behaviours = {
  'signed-in': 'signed in', retrying: 'keeps retrying', 'waiting-for-user': 'waits for the user', 'reboot-loop': 'reboots over and over', stopped: 'stopped there',
} as const;

const legs = { 'before-sign-in': 'before sign-in', 'in-band': 'after sign-in' } as const;

function details(run: Run, report: Report, options: MatrixOptions): string[] {
  const { outcome, stage, rule, screen } = run.expected;
  const expected = `${outcome}${stage === undefined ? '' : ` at ${stage}`}${rule === undefined ? '' : ` (${rule})`}${screen === undefined ? '' : `, with "${screen}" on the screen`}`;
  return [
    `${rowTitle(run, report)} at ${run.target}: ${headline(run.verdict)}`,
    ...(run.matches ? [] : folded(label('expected'), expected, options.width)),
    ...verdictLines(run.verdict, options),
  ];
}

/** One verdict as text, for a single sign-in. */
export function renderVerdict(verdict: Verdict, options: MatrixOptions): string {
  return [headline(verdict), ...verdictLines(verdict, options), ''].join('\n');
}

function headline(verdict: Verdict): string {
  switch (verdict.outcome) {
    case 'signed-in': return 'signed in';
    case 'degraded': return 'degraded: signed in, but without Exchange';
    case 'stopped': return `all well up to ${verdict.stage}, where the dry run ends`;
    case 'failed': return `failed at ${verdict.stage}, ${behaviours[verdict.behaviour]}`;
  }
}

function label(text: string): string {
  return `  ${text.padEnd(11)}`;
}

function verdictLines(verdict: Verdict, options: MatrixOptions): string[] {
  const line = (name: string, text: string) => folded(label(name), text, options.width);
  const windows = verdict.windowsWould === undefined ? [] : line('Windows', verdict.windowsWould === 'signed-in' ? 'the Windows client signs in here' : 'the Windows client fails here, too');
  return [
    ...verdict.screen.flatMap((text, index) => line(index === 0 ? 'screen' : '', `| ${text}`)),
    ...(verdict.cause === undefined ? [] : line('cause', `${verdict.cause.sentence} [${verdict.cause.rule}]`)),
    // A newer build may be the cure.
    ...(verdict.cause?.rule === 'certificate-refused' ? verdict.updates : []).flatMap(({ leg, open, sentence }) => line(leg === 'in-band' ? '' : 'update', `${legs[leg]}: ${open ? 'open' : 'shut'}. ${sentence}`)),
    ...(verdict.remedy === undefined ? [] : line('remedy', verdict.remedy.sentence)),
    // Commands are not folded: they are there to be copied.
    ...(verdict.remedy?.commands ?? []).map((command) => `${' '.repeat(15)}${command}`),
    ...windows,
    ...line('confidence', `${verdict.confidence}${verdict.disputed ? ', disputed' : ''}${verdict.evidence.length === 0 ? '' : ` (${verdict.evidence.join(', ')})`}`),
  ];
}

function summaryLine(report: Report): string {
  const { runs, planned, stopped, signedIn, degraded, failed, otherwise, duration } = report.summary;
  const { length: unfinished } = report.unfinished;
  const time = `${(duration / 1000).toFixed(1)} s`;
  if (runs + unfinished === 0) return `Interrupted: none of ${planned} cells is done. ${time}`;
  const parts = [...(stopped > 0 ? [`${stopped} well as far as the dry run goes`] : []), ...(stopped === runs && runs > 0 ? [] : [`${signedIn} signed in`]), ...(degraded > 0 ? [`${degraded} degraded`] : []), `${failed} failed`, ...(unfinished > 0 ? [`${unfinished} without a verdict`] : [])];
  const expected = otherwise === 0 ? 'all as expected' : `${otherwise} not as expected (marked *)`;
  const cells = runs + unfinished === planned ? `${planned} cells` : `Interrupted: ${runs + unfinished} of ${planned} cells are done`;
  return `${cells}: ${parts.join(', ')}; ${expected}. ${time}`;
}
