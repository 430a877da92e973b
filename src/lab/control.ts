import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { checkDeclaration } from '../declaration-file.js';
import { Failure } from '../failure.js';
import type { TraceEvent } from '../trace/event.js';
import type { Trace } from '../trace/trace.js';
import type { Lab } from './lab.js';
import { listenForConnections } from './tcp-listener.js';

/** A change to a lab is a page of JSON at most. */
const largestBody = 64 * 1024;
/** A watcher that does not read is dropped once so much waits for it. */
const largestBacklog = 8 * 1024 * 1024;

/** A lab's control API while it listens. */
export interface Control extends AsyncDisposable {
  /** `http://127.0.0.1:49731`, always loopback. */
  url: string;
  /** For `Authorization: Bearer`. */
  token: string;
  /** Listens no more; the lab goes on. */
  close(): Promise<void>;
}

/**
 * The lab's control API, apart from the protocols it emulates: `GET /state`, `PUT /updates`, `GET /update-audit`, `PUT /certificates/NAME`, `PUT /dns`, `PUT /dhcp`, `PUT /policy`,
 * `PUT /faults`, `PUT /users/SIP-URI` with the topology's own JSON (parts of it, but for `/dns`), `DELETE /client-certificates/SIP-URI` (of a user:
 * Revoke-CsClientCertificate), `PUT /servers/FQDN` with `{"running": false}` (its TCP services, as by its plug) or `true` or
 * `{"minimumTls": "TLSv1.2"}` (the oldest version that they take), `GET /trace` (`?layer=dns&actor=dns&after=120` for part of it: what was asked of the name server since event 120), and a WebSocket at `/trace` with every event from the start on. Errors are 4xx with
 * `{code, message}`.
 */
export async function startControl(lab: Lab): Promise<Control> {
  const token = randomBytes(24).toString('base64url');
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000 }, (request, response) => {
    void answer(request, token, lab).then((reply) => { send(response, reply); });
  });
  const watchers = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => {});
    if (pathOf(request) !== '/trace' || !isAuthorised(request, token)) {
      socket.end(`HTTP/1.1 ${pathOf(request) === '/trace' ? '401 Unauthorized' : '404 Not Found'}\r\nConnection: close\r\n\r\n`);
      return;
    }
    watchers.handleUpgrade(request, socket, head, (watcher) => { watch(watcher, lab.trace); });
  });
  const listening = await listenForConnections(server, { name: 'control API', bindAddress: '127.0.0.1', port: 0 });
  const close = () => listening.close();
  return { url: `http://127.0.0.1:${listening.port}`, token, close, [Symbol.asyncDispose]: close };
}

interface Reply {
  status: number;
  body: unknown;
}

async function answer(request: IncomingMessage, token: string, lab: Lab): Promise<Reply> {
  try {
    if (!isAuthorised(request, token)) throw new RequestError(401, 'control/unauthorised', 'The control API needs the header "Authorization: Bearer TOKEN" with this lab\'s token.');
    const [, resource, name, ...rest] = pathOf(request).split('/');
    const route = `${request.method} /${resource}${name === undefined ? '' : '/*'}`;
    if (rest.length > 0) throw unknown(request);
    switch (route) {
      case 'GET /state': return { status: 200, body: state(lab) };
      case 'GET /trace': return { status: 200, body: { dropped: lab.trace.dropped, events: historyOf(lab.trace, queryOf(request)) } };
      case 'GET /update-audit': return { status: 200, body: { lines: lab.updateAudit } };
      case 'PUT /certificates/*': await lab.setCertificate(decodeURIComponent(name ?? ''), await readJson(request)); break;
      case 'PUT /updates': lab.setUpdates(await readJson(request)); break;
      case 'PUT /dns': lab.setDnsRecords(await readJson(request)); break;
      case 'PUT /dhcp': lab.setDhcp(await readJson(request)); break;
      case 'PUT /policy': lab.setPolicy(await readJson(request)); break;
      case 'PUT /faults': lab.setFaults(await readJson(request)); break;
      case 'PUT /users/*': lab.setUser(decodeURIComponent(name ?? ''), await readJson(request)); break;
      case 'PUT /servers/*': await lab.setServer(decodeURIComponent(name ?? ''), await readJson(request)); break;
      case 'DELETE /client-certificates/*': lab.revokeClientCertificates(decodeURIComponent(name ?? '')); break;
      default: throw unknown(request);
    }
    return { status: 200, body: state(lab) };
  } catch (error) {
    if (error instanceof RequestError) return { status: error.status, body: { code: error.code, message: error.message } };
    if (error instanceof Failure) return { status: error.code.includes('/unknown-') ? 404 : 400, body: { code: error.code, message: error.message } };
    if (error instanceof URIError) return { status: 400, body: { code: 'control/bad-request', message: 'The path is not a valid URL path.' } };
    return { status: 500, body: { code: 'control/failed', message: `The request failed: ${String(error)}.` } };
  }
}

/** What can be changed, as it is now, and where the services are. */
function state({ topology: { name, certificates, dns, dhcp, policy, faults, servers, updates }, services, deployment }: Lab) {
  return {
    schema: 1, name, certificates, dns, dhcp, policy, faults, updates, servers,
    services: services.map(({ service, fqdn, declared, port }) => ({ service, fqdn, declared, port })),
    stoppedServers: servers.flatMap(({ fqdn }) => (deployment.isStopped(fqdn) ? [fqdn] : [])),
  };
}

function watch(watcher: WebSocket, trace: Trace): void {
  const tell = (event: unknown) => {
    if (watcher.bufferedAmount > largestBacklog) watcher.terminate();
    else watcher.send(JSON.stringify(event), () => { /* A watcher that is gone says so by `close`. */ });
  };
  for (const event of trace.events) tell(event);
  const stop = trace.subscribe(tell);
  watcher.on('close', stop);
  watcher.on('error', () => { watcher.terminate(); });
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBody) throw new RequestError(413, 'control/too-large', `A request may be ${largestBody} bytes long.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw new RequestError(400, 'control/not-json', 'The request is not JSON.');
  }
}

function send(response: ServerResponse, { status, body }: Reply): void {
  const text = Buffer.from(JSON.stringify(body));
  response.on('error', () => { /* The client left. */ });
  // A body that was not read to its end makes the connection of no further use.
  if (!response.req.complete) response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length, 'Cache-Control': 'no-store' }).end(text);
}

class RequestError extends Failure {
  readonly status: number;

  constructor(status: number, code: string, sentence: string) {
    super(code, sentence);
    this.status = status;
  }
}

const unknown = (request: IncomingMessage) => new RequestError(404, 'control/unknown', `There is no ${request.method} ${pathOf(request)} in the control API.`);

const historySchema = z.strictObject({ layer: z.string().optional(), actor: z.string().optional(), after: z.coerce.number().int().min(0).default(0) });

/** The events that a query of the URL asks for. Throws a Failure `lab/invalid`. */
function historyOf(trace: Trace, query: object): TraceEvent[] {
  const { layer, actor, after } = checkDeclaration(query, 'query', historySchema, 'lab', 'query');
  return trace.events.filter((event) => event.sequence > after && (layer === undefined || event.layer === layer) && (actor === undefined || event.actor === actor));
}

const queryOf = (request: IncomingMessage) => Object.fromEntries(new URLSearchParams((request.url ?? '').split('?')[1] ?? ''));

const pathOf = (request: IncomingMessage) => (request.url ?? '/').replace(/\?.*$/s, '');

function isAuthorised({ headers: { authorization = '' } }: IncomingMessage, token: string): boolean {
  const [claimed, expected] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)];
  return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}
