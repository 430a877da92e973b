import { escapeMarkup } from '../trace/markup.js';
import { cellTitle } from './labels.js';
import type { Report, Run } from './report.js';

/** A rehearsal as JUnit XML: a test suite a target, a test case a phone. A cell that is not as expected is a failure. */
export function renderJUnit(report: Report): string {
  const targets = [...new Set(report.runs.map((run) => run.target))];
  const suites = targets.map((target) => suite(target, report.runs.filter((run) => run.target === target)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name=${quoted(report.plan.name)} tests="${report.summary.runs}" `
    + `failures="${report.summary.otherwise}" time="${(report.summary.duration / 1000).toFixed(3)}">\n${suites.join('')}</testsuites>\n`;
}

function suite(target: string, runs: readonly Run[]): string {
  const failures = runs.filter((run) => !run.matches).length;
  return `  <testsuite name=${quoted(target)} tests="${runs.length}" failures="${failures}">\n${runs.map(testCase).join('')}  </testsuite>\n`;
}

function testCase(run: Run): string {
  const opening = `    <testcase classname=${quoted(run.target)} name=${quoted(cellTitle(run.phone))}`;
  if (run.matches) return `${opening}/>\n`;
  const message = `expected ${run.expected.outcome}, got ${run.verdict.outcome} at ${run.verdict.stage}`;
  const body = [run.verdict.cause?.sentence, run.verdict.remedy?.sentence, ...(run.verdict.remedy?.commands ?? [])].filter((line) => line !== undefined);
  return `${opening}>\n      <failure message=${quoted(message)}>${escapeMarkup(body.join('\n'))}</failure>\n    </testcase>\n`;
}

function quoted(text: string): string {
  return `"${escapeMarkup(text).replaceAll('\n', '&#10;')}"`;
}
