import type { CertificateReport } from './certificate-check.js';

/** A certificate check as text: builds side by side, then what each refusal is about. */
export function renderCertificateReport(report: CertificateReport, options: { width: number; colour: boolean }): string {
  const { certificate, results } = report;
  const hosts = [...new Set(results.map((result) => result.host))];
  return [
    `Certificate  ${certificate.subject}`,
    `  names      ${certificate.names.join(', ') || '(none)'}`,
    `  issuer     ${certificate.issuer}`,
    `  valid      ${certificate.notBefore.slice(0, 10)} to ${certificate.notAfter.slice(0, 10)}`,
    ...hosts.flatMap((host) => ['', `Host ${host}`, ...hostLines(results.filter((result) => result.host === host), options.colour)]),
    '',
  ].join('\n');
}

function hostLines(results: CertificateReport['results'], colour: boolean): string[] {
  const rules = [...new Set(results.flatMap((result) => result.checks.map((check) => check.rule)))];
  const first = Math.max(7, ...rules.map((rule) => rule.length));
  const columns = results.map((result) => Math.max(7, result.firmware.length));
  const row = (label: string, cells: readonly string[]) => `  ${label.padEnd(first)}  ${cells.map((cell, index) => painted(cell, columns[index] ?? 0, colour)).join('  ')}`.trimEnd();
  return [
    row('', results.map((result) => result.firmware)),
    ...rules.map((rule) => row(rule, results.map((result) => word(result.checks.find((check) => check.rule === rule)?.passed)))),
    row('verdict', results.map((result) => (result.accepted ? 'accepts' : 'REFUSES'))),
    ...sentences(results),
  ];
}

function word(passed: boolean | undefined): string {
  return passed === undefined ? '-' : passed ? 'pass' : 'FAIL';
}

function painted(cell: string, width: number, colour: boolean): string {
  const padded = cell.padEnd(width);
  if (!colour) return padded;
  const code = cell === 'FAIL' || cell === 'REFUSES' ? 31 : cell === 'pass' || cell === 'accepts' ? 32 : 0;
  return `\u001b[${code}m${padded}\u001b[0m`;
}

/** Each different sentence once, with the builds it holds for; failures only, since passes say nothing to do. */
function sentences(results: CertificateReport['results']): string[] {
  const said = new Map<string, string[]>();
  for (const result of results) {
    for (const check of result.checks.filter((each) => !each.passed)) {
      const sentence = `${check.rule}: ${check.sentence} (${check.confidence})`;
      said.set(sentence, [...(said.get(sentence) ?? []), result.firmware]);
    }
  }
  return [...said].flatMap(([sentence, builds]) => [`  ${builds.join(', ')}`, `    ${sentence}`]);
}
