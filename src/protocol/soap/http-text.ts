import { Failure } from '../../failure.js';
import { redactSecrets } from './redaction.js';
import { parseXml, type XmlElement } from './xml.js';

/** The body of an HTTP message that should be XML: parsed once, for whoever acts on it and for the trace. */
export class XmlBody {
  readonly bytes: Buffer;
  #read: XmlElement | Failure | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** The root element. Throws `xml/...` as `parseXml` does. */
  get root(): XmlElement {
    const read = this.#parse();
    if (read instanceof Failure) throw read;
    return read;
  }

  /** The text with its secrets taken out; what is no XML might hold secrets anywhere and is given by its length alone. */
  get redacted(): string {
    if (this.bytes.length === 0) return '';
    const read = this.#parse();
    return read instanceof Failure ? `[${this.bytes.length} bytes that are not XML]` : redactSecrets(read);
  }

  #parse(): XmlElement | Failure {
    try {
      return this.#read ??= parseXml(this.bytes);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return this.#read = error;
    }
  }
}

/** Node's raw headers, name and value in turn, as pairs. */
export function headerPairs(rawHeaders: readonly string[]): [name: string, value: string][] {
  return rawHeaders.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? '']] : []));
}

/** Characters of one message that the trace keeps. */
const mostText = 64 * 1024;

/** An HTTP message as text for the trace, without authentication tokens and without the secrets of its body. What is very long is cut. */
export function describeHttp(startLine: string, headers: Iterable<readonly [name: string, value: string]>, body: XmlBody): string {
  const lines = [...headers].map(([name, value]) => `${name}: ${/^(www-)?authenticate$|^authorization$/i.test(name) ? redactToken(value) : value}`);
  const text = [startLine, ...lines, '', body.redacted].join('\r\n');
  return text.length <= mostText ? text : `${text.slice(0, mostText)}\r\n[${text.length - mostText} more characters]`;
}

/** `NTLM TlRM...` becomes `NTLM [redacted]`; a bare scheme stays. */
function redactToken(value: string): string {
  return value.replace(/^(\S+)\s+\S.*$/s, '$1 [redacted]');
}
