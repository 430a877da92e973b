import { Failure } from '../../failure.js';

/** HandshakeType, RFC 5246 section 7.4. */
export const handshakeType = { helloRequest: 0, serverHello: 2, certificate: 11 } as const;

const headerLength = 4;
/** A chain of ten large certificates fits several times. */
const longestMessage = 128 * 1024;

export interface HandshakeMessage {
  type: number;
  body: Buffer;
}

/**
 * Reassembles handshake messages from the fragments of handshake records: several may share a record, and one may span many
 * (RFC 5246 section 6.2.1). A message of more than 128 kB is a `Failure` (`tls/oversized`).
 */
export class HandshakeReader {
  #fragments: Buffer[] = [];
  #length = 0;
  #needed = headerLength;

  push(fragment: Buffer): void {
    if (fragment.length === 0) return;
    this.#fragments.push(fragment);
    this.#length += fragment.length;
  }

  /** The next complete message; undefined until more fragments come. */
  next(): HandshakeMessage | undefined {
    if (this.#length < this.#needed) return undefined;
    const bytes = this.#joined();
    const end = headerLength + bytes.readUIntBE(1, 3);
    if (end > longestMessage) {
      throw new Failure('tls/oversized', `The peer announced a handshake message of ${end} bytes; at most ${longestMessage} are read.`, {
        facts: { announced: end, limit: longestMessage },
      });
    }
    if (bytes.length < end) {
      this.#needed = end;
      return undefined;
    }
    this.#needed = headerLength;
    this.#length = bytes.length - end;
    this.#fragments = this.#length === 0 ? [] : [bytes.subarray(end)];
    return { type: bytes.readUInt8(0), body: bytes.subarray(headerLength, end) };
  }

  /** The type of the message that has begun and is not complete yet. */
  get unfinished(): number | undefined {
    return this.#fragments[0]?.[0];
  }

  #joined(): Buffer {
    const [only, ...more] = this.#fragments;
    const bytes = only !== undefined && more.length === 0 ? only : Buffer.concat(this.#fragments);
    this.#fragments = [bytes];
    return bytes;
  }
}

/** What the server chose. */
export interface ServerHello {
  /** `TLSv1`, `TLSv1.1`, `TLSv1.2`, or the number in hex when it is none of them. */
  version: string;
  /** Code point of the cipher suite. */
  cipherSuite: number;
}

const versionNames: Readonly<Record<number, string>> = { 0x0301: 'TLSv1', 0x0302: 'TLSv1.1', 0x0303: 'TLSv1.2' };

/** Reads the body of a ServerHello (RFC 5246 section 7.4.1.3): version, 32 random bytes, session id, cipher suite. */
export function readServerHello(body: Buffer): ServerHello {
  const suiteAt = 35 + (body[34] ?? 0);
  if (body.length < suiteAt + 3) throw malformed('ServerHello');
  const version = body.readUInt16BE(0);
  return { version: versionNames[version] ?? `0x${version.toString(16).padStart(4, '0')}`, cipherSuite: body.readUInt16BE(suiteAt) };
}

/** Reads the body of a Certificate message (RFC 5246 section 7.4.2): the certificates as DER, the server's own first. */
export function readCertificateList(body: Buffer): Buffer[] {
  if (body.length < 3 || body.readUIntBE(0, 3) !== body.length - 3) throw malformed('Certificate');
  const chain: Buffer[] = [];
  for (let at = 3; at < body.length;) {
    if (at + 3 > body.length) throw malformed('Certificate');
    const end = at + 3 + body.readUIntBE(at, 3);
    if (end > body.length) throw malformed('Certificate');
    chain.push(body.subarray(at + 3, end));
    at = end;
  }
  return chain;
}

function malformed(message: string): Failure {
  return new Failure('tls/malformed', `The peer's ${message} message is cut short or its lengths contradict each other.`, { facts: { message } });
}
