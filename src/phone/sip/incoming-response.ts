import { IncomingResponseMessage } from 'sip.js/lib/core/index.js';
import { Grammar } from 'sip.js/lib/grammar/index.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { parseNameAddress } from '../../protocol/sip/name-address.js';
import { readParameters, splitOutsideQuotes } from '../../protocol/sip/quoted-text.js';

/**
 * A response as sip.js takes it: transactions and dialogs go by status, branch, method and tag, and a dialog by Contact and
 * Record-Route. sip.js's own parser decodes its whole grammar anew for each header of each message, which was a quarter of a
 * sign-in's processor time, so it is left to requests, which are rare.
 *
 * Undefined where the response lacks what RFC 3261 section 8.2.6.2 has it repeat of the request.
 */
export function incomingResponse(message: SipMessage, text: string): IncomingResponseMessage | undefined {
  const [via, to, callId] = ['Via', 'To', 'Call-ID'].map((name) => message.get(name));
  const fromTag = parseNameAddress(message.get('From') ?? '').parameters.get('tag');
  const branch = readParameters(splitOutsideQuotes(via ?? '', ';')).get('branch');
  if (message.status === undefined || branch === undefined || fromTag === undefined || to === undefined || callId === undefined) return undefined;
  const response = new IncomingResponseMessage();
  response.data = text;
  response.statusCode = message.status;
  response.method = message.method;
  response.viaBranch = branch;
  response.toTag = parseNameAddress(to).parameters.get('tag') ?? '';
  for (const name of ['Via', 'Contact', 'Record-Route']) {
    for (const value of message.getAll(name).flatMap((line) => splitOutsideQuotes(line, ','))) response.addHeader(name, value);
  }
  if (message.method === 'INVITE') readForDialog(response, message, to);
  return response;
}

/** ACK, a call's dialog, offer and answer go by more of it; sip.js wants Contact read already, since its grammar gives a list otherwise. */
function readForDialog(response: IncomingResponseMessage, message: SipMessage, to: string): void {
  response.body = message.body.toString();
  response.addHeader('To', to);
  const contentType = message.get('Content-Type');
  if (contentType !== undefined) response.addHeader('Content-Type', contentType);
  for (const contact of response.headers['Contact'] ?? []) contact.parsed = Grammar.nameAddrHeaderParse(contact.raw);
}
