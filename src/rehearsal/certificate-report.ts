import { withoutControls } from '../firmware/certificate-check.js';
import type { CertificateReport } from './certificate-check.js';
import { folded } from './folded-text.js';
import { renderChange } from './shortest-change.js';

type Result = CertificateReport['results'][number];

interface Layout {
  width: number;
  colour: boolean;
}

/** A certificate check as text: what is judged, every check of every build, what each refusal is about, and what to change. */
export function renderCertificateReport(report: CertificateReport, options: Layout): string {
  const { certificate, results, notJudged, change } = report;
  const { kind, issuer, notBefore, notAfter } = certificate;
  return [
    ...folded(kind === 'certificate' ? 'Certificate  ' : 'Request      ', withoutControls(certificate.subject) || '(no subject)', options.width),
    ...folded('  names      ', withoutControls(certificate.names.join(', ')) || '(none)', options.width),
    ...(issuer === null ? [] : folded('  issuer     ', withoutControls(issuer), options.width)),
    ...(notBefore === null || notAfter === null ? [] : [`  valid      ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`]),
    ...renderCertificateResults(results, options),
    ...(change === null ? [] : ['', 'To make all of them accept', ...renderChange(change, options.width)]),
    ...(kind === 'request' ? ['', ...folded('', `A request says nothing of ${notJudged.filter((rule) => rule !== 'well-formed').join(', ')}: that is left open until the CA has issued the certificate.`, options.width)]
      : notJudged.includes('trust') ? ['', ...folded('', 'Trust is not judged: --roots gives the roots that the phone has learnt.', options.width)] : []),
    '',
  ].join('\n');
}

/** A table a host, and each different failure once. */
export function renderCertificateResults(results: readonly Result[], options: Layout): string[] {
  const hosts = [...new Set(results.map((result) => result.host))];
  return hosts.flatMap((host) => ['', `Host ${host}`, ...hostLines(results.filter((result) => result.host === host), options)]);
}

function hostLines(results: readonly Result[], { width, colour }: Layout): string[] {
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
