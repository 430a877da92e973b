import { withoutControls } from '../../firmware/certificate-check.js';
import { renderCertificateResults } from '../certificate-report.js';
import { folded } from '../folded-text.js';
import { renderChange } from '../shortest-change.js';
import type { EndpointReport, ProbeReport } from './probe-report.js';

/** What servers answer to phones, as text. */
export function renderProbe(report: ProbeReport, options: { width: number; colour: boolean }): string {
  return report.endpoints.map((endpoint) => endpointLines(endpoint, options).join('\n')).join('\n\n') + '\n';
}

function endpointLines(endpoint: EndpointReport, options: { width: number; colour: boolean }): string[] {
  const { width } = options;
  const { server, address, service, host, unreachable, versions, serverNameIndication, clock, handshakes, results, accepting, refusing, change } = endpoint;
  const title = `${server}${address === null ? '' : ` (${address})`}, as ${service}, for the name ${host}`;
  const line = (label: string, text: string) => folded(`  ${label.padEnd(9)}`, text, width);
  if (unreachable !== null) return [title, ...line('', unreachable)];
  const shown = handshakes.filter(({ chain }) => chain.length > 0);
  const chains = [...new Set(shown.map(({ chain }) => JSON.stringify(chain)))].map((text) => shown.filter(({ chain }) => JSON.stringify(chain) === text));
  return [
    title,
    ...versions.flatMap(({ version, sentence }) => line(version, sentence)),
    ...(serverNameIndication === null ? [] : line('SNI', withoutControls(serverNameIndication.sentence))),
    ...line('clock', clock.sentence),
    ...handshakes.filter(({ completed }) => !completed).flatMap(({ firmware, sentence }) => line('FAILS', `${firmware.join(', ')}: ${sentence}`)),
    ...chains.flatMap((alike) => [
      ...(chains.length === 1 ? line('chain', 'as sent') : line('chain', `as sent to ${alike.flatMap(({ firmware }) => firmware).join(', ')}`)),
      ...(alike[0]?.chain ?? []).flatMap((certificate, at) => certificateLines(certificate, at, width)),
    ]),
    ...renderCertificateResults(results, options),
    '',
    ...line('accept', accepting.join(', ') || 'none'),
    ...line('REFUSE', refusing.join(', ') || 'none'),
    ...(change === null ? [] : ['', '  To make all of them accept', ...renderChange(change, width)]),
  ];
}

function certificateLines(certificate: EndpointReport['handshakes'][number]['chain'][number], at: number, width: number): string[] {
  const lead = `    ${at + 1}. `;
  if (certificate === null) return [`${lead}cannot be read`];
  const { subject, issuer, names, notBefore, notAfter } = certificate;
  const said = names.length === 0 ? '' : `; names ${names.join(', ')}`;
  return folded(lead, withoutControls(`${subject}, issued by ${issuer}, ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}${said}`), width);
}
