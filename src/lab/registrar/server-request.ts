import { randomBytes } from 'node:crypto';
import { SipMessage, type SipHeader } from '../../protocol/sip/message.js';
import type { Connection } from './connection.js';

export interface ServerRequest {
  method: 'NOTIFY' | 'BENOTIFY';
  uri: string;
  /** What carries it, for Via. */
  transport: Connection['transport'];
  /** `lync.contoso.lab:5061`, as this server names itself in Via. */
  sentBy: string;
  from: string;
  to: string;
  callId: string;
  cseq: number;
  headers: readonly SipHeader[];
  body: string;
}

/** A request that the server sends down a client's connection; not yet signed. */
export function serverRequest({ method, uri, transport, sentBy, from, to, callId, cseq, headers, body }: ServerRequest): SipMessage {
  return new SipMessage({ kind: 'request', method, uri }, [
    { name: 'Via', value: `SIP/2.0/${transport} ${sentBy};branch=z9hG4bK${randomBytes(8).toString('hex')}` },
    { name: 'Max-Forwards', value: '70' },
    { name: 'From', value: from },
    { name: 'To', value: to },
    { name: 'Call-ID', value: callId },
    { name: 'CSeq', value: `${cseq} ${method}` },
    ...headers,
  ], body);
}
