import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Failure } from '../../failure.js';
import { certProvPath } from '../../protocol/certprov/path.js';
import { writeFault } from '../../protocol/soap/fault.js';
import { autodiscoverPath } from '../../protocol/exchange/autodiscover.js';
import { ewsPath } from '../../protocol/exchange/get-folder.js';
import { describeHttp, headerPairs, XmlBody } from '../../protocol/soap/http-text.js';
import { certificatePortPath } from '../../protocol/webticket/certificate-credentials.js';
import { pinPortPath } from '../../protocol/webticket/pin-credentials.js';
import type { TraceInput } from '../../trace/event.js';
import type { Deployment } from '../deployment.js';
import type { WebReply, WebService } from './call.js';
import { certProvMex, publishCertificate, rootChains } from './cert-provisioning-service.js';
import { authenticated, updateCheck, updateFile } from './device-update-service.js';
import { autodiscover, exchangeWebServices } from './exchange-services.js';
import { certProvProofPath, updatePath, updateStorePath, webTicketPath } from './paths.js';
import { readRequestBody } from './request-body.js';
import { certificateTicket, pinTicket, webTicketMex, windowsTicket } from './web-ticket-service.js';

/** The web services of Lync, without and with TLS, and those of Exchange. */
type Site = 'http' | 'https' | 'exchange';

type WebTrace = (event: TraceInput) => void;

/** Every address that answers, and how; `/*` stands for everything below. The base path of certificate provisioning answers for the root chain, as on a Lync Front End. Without TLS there are the root chain and what a device inside needs to update. */
const services: readonly [site: Site, method: 'GET' | 'POST', path: string, service: WebService][] = [
  ['http', 'POST', certProvPath, rootChains],
  ['http', 'POST', `${certProvPath}/anon`, rootChains],
  ['https', 'POST', certProvPath, rootChains],
  ['https', 'GET', `${certProvPath}/mex`, certProvMex],
  ['https', 'POST', certProvProofPath, publishCertificate],
  ['https', 'GET', `${webTicketPath}/mex`, webTicketMex],
  ['https', 'POST', webTicketPath, windowsTicket],
  ['https', 'POST', webTicketPath + pinPortPath, pinTicket],
  ['https', 'POST', webTicketPath + certificatePortPath, certificateTicket],
  ['http', 'POST', updatePath.internal, updateCheck],
  ['https', 'POST', updatePath.internal, updateCheck],
  ['https', 'POST', updatePath.external, authenticated(updateCheck)],
  ['http', 'GET', `${updateStorePath.internal}/*`, updateFile],
  ['https', 'GET', `${updateStorePath.internal}/*`, updateFile],
  ['https', 'GET', `${updateStorePath.external}/*`, authenticated(updateFile)],
  ['exchange', 'POST', autodiscoverPath, autodiscover],
  ['exchange', 'POST', ewsPath, exchangeWebServices],
];

/** The web services of one server, for the `request` event of its HTTP or HTTPS server. Whatever arrives is answered, never thrown. */
export function createWebRequestListener(deployment: Deployment, fqdn: string, site: Site): RequestListener {
  const trace: WebTrace = (event) => { deployment.trace.record(site === 'exchange' ? 'exchange' : 'web', event); };
  return (request, response) => {
    response.on('error', () => { /* The client left; its connection is gone already. */ });
    void answer(deployment, fqdn, site, request, trace).then((reply) => {
      send(fqdn, request, response, reply, trace);
    });
  };
}

async function answer(deployment: Deployment, fqdn: string, site: Site, request: IncomingMessage, trace: WebTrace): Promise<WebReply> {
  const { method = '', url = '/', headers } = request;
  try {
    const body = new XmlBody(await readRequestBody(request));
    trace({
      layer: 'http', direction: 'received', peer: peerOf(request), summary: `${method} ${url}`,
      text: describeHttp(`${method} ${url} HTTP/${request.httpVersion}`, headerPairs(request.rawHeaders), body),
    });
    // IIS does not mind case, nor a slash at the end.
    const path = url.replace(/\?.*$/s, '').replace(/\/$/, '');
    const here = services.filter(([onlyFor, , at]) => onlyFor === site && isAt(path.toLowerCase(), at.toLowerCase()));
    const [, , , service] = here.find(([, only]) => only === method) ?? [];
    if (service === undefined) return here.length === 0 ? { status: 404 } : { status: 405, headers: { Allow: here.map(([, only]) => only).join(', ') } };
    const action = headers['soapaction'];
    return service({
      deployment, fqdn, path, body, connection: request.socket, authorization: headers.authorization,
      action: typeof action === 'string' ? action.trim().replace(/^"(.*)"$/, '$1') : undefined,
    });
  } catch (error) {
    return errorReply(error, trace);
  }
}

function isAt(path: string, at: string): boolean {
  return at.endsWith('/*') ? path.startsWith(at.slice(0, -1)) : path === at;
}

function errorReply(error: unknown, trace: WebTrace): WebReply {
  if (!(error instanceof Failure)) {
    trace({ layer: 'note', summary: `A web service failed: ${error instanceof Error ? error.message : String(error)}` });
    return { status: 500, body: writeFault({ code: 'Server', reason: 'The server was unable to process the request.' }) };
  }
  trace({ layer: 'note', summary: error.message });
  switch (error.code) {
    // The rest of the body is still to come, so the connection is of no further use.
    case 'web/body-too-large': return { status: 413, headers: { Connection: 'close' } };
    case 'web/body-too-slow': return { status: 408, headers: { Connection: 'close' } };
    case 'web/body-incomplete': return { status: 400, headers: { Connection: 'close' } };
    case 'xml/malformed': case 'xml/forbidden': case 'xml/too-large': case 'soap/not-an-envelope': case 'update/not-a-request':
      return { status: 400, body: writeFault({ code: 'Client', reason: error.message }) };
    default: return { status: 500, body: writeFault({ code: 'Client', reason: error.message }) };
  }
}

function send(fqdn: string, request: IncomingMessage, response: ServerResponse, reply: WebReply, trace: WebTrace): void {
  const body = typeof reply.body === 'object' ? reply.body : Buffer.from(reply.body ?? '');
  response.statusCode = reply.status;
  response.setHeader('X-MS-Server-Fqdn', fqdn);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Cache-Control', 'private');
  if (body.length > 0) response.setHeader('Content-Type', 'text/xml; charset=utf-8');
  response.setHeader('Content-Length', body.length);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  response.end(body);
  const headers = Object.entries(response.getHeaders()).flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)] as const));
  const status = `${reply.status} ${response.statusMessage}`;
  trace({
    layer: 'http', direction: 'sent', peer: peerOf(request), summary: status, text: describeHttp(`HTTP/1.1 ${status}`, headers, new XmlBody(body)),
  });
}

function peerOf({ socket }: IncomingMessage): string {
  return `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
}
