import type { TraceEvent, TraceInput } from '../../src/trace/event.js';
import { Trace } from '../../src/trace/trace.js';

/** What a peer might put where a name or a reason belongs, to break out of whatever it is written into. */
export const hostile = '<script>alert("1")</script> & \'x\'; end %%{init}%% # ]]> ` | \u202e style a:#1; $$end_record \u0007 \ud800';

/** Early on 22 November 2026. */
const start = Date.UTC(2026, 10, 22, 9, 5, 3, 7);

/** A trace of these events, 10 ms from one to the next. */
export function traceOf(events: readonly TraceInput[]): readonly TraceEvent[] {
  let time = start - 10;
  const trace = new Trace({ now: () => time += 10 });
  for (const event of events) trace.record('phone', event);
  return trace.events;
}

const registrar = 'sip.contoso.lab:5061';

/** A bit of a sign-in: a name looked up, a request over HTTP, TLS refused by an alert and TLS that holds, a REGISTER and its hostile answer. */
export const sampleTrace: readonly TraceEvent[] = traceOf([
  { layer: 'state', state: 'discovering' },
  { layer: 'screen', lines: ['Acquiring', 'IP Address'] },
  { layer: 'dhcp', direction: 'sent', peer: '255.255.255.255:67', summary: 'DHCPINFORM' },
  { layer: 'dhcp', direction: 'received', peer: '10.0.0.2', summary: 'DHCPACK' },
  { layer: 'dns', direction: 'sent', peer: '10.0.0.2:53', summary: 'A sip.contoso.lab' },
  { layer: 'ntp', direction: 'sent', peer: '10.0.0.2:123', summary: 'NTP request' },
  { layer: 'ldap', direction: 'sent', peer: 'dc.contoso.lab:389', summary: 'search' },
  { layer: 'http', direction: 'sent', peer: 'pool.contoso.lab:443', summary: 'GET /mex', text: 'GET /mex HTTP/1.1\r\n\r\n' },
  { layer: 'tls', phase: 'started', peer: registrar, summary: 'TLS to sip.contoso.lab, offering TLSv1' },
  { layer: 'tls', phase: 'refused', peer: registrar, summary: 'The phone refused the certificate.', ended: { by: 'phone', alert: 'unknown_ca (48)' } },
  { layer: 'sip', direction: 'sent', peer: registrar, summary: 'REGISTER sip:contoso.lab', text: 'REGISTER sip:contoso.lab SIP/2.0\r\nCSeq: 1 REGISTER\r\n\r\n<body/>\r\n$$end_record' },
  { layer: 'sip', direction: 'received', peer: registrar, summary: `403 ${hostile} (REGISTER)`, text: `SIP/2.0 403 ${hostile}\r\nCSeq: 1 REGISTER\r\n\r\n` },
  { layer: 'sip', direction: 'sent', peer: registrar, summary: 'keep-alive' },
  { layer: 'note', summary: `A note about ${hostile}`, detail: {} },
  { layer: 'tls', phase: 'closed', peer: registrar, summary: 'TLS to sip.contoso.lab closed', ended: { by: 'server' } },
  { layer: 'state', state: 'off' },
  { layer: 'screen', lines: [] },
]);
