import { randomBytes } from 'node:crypto';
import { SipMessage, type SipHeader } from '../../protocol/sip/message.js';
import { formatDiagnostics } from '../../protocol/sip/diagnostics.js';
import { parseNameAddress } from '../../protocol/sip/name-address.js';
import type { Connection } from './connection.js';

/** Banner of Lync Server 2010. */
const serverBanner = 'RTC/4.0';

const reasons: Readonly<Record<number, string>> = {
  100: 'Trying', 200: 'OK', 301: 'Moved Permanently', 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 405: 'Method Not Allowed', 406: 'Not Acceptable',
  408: 'Request Timeout', 409: 'Conflict', 415: 'Unsupported Media Type', 421: 'Extension Required', 480: 'Temporarily Unavailable', 481: 'Call Leg/Transaction Does Not Exist', 483: 'Too Many Hops',
  485: 'Ambiguous', 487: 'Request Terminated', 489: 'Bad Event', 500: 'Server Internal Error',
  501: 'Not Implemented', 503: 'Service Unavailable',
};

/** A tag as Microsoft's servers write it: 32 upper-case hex digits. */
export function newTag(): string {
  return randomBytes(16).toString('hex').toUpperCase();
}

/** Of the connection that a request came by, what the server adds to the Via it echoes. */
export type Received = Pick<Connection, 'port' | 'id'>;

/** A refusal with its entry of MS-OCER's tables; which status goes with which id is mostly inferred. */
export interface Refusal {
  status: number;
  diagnostics?: { id: number; reason: string };
  headers?: readonly SipHeader[];
}

/** The authenticated user is not whom the request speaks for. */
export const notThisUser: Refusal = {
  status: 403, diagnostics: { id: 4004, reason: 'The authenticated identity is not allowed to act as the From URI' },
};

/** A response with what RFC 3261 section 8.2.6 copies from the request; `headers` stand between those and the banner. */
export function respond(request: SipMessage, received: Received, status: number, headers: readonly SipHeader[] = [], body = ''): SipMessage {
  const response = new SipMessage({ kind: 'response', status, reason: reasons[status] ?? 'Unknown' });
  const to = request.get('To') ?? '';
  response.add('From', request.get('From') ?? '');
  response.add('To', parseNameAddress(to).parameters.has('tag') ? to : `${to};tag=${newTag()}`);
  response.add('Call-ID', request.get('Call-ID') ?? '');
  response.add('CSeq', request.get('CSeq') ?? '');
  request.getAll('Via').forEach((via, index) => {
    response.add('Via', index === 0 ? `${via};ms-received-port=${received.port};ms-received-cid=${received.id}` : via);
  });
  for (const { name, value } of headers) response.add(name, value);
  response.add('Server', serverBanner);
  response.body = Buffer.from(body);
  return response;
}

/** A refusal as a response; `source` is this server's FQDN. */
export function refuse(request: SipMessage, received: Received, refusal: Refusal, source: string): SipMessage {
  const headers = [...refusal.headers ?? []];
  if (refusal.diagnostics) {
    headers.push({ name: 'ms-diagnostics', value: formatDiagnostics(refusal.diagnostics.id, refusal.diagnostics.reason, source) });
  }
  return respond(request, received, refusal.status, headers);
}
