import { Failure } from '../../failure.js';

/** Universal tags (X.690 section 8) as LDAP uses them, identifier octet whole. */
export const tags = { boolean: 0x01, integer: 0x02, octetString: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 } as const;

/** One element of BER as RFC 4511 section 5.1 restricts it: definite lengths, tag numbers below 31. */
export interface BerElement {
  /** The identifier octet: class, constructed bit and number. */
  tag: number;
  content: Buffer;
}

export function encodeElement(tag: number, ...content: Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0);
  const octets = length < 0x80 ? [length]
    : [length >>> 24, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff].slice(Math.clz32(length) >>> 3);
  return Buffer.concat([Buffer.of(tag, ...(length < 0x80 ? octets : [0x80 | octets.length, ...octets])), ...content]);
}

/** A non-negative INTEGER or ENUMERATED of up to 31 bits. */
export function encodeInteger(tag: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(value, 1);
  let start = 0;
  while (start < 4 && bytes[start] === 0 && (bytes[start + 1] as number) < 0x80) start++;
  return encodeElement(tag, bytes.subarray(start));
}

export function encodeText(tag: number, text: string): Buffer {
  return encodeElement(tag, Buffer.from(text, 'utf8'));
}

/** The element at `offset`, or undefined while its end has not arrived. Throws `ldap/malformed`, also when it would exceed `limit` bytes. */
export function readElement(buffer: Buffer, offset: number, limit: number): { element: BerElement; end: number } | undefined {
  const tag = buffer[offset];
  const first = buffer[offset + 1];
  if (tag === undefined || first === undefined) return undefined;
  if ((tag & 0x1f) === 0x1f) throw malformed('a tag number is above 30');
  if (first === 0x80 || first > 0x84) throw malformed('a length is indefinite or has more than four octets');
  const octets = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + octets;
  if (buffer.length < start) return undefined;
  const length = octets === 0 ? first : buffer.readUIntBE(offset + 2, octets);
  if (length > limit) throw malformed(`an element of ${length} bytes is larger than the ${limit} allowed`);
  if (buffer.length < start + length) return undefined;
  return { element: { tag, content: buffer.subarray(start, start + length) }, end: start + length };
}

/** The elements of a constructed one, in order. Throws `ldap/malformed`. */
export class BerReader {
  readonly #content: Buffer;
  #at = 0;

  constructor(content: Buffer) {
    this.#content = content;
  }

  get done(): boolean {
    return this.#at >= this.#content.length;
  }

  next(): BerElement {
    const found = readElement(this.#content, this.#at, this.#content.length);
    if (found === undefined) throw malformed('an element ends early');
    this.#at = found.end;
    return found.element;
  }

  /** The content of the next element, which must have this tag. */
  content(tag: number): Buffer {
    const element = this.next();
    if (element.tag !== tag) throw malformed(`an element has tag ${element.tag} where ${tag} was expected`);
    return element.content;
  }

  text(tag: number = tags.octetString): string {
    return this.content(tag).toString('utf8');
  }

  /** INTEGER or ENUMERATED of up to 32 bits. */
  integer(tag: number): number {
    const bytes = this.content(tag);
    if (bytes.length < 1 || bytes.length > 4) throw malformed(`a number has ${bytes.length} bytes`);
    return bytes.readIntBE(0, bytes.length);
  }

  rest(): BerElement[] {
    const all: BerElement[] = [];
    while (!this.done) all.push(this.next());
    return all;
  }
}

export function malformed(what: string): Failure {
  return new Failure('ldap/malformed', `An LDAP message could not be read: ${what}.`);
}
