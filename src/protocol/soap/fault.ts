import { writeEnvelope, type Envelope } from './envelope.js';
import { xml } from './markup.js';
import { securityNamespace, soapNamespace, webAuthenticationNamespace } from './namespaces.js';
import type { XmlElement } from './xml.js';

/** What MS-OCAUTHWS puts into the detail of a fault: Ms-Diagnostics-Fault. */
interface FaultDiagnostics {
  errorId: number;
  reason: string;
  nameValuePairs?: Readonly<Record<string, string>>;
}

/** A SOAP 1.1 fault (section 4.4). `code` is without its prefix: `FailedAuthentication`, `Client`. */
export interface SoapFault {
  code: string;
  reason: string;
  diagnostics?: FaultDiagnostics | undefined;
}

/** Codes of WS-Security 1.0 section 12; all others are written in SOAP's own namespace. */
const securityCodes = ['FailedAuthentication', 'InvalidSecurity', 'InvalidSecurityToken', 'FailedCheck', 'SecurityTokenUnavailable'];

/** Writes a whole envelope with the fault; sent with HTTP status 500 (SOAP 1.1 section 6.2). */
export function writeFault(fault: SoapFault): string {
  const [prefix, namespace] = securityCodes.includes(fault.code) ? ['wsse', securityNamespace] : ['soap', soapNamespace];
  return writeEnvelope(xml`<soap:Fault><faultcode xmlns:${prefix}="${namespace}">${prefix}:${fault.code}</faultcode><faultstring xml:lang="en-US">${
    fault.reason}</faultstring>${fault.diagnostics === undefined ? xml`` : detail(fault.diagnostics)}</soap:Fault>`);
}

function detail({ errorId, reason, nameValuePairs = {} }: FaultDiagnostics) {
  const pairs = Object.entries(nameValuePairs)
    .map(([name, value]) => xml`<NameValuePair><Name>${name}</Name><Value>${value}</Value></NameValuePair>`);
  return xml`<detail><OCSDiagnosticsFault xmlns="${webAuthenticationNamespace}"><Ms-Diagnostics-Fault><ErrorId>${errorId}</ErrorId><Reason>${
    reason}</Reason><NameValuePairs>${pairs}</NameValuePairs></Ms-Diagnostics-Fault></OCSDiagnosticsFault></detail>`;
}

/** The text of a peer, as much of it as goes into sentences and facts. */
export function spokenText(element: XmlElement | undefined): string {
  return (element?.text ?? '').replace(/\s+/g, ' ').trim().slice(0, 300);
}

/** Finds the fault in an envelope's body; undefined when there is none. Namespaces inside the detail are not insisted on. */
export function readFault({ body }: Envelope): SoapFault | undefined {
  const fault = body.child('Fault', soapNamespace);
  if (fault === undefined) return undefined;
  const code = spokenText(fault.child('faultcode'));
  const reason = spokenText(fault.child('faultstring'));
  const read: SoapFault = { code: code.slice(code.indexOf(':') + 1), reason };
  const diagnostics = [...fault.selfAndDescendants()].find((element) => element.local === 'Ms-Diagnostics-Fault');
  const errorId = Number(diagnostics?.child('ErrorId')?.text.trim());
  if (diagnostics === undefined || !Number.isSafeInteger(errorId)) return read;
  const pairs: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const pair of diagnostics.find('NameValuePairs')?.elements() ?? []) {
    pairs[spokenText(pair.child('Name'))] = spokenText(pair.child('Value'));
  }
  return { ...read, diagnostics: { errorId, reason: spokenText(diagnostics.child('Reason')), nameValuePairs: pairs } };
}
