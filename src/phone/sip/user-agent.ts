import {
  IncomingRequestMessage, Parser, UserAgentCore, type IncomingResponse, type IncomingResponseMessage,
  type OutgoingRequestMessage, type OutgoingRequestMessageOptions, type URI,
} from 'sip.js/lib/core/index.js';
import type { Body } from 'sip.js/lib/core/messages/body.js';
import { Grammar } from 'sip.js/lib/grammar/index.js';
import type { Clock } from '../../clock.js';
import { within } from '../../network/deadline.js';
import { SipMessage } from '../../protocol/sip/message.js';
import type { Trace } from '../../trace/trace.js';
import { StageFailure } from '../stage-failure.js';
import type { Endpoint } from './endpoint.js';
import { incomingResponse } from './incoming-response.js';
import { PhoneRequest } from './phone-request.js';
import type { RegistrarTransport } from './registrar-transport.js';
import { silentLogger } from './silent-logger.js';

export interface UserAgentOptions {
  endpoint: Endpoint;
  transport: RegistrarTransport;
  peer: string;
  clock: Clock;
  trace: Trace;
  /** Milliseconds a request may wait for its final response. */
  requestTimeout: number;
  /** Where the endpoint is reached: its GRUU as soon as it has one. */
  contactUri: () => string;
}

/** Incoming calls that are not over yet, at most: the server transactions of a refused one last until its ACK. */
const mostIncoming = 32;

export interface RequestShape {
  method: 'REGISTER' | 'SUBSCRIBE' | 'SERVICE' | 'INVITE';
  requestUri: string;
  /** Default: the user. */
  to?: string;
  callId: string;
  cseq: number;
  fromTag: string;
  /** Header lines in order, `Name: value`. */
  headers: readonly string[];
  body?: Body;
}

/** A final response: as sip.js reads it for its dialogs, and as it was written. */
export interface Answer {
  request: OutgoingRequestMessage;
  response: IncomingResponseMessage;
  message: SipMessage;
}

/**
 * sip.js's user agent core for one endpoint: it runs transactions and dialogs. Authentication is not left to it, since
 * TLS-DSK takes three 401s in a row and sip.js keeps only the last of several challenges: each leg is a request of its own.
 */
export class PhoneUserAgent {
  readonly core: UserAgentCore;
  readonly #options: UserAgentOptions;
  readonly #self: URI;
  /** Request-URIs by their text: a sign-in has two of them for six requests, and sip.js is slow to read one. */
  readonly #targets = new Map<string, URI>();
  readonly #waiting = new Set<(failure: StageFailure) => void>();

