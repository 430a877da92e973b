import { Failure } from '../../failure.js';

/** Header section, start line included, in bytes: a TLS-DSK leg carries a certificate chain in one header line. */
export const mostHeaderBytes = 64 * 1024;
/** Body, in bytes. */
export const mostBodyBytes = 1024 * 1024;

export type StartLine =
  | { kind: 'request'; method: string; uri: string }
  | { kind: 'response'; status: number; reason: string };

export interface SipHeader {
  name: string;
  value: string;
}

const token = /^[A-Za-z0-9\-.!%*_+`'~]+$/;
const requestLine = /^([A-Za-z0-9\-.!%*_+`'~]+) (\S+) SIP\/2\.0$/;
const statusLine = /^SIP\/2\.0 ([1-6]\d\d)(?: (.*))?$/;

/** RFC 3261 section 7.3.3 and the registrations of later RFCs. */
const compactForms: ReadonlyMap<string, string> = new Map(Object.entries({
  b: 'referred-by', c: 'content-type', e: 'content-encoding', f: 'from', i: 'call-id', k: 'supported', l: 'content-length',
  m: 'contact', o: 'event', r: 'refer-to', s: 'subject', t: 'to', u: 'allow-events', v: 'via', x: 'session-expires',
}));

function canonicalName(name: string): string {
  const lower = name.toLowerCase();
  return compactForms.get(lower) ?? lower;
}

/** Reads a request line or a status line; undefined when it is neither. */
export function parseStartLine(line: string): StartLine | undefined {
  const status = statusLine.exec(line);
  if (status) return { kind: 'response', status: Number(status[1]), reason: status[2] ?? '' };
  const request = requestLine.exec(line);
  return request ? { kind: 'request', method: request[1] ?? '', uri: request[2] ?? '' } : undefined;
}

/**
 * A SIP message as text (RFC 3261 section 7): headers in the order and the spelling they had, since signatures are made over
 * values exactly as written. `Content-Length` is written by `toBuffer` and is no part of `headers`.
 */
export class SipMessage {
  readonly startLine: StartLine;
  readonly headers: SipHeader[];
  body: Buffer;

  constructor(startLine: StartLine, headers: SipHeader[] = [], body: Buffer | string = '') {
    this.startLine = startLine;
    this.headers = headers;
    this.body = typeof body === 'string' ? Buffer.from(body) : body;
  }

  /**
   * Reads one whole message; what follows the header section is the body, whatever `Content-Length` says (`SipFramer` has cut by it).
   * Throws `Failure` `sip/malformed` or `sip/oversize`.
   */
  static parse(bytes: Buffer | string): SipMessage {
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
    const end = buffer.indexOf('\r\n\r\n');
    if (end < 0) throw new Failure('sip/malformed', 'A SIP message has no empty line that ends its header section.');
    if (end > mostHeaderBytes) throw new Failure('sip/oversize', `A SIP header section has more than ${mostHeaderBytes} bytes.`);
    if (buffer.length - end - 4 > mostBodyBytes) throw new Failure('sip/oversize', `A SIP body has more than ${mostBodyBytes} bytes.`);
    // A line that starts with white space continues the one before it (RFC 3261 section 7.3.1).
    const [first = '', ...lines] = buffer.toString('utf8', 0, end).replace(/\r\n[ \t]+/g, ' ').split('\r\n');
    const startLine = parseStartLine(first);
    if (!startLine) throw new Failure('sip/malformed', `"${first.slice(0, 80)}" is neither a SIP request line nor a status line.`);
    const headers = lines.map((line) => {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(colon, 0)).trimEnd();
      const value = line.slice(colon + 1).trim();
      if (!token.test(name) || hasLineBreak(value)) {
        throw new Failure('sip/malformed', `"${line.slice(0, 80)}" is not a SIP header line.`);
      }
      return { name, value };
    });
    const message = new SipMessage(startLine, headers, buffer.subarray(end + 4));
    message.remove('Content-Length');
    return message;
  }

  get isRequest(): boolean {
    return this.startLine.kind === 'request';
  }

  /** The method: of the request line, or in a response that of CSeq. Empty when CSeq has none. */
  get method(): string {
    return this.startLine.kind === 'request' ? this.startLine.method : this.cseq.method;
  }

  /** The status of a response; undefined in a request. */
  get status(): number | undefined {
    return this.startLine.kind === 'response' ? this.startLine.status : undefined;
  }

  /** The Request-URI; empty in a response. */
  get requestUri(): string {
    return this.startLine.kind === 'request' ? this.startLine.uri : '';
  }

  /** In a line, for a trace: `REGISTER sip:contoso.lab`, `401 Unauthorized (REGISTER)`. */
  get summary(): string {
    const { startLine } = this;
    return startLine.kind === 'request' ? `${startLine.method} ${startLine.uri}` : `${startLine.status} ${startLine.reason} (${this.method})`;
  }

  /** Number and method of CSeq as written; empty strings where they are missing. */
  get cseq(): { number: string; method: string } {
    const [number = '', method = ''] = (this.get('CSeq') ?? '').split(/\s+/);
    return { number, method };
  }

  /** `application/xml` of Content-Type: in lower case, without parameters; empty without one. */
  get mediaType(): string {
    return (this.get('Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  }

  /** The first header of that name, long or compact, in any case. */
  get(name: string): string | undefined {
    const wanted = canonicalName(name);
    return this.headers.find((header) => canonicalName(header.name) === wanted)?.value;
  }

  /** Every header of that name, a line each, in order. */
  getAll(name: string): string[] {
    const wanted = canonicalName(name);
    return this.headers.filter((header) => canonicalName(header.name) === wanted).map((header) => header.value);
  }

  /** Appends a header line. */
  add(name: string, value: string): this {
    this.headers.push({ name, value });
    return this;
  }

  /** Removes every header of that name. */
  remove(name: string): this {
    const unwanted = canonicalName(name);
    for (let at = this.headers.length - 1; at >= 0; at--) {
      if (canonicalName(this.headers[at]?.name ?? '') === unwanted) this.headers.splice(at, 1);
    }
    return this;
  }

  /** Bytes for the wire, with `Content-Length`. Throws `sip/malformed` rather than let a value start a header of its own. */
  toBuffer(): Buffer {
    const { startLine } = this;
    const first = startLine.kind === 'request'
      ? `${startLine.method} ${startLine.uri} SIP/2.0`
      : `SIP/2.0 ${startLine.status} ${startLine.reason}`;
    const lines = [first, ...this.headers.map(({ name, value }) => `${name}: ${value}`), `Content-Length: ${this.body.length}`];
    const unsafe = lines.find(hasLineBreak);
    if (unsafe !== undefined) throw new Failure('sip/malformed', `A SIP header line may not contain a line break: "${unsafe.slice(0, 80)}".`);
    return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), this.body]);
  }

  /** The message as text. */
  toString(): string {
    return this.toBuffer().toString('utf8');
  }
}

function hasLineBreak(text: string): boolean {
  return text.includes('\r') || text.includes('\n') || text.includes('\0');
}
