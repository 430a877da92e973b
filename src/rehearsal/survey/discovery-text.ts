import { folded } from '../folded-text.js';
import type { DiscoveryReport } from './discovery-report.js';
import type { Step } from './phone-lookups.js';

const titles: Record<Step, string> = {
  address: 'An address', time: 'The time', update: 'Updates', services: 'Web services and registrar, by DHCP', directory: 'Root certificates, USB-tethered',
  registrar: 'The registrar', exchange: 'Exchange, signed in with AD credentials',
};

/** What phones of a SIP domain look up, as text. */
export function renderDiscovery(report: DiscoveryReport, width: number): string {
  const { registrars, certificates, notes } = report;
  return [
    `What phones of ${report.sipDomain} look up, in their order`,
    ...report.steps.flatMap(({ step, questions, notes: came, sentence }) => [
      '', titles[step],
      ...questions.flatMap(({ question, answer }) => folded('  ', `${question} -> ${answer}`, width)),
      ...came.flatMap((note) => folded('  ! ', note, width)),
      ...folded('  = ', sentence, width),
    ]),
    '', 'Registrars, in the order of trying',
    ...registrars.flatMap(({ firmware, candidates, excluded }) => [
      ...folded('  ', firmware.join(', '), width),
      ...(candidates.length === 0 ? ['    none'] : candidates.map(({ host, port, transport, asked, addresses }, index) =>
        `    ${index + 1}. ${host}:${port} over ${transport === 'tls' ? 'TLS' : 'plain TCP'}, ${addresses.join(', ') || 'no address'}  (${asked})`)),
      ...excluded.map(({ host, port }) => `    not used: ${host}:${port}`),
    ]),
    ...certificates.flatMap(({ server, names, commands }) => [
      '', `The certificate of ${server.join(', ')} must carry, each as a subject alternative name`,
      ...names.flatMap(({ name, because, speltOutFor }) => [
        `  ${name}`,
        ...folded('    ', `${because.join('; ')}. ${speltOutFor.length === 0 ? 'These builds take a wildcard in its place.' : `No wildcard in its place for ${speltOutFor.map(({ firmware, confidence }) => `${firmware} (${confidence})`).join(', ')}.`}`, width),
      ]),
      ...commands.map((command) => `  ${command}`),
    ]),
    ...(notes.length === 0 ? [] : ['', 'Notes', ...notes.flatMap((note) => folded('  - ', note, width))]),
    '',
  ].join('\n');
}
