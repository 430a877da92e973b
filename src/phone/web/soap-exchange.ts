import { clause, Failure } from '../../failure.js';
import { readEnvelope, type Envelope } from '../../protocol/soap/envelope.js';
import { readFault, type SoapFault } from '../../protocol/soap/fault.js';
import type { WebAnswer, WebRequest } from './http-client.js';
import { webServiceError } from './web-service-failure.js';

/** A SOAP 1.1 request over HTTP (section 6). */
export function soapRequest(url: URL, action: string, envelope: string): WebRequest {
  return { method: 'POST', url, headers: { 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: `"${action}"` }, body: envelope };
}

/** Reads what a service sent. Throws `web-service-error` for what is no SOAP, or lacks what `read` looks for. */
export function readAnswer<T>(url: URL, answer: WebAnswer, read: (envelope: Envelope) => T): T {
  if (answer.status !== 200) throw unexpectedStatus(url, answer);
  return understand(url, () => read(readEnvelope(answer.body.root)));
}

/** Turns what a codec throws at bad content into `web-service-error`. */
export function understand<T>(url: URL, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw webServiceError(url, clause(error), { cause: error, facts: { code: error.code } });
  }
}

/** A status that the service had no reason to send. */
export function unexpectedStatus(url: URL, answer: WebAnswer) {
  const { status, statusText, headers } = answer;
  const fault = faultIn(answer);
  const location = headers.get('location')?.[0];
  const more = fault === undefined ? '' : `, ${fault.code}: ${fault.reason.replace(/\.$/, '')}`;
  return webServiceError(url, `it answered ${status} ${statusText.slice(0, 100)}${location === undefined ? more : ` to ${location.slice(0, 200)}`}`, { facts: { status } });
}

/** The SOAP fault in an answer, if that is what it is. */
export function faultIn({ body }: WebAnswer): SoapFault | undefined {
  try {
    return readFault(readEnvelope(body.root));
  } catch {
    return undefined;
  }
}
