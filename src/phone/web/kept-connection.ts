import { secureConnect } from '../secure-connection.js';
import type { TicketCredentials, Trust, WebTicket } from '../steps.js';
import { HttpClient, portOf } from './http-client.js';

/** How long a connection waits for the step after the one that opened it. */
const patience = 5_000;

const kept = new WeakMap<WebTicket, { client: HttpClient; timer: NodeJS.Timeout }>();

/** A client whose connections are TLS, judged as the web service's. */
export function secureClient(trust: Trust, credentials: TicketCredentials): HttpClient {
  const method = credentials.method === 'certificate' ? credentials.signedInBy : credentials.method;
  return new HttpClient((url, tools) => secureConnect({ host: url.hostname, port: portOf(url), service: 'web', method, trust }, tools));
}

/** Leaves the connections on which a ticket was fetched to the step that uses it, so that there is one TLS handshake for both. */
export function keepFor(ticket: WebTicket, client: HttpClient): void {
  const timer = setTimeout(() => {
    kept.delete(ticket);
    client.close();
  }, patience).unref();
  kept.set(ticket, { client, timer });
}

/** The client left with a ticket, once; undefined when its time is over. */
export function takeKept(ticket: WebTicket): HttpClient | undefined {
  const entry = kept.get(ticket);
  clearTimeout(entry?.timer);
  kept.delete(ticket);
  return entry?.client;
}
