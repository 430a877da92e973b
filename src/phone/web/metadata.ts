import { readMex, type MexPort } from '../../protocol/webticket/mex.js';
import type { StepTools } from '../steps.js';
import type { HttpClient } from './http-client.js';
import { understand, unexpectedStatus } from './soap-exchange.js';
import { below } from './web-address.js';

/** Asks a service for its ports (GET of `/mex` below it). Rejects with `StageFailure` like `HttpClient.send`. */
export async function fetchPorts(client: HttpClient, service: URL, tools: StepTools): Promise<MexPort[]> {
  const url = below(service, '/mex');
  const answer = await client.send({ method: 'GET', url }, tools);
  if (answer.status !== 200) throw unexpectedStatus(url, answer);
  return understand(url, () => readMex(answer.body.root));
}

/** The names of ports, for the sentence that says which one was missing. */
export function portNames(ports: readonly MexPort[]): string {
  return ports.length === 0 ? 'no port at all' : ports.map(({ name }) => name).join(', ').slice(0, 300);
}
