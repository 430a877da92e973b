import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isIP, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { Failure } from '../failure.js';
import { listenFailure } from '../network/listen-failure.js';
import type { Demo } from './demo.js';
import { pageMessageSchema, socketPath, type PageMessage } from './messages.js';
import { PageLink } from './page-link.js';
import { savedRun } from './saved-run.js';
import { StaticFiles } from './static-files.js';

/** What a page says is short; bytes. */
const largestMessage = 64 * 1024;
/** A person and a held key come to less; messages, over so many milliseconds. */
const most = { messages: 100, within: 2000 };
/** Projector, trainer's own screen and a few tablets. */
const mostPages = 20;

const reportPath = '/report.html';

/** Of a reply to anything: scripts and styles of the page's own files only, and nobody else's page around it. */
const headers = {
  'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': 'no-store',
};

export interface DemoServerOptions {
  demo: Demo;
  /** Address to listen on, or a name of this machine that leads to one. Default 127.0.0.1; anything else lets others in. */
  bindAddress?: string;
  /** Default: a free one. */
  port?: number;
  /** What pages prove with that they were let in; default: a random one. */
  token?: string;
  /** Default: the page as it was built. */
  pageFolder?: string;
}

export interface DemoServer {
  /** `http://127.0.0.1:49731/?token=...` */
  url: string;
  port: number;
  close(): Promise<void>;
}

/** The page as it was built: the same place seen from `src` and from `dist`. */
const builtPage = fileURLToPath(new URL('../../dist/demo/page/', import.meta.url));

/**
 * Serves the page and its WebSocket on one port. Whoever connects needs the token, a page of this server's own as the origin, and must have come by
 * an address or by the name that it was told to listen on, rather than by one that somebody else may point here (DNS rebinding). Fails with `demo/no-page`, `demo/port-in-use` or `demo/cannot-listen`.
 */
export async function startDemoServer({ demo, bindAddress = '127.0.0.1', port = 0, token = randomBytes(24).toString('base64url'), pageFolder = builtPage }: DemoServerOptions): Promise<DemoServer> {
  const files = new StaticFiles(pageFolder);
  const admits = doorkeeper(token);
  const isOwn = ownHosts(bindAddress);
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 10_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
    answer(request, response, { demo, files, admits, isOwn }).catch(() => { response.destroy(); });
  });
  const pages = new WebSocketServer({ noServer: true, maxPayload: largestMessage, perMessageDeflate: false });
  server.on('upgrade', (request, socket: Duplex, head) => {
    socket.on('error', () => {});
    const refusal = refusalOf(request, { admits, isOwn }, pages.clients.size);
    if (refusal === undefined) pages.handleUpgrade(request, socket, head, (page) => { attend(page, demo); });
    else socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => { reject(listenFailure('demo', `The demo cannot listen on ${bindAddress}:${port}`, error)); });
    server.listen(port, bindAddress, resolve);
  });
  const address = server.address();
  const real = typeof address === 'object' && address !== null ? address.port : port;
  return {
    port: real, url: `http://${hostOf(bindAddress)}:${real}/?token=${encodeURIComponent(token)}`,
    close: async () => {
      for (const page of pages.clients) page.terminate();
      const closed = new Promise<void>((resolve) => { server.close(() => { resolve(); }); });
      server.closeAllConnections();
      await closed;
    },
  };
}

type Admits = (claimed: string | null) => boolean;

/** Compares digests: those are of one length, whatever was claimed. */
function doorkeeper(token: string): Admits {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (claimed) => timingSafeEqual(digest(claimed ?? ''), expected) && claimed !== null;
}

/** The status line a page is turned away with, undefined: it may come in. */
function refusalOf(request: IncomingMessage, { admits, isOwn }: { admits: Admits; isOwn: IsOwn }, pages: number): string | undefined {
  const { pathname, searchParams } = urlOf(request);
  if (!isOwn(request)) return '421 Misdirected Request';
  if (pathname !== socketPath) return '404 Not Found';
  if (request.headers.origin !== `http://${request.headers.host ?? ''}`) return '403 Forbidden';
  if (!admits(searchParams.get('token'))) return '401 Unauthorized';
  return pages >= mostPages ? '503 Service Unavailable' : undefined;
}

