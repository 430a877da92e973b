import { Failure } from '../../failure.js';

/** RFC 1035 section 2.3.4. */
const longestLabel = 63;
const longestName = 255;
/** What a label may hold here: printable ASCII without the dot, so that a name is its own readable text. */
const label = /^[!-\-/-~]+$/;

/**
 * The labels of `name` as RFC 1035 section 3.1 writes them, without compression, closing zero included. `.` is the root.
 * Throws `dns/name` for a name that has no such form.
 */
export function encodeName(name: string): Buffer {
  const text = name.endsWith('.') ? name.slice(0, -1) : name;
  const labels = text === '' ? [] : text.split('.');
  for (const part of labels) {
    if (part.length > longestLabel || !label.test(part)) {
      throw new Failure('dns/name', `'${name}' is no domain name: '${part}' cannot be one of its labels.`, { facts: { name } });
    }
  }
  const encoded = Buffer.concat([...labels.flatMap((part) => [Buffer.of(part.length), Buffer.from(part, 'latin1')]), Buffer.of(0)]);
  if (encoded.length > longestName) {
    throw new Failure('dns/name', `'${name}' is longer than the ${longestName} bytes a domain name may have.`, { facts: { name } });
  }
  return encoded;
}

/**
 * Reads the name at `offset`, following compression pointers (RFC 1035 section 4.1.4). A pointer must lead backwards, so a
 * name cannot loop. `end` is the offset after the name where it stands. Throws `dns/malformed`.
 */
export function decodeName(message: Buffer, offset: number): { name: string; end: number } {
  const labels: string[] = [];
  let length = 1;
  let end: number | undefined;
  let start = offset;
  let at = offset;
  for (;;) {
    const size = message[at];
    if (size === undefined) throw malformed('a domain name ends early', offset);
    if (size === 0) return { name: labels.length === 0 ? '.' : labels.join('.'), end: end ?? at + 1 };
    if (size >= 0xc0) {
      const low = message[at + 1];
      if (low === undefined) throw malformed('a domain name ends early', offset);
      end ??= at + 2;
      at = ((size & 0x3f) << 8) | low;
      if (at >= start) throw malformed('a compression pointer does not lead backwards', offset);
      start = at;
      continue;
    }
    if (size > longestLabel) throw malformed('a label has neither a length nor a pointer', offset);
    const text = message.toString('latin1', at + 1, at + 1 + size);
    if (text.length < size) throw malformed('a domain name ends early', offset);
    if (!label.test(text)) throw malformed('a label holds bytes that are not part of a host name', offset);
    length += size + 1;
    if (length > longestName) throw malformed(`a domain name is longer than ${longestName} bytes`, offset);
    labels.push(text);
    at += size + 1;
  }
}

/** Whether two names are the same to DNS: letter case and a dot at the end do not count (RFC 1035 section 2.3.3). */
export function sameName(a: string, b: string): boolean {
  return canonicalName(a) === canonicalName(b);
}

/** `name` in lower case without the dot at its end. */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function malformed(what: string, offset: number): Failure {
  return new Failure('dns/malformed', `A name could not be read at byte ${offset}: ${what}.`);
}