  constructor(options: UserAgentOptions) {
    this.#options = options;
    this.#self = readUri(options.endpoint.sipUri);
    this.#targets.set(options.endpoint.sipUri, this.#self);
    this.core = new PhoneCore(options, this.#self);
  }

  /** For a Contact header. */
  get contact(): string {
    return `<${this.#options.contactUri()}>`;
  }

  /** A request outside of any dialog, from the user. */
  compose({ method, requestUri, to, callId, cseq, fromTag, headers, body }: RequestShape): OutgoingRequestMessage {
    const target = this.#targets.get(requestUri) ?? readUri(requestUri);
    this.#targets.set(requestUri, target);
    const toUri = to === undefined ? this.#self : this.#targets.get(to) ?? readUri(to);
    return this.core.makeOutgoingRequestMessage(method, target, this.#self, toUri, { callId, cseq, fromTag }, [...headers], body);
  }

  /** Sends a request and gives its final response. Rejects with `registrar-silent`, the transport's failure, or the reason of `signal`. */
  async send(request: OutgoingRequestMessage, signal: AbortSignal): Promise<Answer> {
    const { transport, clock, requestTimeout, peer } = this.#options;
    signal.throwIfAborted();
    const silent = () => new StageFailure('registrar-silent', 'retry', `${peer} did not answer ${request.method} in time (${requestTimeout} ms).`, {
      facts: { peer, method: request.method }, screen: 'registrar-not-contacted',
    });
    return within({ clock, signal }, requestTimeout, (deadline) => new Promise((resolve, reject) => {
      if (transport.failure !== undefined) { reject(transport.failure); return; }
      const give = (failure: Error) => { this.#waiting.delete(give); client.dispose(); reject(failure); };
      const settle = ({ message }: IncomingResponse) => {
        // A response without text is sip.js's own word for a timeout (408) or a broken transport (503).
        if (!message.data) { give(transport.failure ?? silent()); return; }
        this.#waiting.delete(give);
        resolve({ request, response: message, message: SipMessage.parse(message.data) });
      };
      const client = this.core.request(request, { onAccept: settle, onRedirect: settle, onReject: settle });
      this.#waiting.add(give);
      deadline.addEventListener('abort', () => { give(signal.aborted ? signal.reason as Error : silent()); }, { once: true });
    }));
  }

  /** Hands a message of the server to sip.js. Not a NOTIFY: it is answered 200 whatever dialog it names, since REGISTER subscribes implicitly. */
  receive(message: SipMessage, text: string): void {
    try {
      const parsed = message.isRequest ? Parser.parseMessage(text, silentLogger.getLogger('sip.parser')) : incomingResponse(message, text);
      if (parsed === undefined) this.note(`this cannot be read: ${message.toString().split('\r\n', 1)[0]}`);
      else if (!(parsed instanceof IncomingRequestMessage)) this.core.receiveIncomingResponseFromTransport(parsed);
      else if (parsed.method === 'NOTIFY') this.core.replyStateless(parsed, { statusCode: 200 });
      else if (parsed.method === 'INVITE' && this.core.userAgentServers.size >= mostIncoming) this.core.replyStateless(parsed, { statusCode: 503 });
      else this.core.receiveIncomingRequestFromTransport(parsed);
    } catch (error) {
      // Its grammar throws whatever comes to hand at a message that is strange enough.
      this.note(`sip.js failed at a message: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Ends every transaction and dialog; requests under way are rejected with `failure`. */
  dispose(failure: StageFailure): void {
    for (const give of this.#waiting) give(failure);
    this.core.dispose();
  }

  /** A line of the trace. */
  note(summary: string): void {
    this.#options.trace.record('phone', { layer: 'note', summary });
  }
}

/** Every request sip.js makes carries the epid in From (MS-SIPRE 3.2.3.1) and has the phone's shape. */
class PhoneCore extends UserAgentCore {
  readonly #endpoint: Endpoint;

  constructor({ endpoint, transport, contactUri }: UserAgentOptions, self: URI) {
    const contact = { uri: readUri(endpoint.contactUri), pubGruu: undefined, tempGruu: undefined, toString: () => `<${contactUri()}>` };
    super({
      aor: self, contact, displayName: '', loggerFactory: silentLogger, hackViaTcp: false, routeSet: [], sipjsId: '',
      supportedOptionTags: [], supportedOptionTagsResponse: [], userAgentHeaderFieldValue: endpoint.userAgent, viaForceRport: false,
      viaHost: endpoint.sentBy, authenticationFactory: () => undefined, transportAccessor: () => transport,
    });
    this.#endpoint = endpoint;
  }

  override makeOutgoingRequestMessage(
    method: string, requestUri: URI, from: URI, to: URI, options: OutgoingRequestMessageOptions, extraHeaders?: string[], body?: Body,
  ): OutgoingRequestMessage {
    const request = new PhoneRequest(method, requestUri, from, to, { viaHost: this.#endpoint.sentBy, ...options }, extraHeaders, body);
    request.setHeader('From', `${request.from.toString()};epid=${this.#endpoint.epid}`);
    return request;
  }
}

/** Reads a SIP URI as sip.js does. Throws `StageFailure` `credentials-refused` for anything it could not write again. */
export function readUri(text: string): URI {
  const uri = Grammar.URIParse(text);
  try {
    // It writes the user part by decoding it first, which not every escape it reads allows.
    if (uri?.toRaw() !== undefined) return uri;
  } catch {
    // Falls through to the sentence.
  }
  throw new StageFailure('credentials-refused', 'stop', `${JSON.stringify(text)} is not a SIP URI.`, { facts: { uri: text } });
}
