import { Agent, request as sendRequest, type ClientRequest, type ClientRequestArgs, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { within } from '../../network/deadline.js';
import { describeHttp, headerPairs, XmlBody } from '../../protocol/soap/http-text.js';
import { StageFailure } from '../stage-failure.js';
import type { StepTools } from '../steps.js';
import { silentService, webServiceError } from './web-service-failure.js';

/** Opens the byte stream to a server: TCP for `http:`, TLS with the server's certificate judged for `https:`. */
export type OpenSocket = (url: URL, tools: StepTools) => Promise<Duplex>;

export interface WebRequest {
  method: 'GET' | 'POST';
  url: URL;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface WebAnswer {
  status: number;
  statusText: string;
  /** Names in lower case. */
  headers: ReadonlyMap<string, readonly string[]>;
  body: XmlBody;
}

/** Largest answer that is read. */
const largestAnswer = 1 << 20;

interface SocketOptions extends ClientRequestArgs {
  openSocket: () => Promise<Duplex>;
}

/** Keeps one connection to each server and gets it from whoever asks, not from the host's own resolver. */
class SocketAgent extends Agent {
  constructor() {
    super({ keepAlive: true, maxSockets: 1 });
  }

  override createConnection(options: ClientRequestArgs, callback: (error: Error | null, stream: Duplex) => void): undefined {
    (options as SocketOptions).openSocket().then(
      (socket) => { callback(null, socket); },
      (error: unknown) => { callback(error as Error, undefined as never); },
    );
  }
}

/** HTTP/1.1 as the phone speaks it: one request at a time on a kept connection, no redirects, no proxies, answers bounded. */
export class HttpClient {
  readonly #agent = new SocketAgent();
  readonly #openSocket: OpenSocket;

  constructor(openSocket: OpenSocket) {
    this.#openSocket = openSocket;
  }

  /**
   * Sends one request and reads the whole answer, whatever its status, within the profile's times to connect and to be
   * answered. Rejects with `StageFailure` (`web-service-error`, `web-service-unreachable`, and what opening the socket
   * rejects with), or with the reason of `tools.signal`.
   */
  async send(request: WebRequest, tools: StepTools): Promise<WebAnswer> {
    const { connect, request: answer } = tools.profile.timers;
    const milliseconds = connect.value + answer.value;
    return within(tools, milliseconds, async (signal) => {
      try {
        return await this.#exchange(request, tools, signal);
      } catch (error) {
        tools.signal.throwIfAborted();
        if (error instanceof StageFailure) throw error;
        if (signal.aborted) throw silentService(request.url, milliseconds, error);
        throw webServiceError(request.url, `the connection failed (${error instanceof Error ? error.message : String(error)})`, { cause: error });
      }
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  async #exchange(request: WebRequest, tools: StepTools, signal: AbortSignal): Promise<WebAnswer> {
    const { method, url, headers = {}, body = '' } = request;
    const bytes = Buffer.from(body);
    const options: SocketOptions = {
      agent: this.#agent, method, signal,
      host: url.hostname, port: portOf(url), path: url.pathname + url.search,
      headers: { Host: url.host, ...headers, ...(method === 'POST' ? { 'Content-Length': bytes.length } : {}) },
      openSocket: () => this.#openSocket(url, tools),
    };
    const peer = `${url.hostname}:${portOf(url)}`;
    const sent = sendRequest(options);
    // Not before there is a connection: what never left the phone is no message.
    sent.once('socket', () => {
      tools.trace.record('phone', {
        layer: 'http', direction: 'sent', peer, summary: `${method} ${url.pathname}`,
        text: describeHttp(`${method} ${options.path} HTTP/1.1`, Object.entries(sent.getHeaders()).map(([name, value]) => [name, String(value)] as const), new XmlBody(bytes)),
      });
    });
    let answer: WebAnswer;
    try {
      answer = await readAnswer(sent, bytes, url);
    } catch (error) {
      if (!wasClosedMeanwhile(error, sent) || signal.aborted) throw error;
      return await this.#exchange(request, tools, signal);
    }
    const statusLine = `${answer.status} ${answer.statusText}`;
    tools.trace.record('phone', {
      layer: 'http', direction: 'received', peer, summary: statusLine,
      text: describeHttp(`HTTP/1.1 ${statusLine}`, [...answer.headers].flatMap(([name, values]) => values.map((value) => [name, value] as const)), answer.body),
    });
    return answer;
  }
}

/**
 * Whether a kept connection was closed by the server just when it was used again; a new one will do as well. Only where the
 * connection itself does not count: NTLM's third message means nothing on another one.
 */
function wasClosedMeanwhile(error: unknown, sent: ClientRequest): boolean {
  return sent.reusedSocket && !sent.hasHeader('Authorization') && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

/** Sends the body and collects the answer. */
function readAnswer(sent: ClientRequest, bytes: Buffer, url: URL): Promise<WebAnswer> {
  return new Promise((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response: IncomingMessage) => {
      const parts: Buffer[] = [];
      let size = 0;
      response.on('error', reject);
      response.on('data', (part: Buffer) => {
        size += part.length;
        if (size <= largestAnswer) parts.push(part);
        else sent.destroy(webServiceError(url, `the answer is larger than ${largestAnswer} bytes`));
      });
      response.on('end', () => {
        const headers = new Map<string, string[]>();
        for (const [name, value] of headerPairs(response.rawHeaders)) {
          headers.set(name.toLowerCase(), [...headers.get(name.toLowerCase()) ?? [], value]);
        }
        resolve({ status: response.statusCode ?? 0, statusText: response.statusMessage ?? '', headers, body: new XmlBody(Buffer.concat(parts)) });
      });
    });
    sent.end(bytes);
  });
}

/** The port of an address; the scheme's own where it names none. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