type IsOwn = (request: IncomingMessage) => boolean;

/** Come by an address, as `localhost` or by the name that was given to listen on: any other leads here only if somebody wishes this server ill. */
function ownHosts(bindAddress: string): IsOwn {
  const names = ['localhost', bindAddress.toLowerCase()];
  return ({ headers: { host = '' }, socket }) => {
    const [, bracketed, plain = '', port = '80'] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(host) ?? [];
    const known = bracketed === undefined ? isIP(plain) === 4 || names.includes(plain.toLowerCase()) : isIPv6(bracketed);
    return known && Number(port) === socket.localPort;
  };
}

/** How this machine is called by whoever sits at it. */
function hostOf(bindAddress: string): string {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[bindAddress] ?? bindAddress;
  return isIPv6(address) ? `[${address}]` : address;
}

function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://demo');
  } catch {
    return new URL('http://demo/not-a-path');
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, { demo, files, admits, isOwn }: { demo: Demo; files: StaticFiles; admits: Admits; isOwn: IsOwn }): Promise<void> {
  const { pathname, searchParams } = urlOf(request);
  const send = (status: number, type: string, content: string | Buffer, more: Record<string, string> = {}) => {
    response.on('error', () => { /* The browser left. */ });
    if (!request.complete) response.setHeader('Connection', 'close');
    response.writeHead(status, { ...headers, ...more, 'Content-Type': type, 'Content-Length': Buffer.byteLength(content) }).end(request.method === 'HEAD' ? undefined : content);
  };
  const plain = 'text/plain; charset=utf-8';
  if (!isOwn(request)) send(421, plain, 'This server is reached by its address, or by the name that it was told to listen on.\n');
  else if (request.method !== 'GET' && request.method !== 'HEAD') send(405, plain, 'GET only.\n', { Allow: 'GET, HEAD' });
  else if (pathname === reportPath) {
    if (admits(searchParams.get('token'))) send(200, 'text/html; charset=utf-8', savedRun(demo.session), { 'Content-Disposition': 'attachment; filename="lync-phone-demo.html"' });
    else send(401, plain, 'The address needs the token that was printed at the start.\n');
  } else {
    const file = await files.read(pathname);
    if (file === undefined) send(404, plain, 'There is no such file.\n');
    else send(200, file.type, file.content);
  }
}

/** One page, from its coming to its going. */
function attend(socket: WebSocket, demo: Demo): void {
  socket.on('error', () => { socket.terminate(); });
  const link = new PageLink(socket, demo);
  let said = 0;
  let since = Date.now();
  socket.on('message', (data: RawData, isBinary) => {
    if (Date.now() - since > most.within) [said, since] = [0, Date.now()];
    if (++said > most.messages) {
      socket.close(1008, 'too many messages');
      return;
    }
    void obey(isBinary ? '' : textOf(data), link, demo);
  });
}

const textOf = (data: RawData) => (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString('utf8');

async function obey(text: string, link: PageLink, demo: Demo): Promise<void> {
  let request: { request?: number } = {};
  try {
    const message = read(text);
    request = 'request' in message && message.request !== undefined ? { request: message.request } : {};
    if (message.type === 'resume') link.resume(message);
    else if (message.type === 'save') link.send({ type: 'report', path: reportPath, ...request });
    else {
      await demo.command(message);
      if (request.request !== undefined) link.send({ type: 'done', request: request.request });
    }
  } catch (error) {
    const told = error instanceof Failure ? { code: error.code, message: error.message } : { code: 'demo/failed', message: `That failed: ${String(error)}.` };
    link.send({ type: 'error', ...told, ...request });
  }
}

/** Fails with `demo/not-json` or `demo/bad-message`. */
function read(text: string): PageMessage {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new Failure('demo/not-json', 'What the page said is not JSON.');
  }
  const parsed = pageMessageSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  throw new Failure('demo/bad-message', 'What the page said is no message that this server knows.');
}
