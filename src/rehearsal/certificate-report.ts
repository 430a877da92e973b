import type { CertificateReport } from './certificate-check.js';
import { folded } from './folded-text.js';

type Result = CertificateReport['results'][number];

/** A certificate check as text: every check of every build side by side, then what each refusal is about. */
export function renderCertificateReport(report: CertificateReport, options: { width: number; colour: boolean }): string {
  const { certificate, results } = report;
  const judgesTrust = results.some((result) => result.checks.some((check) => check.rule === 'trust'));
  const hosts = [...new Set(results.map((result) => result.host))];
  return [
    ...folded('Certificate  ', certificate.subject, options.width),
    ...folded('  names      ', certificate.names.join(', ') || '(none)', options.width),
    ...folded('  issuer     ', certificate.issuer, options.width),
    `  valid      ${certificate.notBefore.slice(0, 10)} to ${certificate.notAfter.slice(0, 10)}`,
    ...hosts.flatMap((host) => ['', `Host ${host}`, ...hostLines(results.filter((result) => result.host === host), options)]),
    ...(judgesTrust ? [] : ['', ...folded('', 'Trust is not judged: --roots gives the roots that the phone has learnt.', options.width)]),
    '',
  ].join('\n');
}

function hostLines(results: readonly Result[], { width, colour }: { width: number; colour: boolean }): string[] {
  const rules = [...new Set(results.flatMap((result) => result.checks.map((check) => check.rule)))];
  const lead = 2 + Math.max(...rules.map((rule) => rule.length), 'verdict'.length);
  const tables = sideBySide(results, width - lead).map((shown) => {
    const row = (label: string, cells: readonly string[]) =>
      `  ${label.padEnd(lead - 2)}${cells.map((cell, index) => `  ${painted(cell, columnOf(shown[index]), colour)}`).join('')}`.trimEnd();
    return [
      row('', shown.map((result) => result.firmware)),
      ...rules.map((rule) => row(rule, shown.map((result) => word(result.checks.find((check) => check.rule === rule)?.passed)))),
      row('verdict', shown.map((result) => (result.accepted ? 'accepts' : 'REFUSES'))),
      '',
    ];
  });
  const lines = [...tables.flat(), ...refusals(results, width)];
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** As many builds beside each other as the width holds, at least one. */
function sideBySide(results: readonly Result[], width: number): Result[][] {
  const tables: Result[][] = [];
  let used = Infinity;
  for (const result of results) {
    const column = 2 + columnOf(result);
    if (used + column > width) {
      tables.push([]);
      used = 0;
    }
    used += column;
    tables.at(-1)?.push(result);
  }
  return tables;
}

const columnOf = (result: Result | undefined) => Math.max('REFUSES'.length, result?.firmware.length ?? 0);

function word(passed: boolean | undefined): string {
  return passed === undefined ? '-' : passed ? 'pass' : 'FAIL';
}

function painted(cell: string, width: number, colour: boolean): string {
  const padded = cell.padEnd(width);
  if (!colour) return padded;
  const code = cell === 'FAIL' || cell === 'REFUSES' ? 31 : cell === 'pass' || cell === 'accepts' ? 32 : 0;
  return `\u001b[${code}m${padded}\u001b[0m`;
}

/** Each different failure once, with the builds it holds for; passes say nothing to do. */
function refusals(results: readonly Result[], width: number): string[] {
  const said = new Map<string, { rule: string; sentence: string; builds: Map<string, string[]> }>();
  for (const { firmware, checks } of results) {
    for (const { rule, sentence, confidence } of checks.filter((check) => !check.passed)) {
      const entry = said.get(`${rule} ${sentence}`) ?? { rule, sentence, builds: new Map<string, string[]>() };
      entry.builds.set(confidence, [...entry.builds.get(confidence) ?? [], firmware]);
      said.set(`${rule} ${sentence}`, entry);
    }
  }
  return [...said.values()].flatMap(({ rule, sentence, builds }) => [
    ...folded('  ', `${rule}: ${[...builds].map(([confidence, named]) => `${named.join(', ')} (${confidence})`).join('; ')}`, width),
    ...folded('    ', sentence, width),
  ]);
}
