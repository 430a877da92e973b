import { Failure } from '../../failure.js';
import { mostBodyBytes, mostHeaderBytes, parseStartLine } from './message.js';

/** What a stream of SIP carries: messages, and the empty lines between them that keep it alive (MS-CONMGMT 3.4.5). */
export type SipFrame =
  | { kind: 'message'; bytes: Buffer }
  | { kind: 'keep-alive' };

/**
 * Cuts a byte stream into SIP messages by Content-Length, which counts bytes (RFC 3261 section 18.3). Empty lines between
 * messages are skipped (section 7.5); each run of them read at once is one keep-alive.
 */
export class SipFramer {
  #pending: Buffer[] = [];
  #length = 0;
  /** Bytes that must be there before it is worth looking again. */
  #needed = 1;

  /** True when part of a message has arrived and the rest has not. */
  get midMessage(): boolean {
    return this.#length > 0;
  }

  /**
   * Yields what `chunk` completes; iterate it to the end before the next call. Throws `Failure` `sip/garbage`, `sip/oversize` or
   * `sip/no-content-length` after the good frames before the fault; the stream cannot be read any further then.
   */
  *push(chunk: Buffer): Generator<SipFrame, void, undefined> {
    this.#pending.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      const bytes = this.#pending.length === 1 ? this.#pending[0] ?? Buffer.alloc(0) : Buffer.concat(this.#pending);
      const blank = /^[\r\n]+/.exec(bytes.toString('latin1', 0, 256));
      if (blank) {
        this.#keep(bytes.subarray(blank[0].length), 1);
        // A lone CR or LF may be half of a pair; only a whole empty line counts.
        if (blank[0].includes('\r\n')) yield { kind: 'keep-alive' };
        continue;
      }
      const end = messageEnd(bytes);
      if (end > bytes.length) {
        this.#keep(bytes, end);
        return;
      }
      this.#keep(bytes.subarray(end), 1);
      yield { kind: 'message', bytes: bytes.subarray(0, end) };
    }
  }

  #keep(bytes: Buffer, needed: number): void {
    this.#pending = bytes.length > 0 ? [bytes] : [];
    this.#length = bytes.length;
    this.#needed = needed;
  }
}

/** Where the first message of `bytes` ends: beyond them while it is incomplete (then at least that many bytes are needed). */
function messageEnd(bytes: Buffer): number {
  checkStartLine(bytes);
  const headerEnd = bytes.indexOf('\r\n\r\n');
  if (headerEnd < 0) {
    if (bytes.length > mostHeaderBytes) throw oversize('header section', mostHeaderBytes);
    return bytes.length + 1;
  }
  if (headerEnd > mostHeaderBytes) throw oversize('header section', mostHeaderBytes);
  const headers = bytes.toString('latin1', 0, headerEnd);
  const lengths = new Set([...headers.matchAll(/\r\n(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*)/gi)].map((match) => match[1]?.trimEnd()));
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined || !/^\d{1,9}$/.test(length)) {
    throw new Failure('sip/no-content-length', 'A SIP message on a stream has no Content-Length, or not a single whole number.');
  }
  if (Number(length) > mostBodyBytes) throw oversize('body', mostBodyBytes);
  return headerEnd + 4 + Number(length);
}

/** Whoever speaks something else is told so at the first line, not after 64 kB. */
function checkStartLine(bytes: Buffer): void {
  const lineEnd = bytes.indexOf('\r\n');
  const line = bytes.toString('latin1', 0, lineEnd < 0 ? Math.min(bytes.length, 80) : lineEnd);
  const plausible = lineEnd < 0 ? /^[\x21-\x7e][\x20-\x7e]*\r?$/.test(line) : parseStartLine(line) !== undefined;
  if (!plausible) {
    throw new Failure('sip/garbage', `A SIP message was expected, but ${JSON.stringify(line.slice(0, 80))} came.`);
  }
}

function oversize(what: string, limit: number): Failure {
  return new Failure('sip/oversize', `A SIP message has a ${what} of more than ${limit} bytes.`);
}
