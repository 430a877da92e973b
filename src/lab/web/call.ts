import type { Socket } from 'node:net';
import { writeFault } from '../../protocol/soap/fault.js';
import type { XmlBody } from '../../protocol/soap/http-text.js';
import type { Deployment } from '../deployment.js';

/** A request to one of the web services, its body already read. */
export interface WebCall {
  deployment: Deployment;
  /** The server that was asked. */
  fqdn: string;
  /** As it was asked for, without query. */
  path: string;
  /** NTLM authenticates connections, not requests. */
  connection: Socket;
  /** SOAPAction without its quotes. */
  action: string | undefined;
  authorization: string | undefined;
  body: XmlBody;
}

/** What a service answers; a `body` is XML where `headers` name no other type. */
export interface WebReply {
  status: number;
  headers?: Readonly<Record<string, string | readonly string[]>>;
  body?: string | Buffer;
}

export type WebService = (call: WebCall) => WebReply;

/** WCF's answer to an action that an endpoint does not know. */
export function unknownAction({ action }: WebCall): WebReply {
  return { status: 500, body: writeFault({ code: 'ActionNotSupported', reason: `The SOAPAction ${action ?? '(none)'} is not known at this address.` }) };
}
