import { escapeMarkup } from '../trace/markup.js';
import type { Report, Run, UnfinishedCell } from './report.js';
import { rowTitle } from './labels.js';
import { alternativeSentences, causeWords, followsSentences } from './wording.js';

/** A rehearsal as JUnit XML: a test suite a target, a test case a phone. A cell that is not as expected is a failure. */
export function renderJUnit(report: Report): string {
  const targets = [...new Set([...report.runs, ...report.unfinished].map(({ target }) => target))];
  const suites = targets.map((target) => suite(target, report));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name=${quoted(report.plan.name)} tests="${report.summary.runs + report.unfinished.length}" `
    + `failures="${report.summary.otherwise - report.unfinished.length}" errors="${report.unfinished.length}" time="${(report.summary.duration / 1000).toFixed(3)}">\n${suites.join('')}</testsuites>\n`;
}

function suite(target: string, report: Report): string {
  const runs = report.runs.filter((run) => run.target === target);
  const unfinished = report.unfinished.filter((cell) => cell.target === target);
  const failures = runs.filter((run) => !run.matches).length;
  return `  <testsuite name=${quoted(target)} tests="${runs.length + unfinished.length}" failures="${failures}" errors="${unfinished.length}">\n${runs.map((run) => testCase(run, report)).join('')}${unfinished.map((cell) => withoutVerdict(cell, report)).join('')}  </testsuite>\n`;
}

function testCase(run: Run, report: Report): string {
  const opening = `    <testcase classname=${quoted(run.target)} name=${quoted(rowTitle(run, report))}`;
  if (run.matches) return `${opening}/>\n`;
  const message = `expected ${run.expected.outcome}, got ${run.verdict.outcome} at ${run.verdict.stage}`;
  const body = [run.verdict.cause && causeWords(run.verdict.cause), ...followsSentences(run.verdict), ...alternativeSentences(run.verdict), run.verdict.remedy?.sentence, ...(run.verdict.remedy?.commands ?? [])].filter((line) => line !== undefined);
  return `${opening}>\n      <failure message=${quoted(message)}>${escapeMarkup(body.join('\n'))}</failure>\n    </testcase>\n`;
}

function withoutVerdict(cell: UnfinishedCell, report: Report): string {
  return `    <testcase classname=${quoted(cell.target)} name=${quoted(rowTitle(cell, report))}>\n      <error message=${quoted(cell.reason)}/>\n    </testcase>\n`;
}

function quoted(text: string): string {
  return `"${escapeMarkup(text).replaceAll('\n', '&#10;')}"`;
}
