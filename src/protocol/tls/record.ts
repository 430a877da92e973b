import { Failure } from '../../failure.js';

/** ContentType, RFC 5246 section 6.2.1. */
export const contentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const;

const headerLength = 5;
/** A protected fragment may exceed the plaintext's 2^14 bytes by 2048 (RFC 5246 section 6.2.3). */
const longestFragment = 2 ** 14 + 2048;

/** One record of the TLS record layer. */
export interface TlsRecord {
  type: number;
  /** As on the wire: 0x0301 is TLS 1.0, 0x0303 is TLS 1.2. */
  version: number;
  fragment: Buffer;
  /** Header and fragment. */
  bytes: Buffer;
}

/**
 * Cuts a byte stream into TLS records (RFC 2246 and RFC 5246, section 6.2.1), however it was split on the way.
 * What cannot be TLS is a `Failure` (`tls/malformed`) at the first byte that shows it.
 */
export class RecordReader {
  #pending: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): void {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
  }

  /** The next complete record; undefined until more bytes come. */
  next(): TlsRecord | undefined {
    const pending = this.#pending;
    checkHeader(pending);
    if (pending.length < headerLength) return undefined;
    const end = headerLength + pending.readUInt16BE(3);
    if (pending.length < end) return undefined;
    this.#pending = pending.subarray(end);
    return {
      type: pending.readUInt8(0), version: pending.readUInt16BE(1),
      fragment: pending.subarray(headerLength, end), bytes: pending.subarray(0, end),
    };
  }

  /** The bytes after the last complete record. */
  get rest(): Buffer {
    return this.#pending;
  }
}

function checkHeader(bytes: Buffer): void {
  const [type, major] = bytes;
  const known = type === undefined || (type >= contentType.changeCipherSpec && type <= contentType.applicationData);
  const length = bytes.length < headerLength ? 0 : bytes.readUInt16BE(3);
  if (known && (major === undefined || major === 3) && length <= longestFragment) return;
  const start = bytes.subarray(0, 8).toString('hex');
  throw new Failure('tls/malformed', `The peer sent something that is not TLS (it starts with the bytes ${start}).`, { facts: { start } });
}

/** Builds one record around a fragment. */
export function encodeRecord(type: number, version: number, fragment: Buffer): Buffer {
  const header = Buffer.alloc(headerLength);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(version, 1);
  header.writeUInt16BE(fragment.length, 3);
  return Buffer.concat([header, fragment]);
}
