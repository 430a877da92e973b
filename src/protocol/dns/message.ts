import { Failure } from '../../failure.js';
import { decodeName, encodeName } from './name.js';

/** RFC 1035 section 3.2.2, RFC 2782. */
export const recordTypes = { A: 1, CNAME: 5, SRV: 33 } as const;
export const internetClass = 1;

/** RFC 1035 section 4.1.1. */
export const responseCodes = { noError: 0, formatError: 1, serverFailure: 2, nameError: 3, notImplemented: 4, refused: 5 } as const;

export interface Question {
  name: string;
  /** A number of `recordTypes` or any other. */
  type: number;
  class: number;
}

export type ResourceRecord = { name: string; class: number; /** Seconds. */ ttl: number } & (
  | { type: 'A'; address: string }
  | { type: 'CNAME'; target: string }
  | { type: 'SRV'; priority: number; weight: number; port: number; target: string }
  | { type: 'other'; code: number; data: Buffer }
);

/** A DNS message (RFC 1035 section 4). */
export interface DnsMessage {
  id: number;
  response: boolean;
  /** 0 is a standard query. */
  opcode: number;
  authoritative: boolean;
  truncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  responseCode: number;
  questions: Question[];
  answers: ResourceRecord[];
  authorities: ResourceRecord[];
  additionals: ResourceRecord[];
}

/** The message as one datagram carries it; names are not compressed. Throws `dns/name` for a name without a wire form. */
export function encodeMessage(message: DnsMessage): Buffer {
  const flags = (message.response ? 0x8000 : 0) | ((message.opcode & 0xf) << 11) | (message.authoritative ? 0x0400 : 0)
    | (message.truncated ? 0x0200 : 0) | (message.recursionDesired ? 0x0100 : 0) | (message.recursionAvailable ? 0x0080 : 0)
    | (message.responseCode & 0xf);
  const { questions, answers, authorities, additionals } = message;
  return Buffer.concat([
    words(message.id, flags, questions.length, answers.length, authorities.length, additionals.length),
    ...questions.flatMap((question) => [encodeName(question.name), words(question.type, question.class)]),
    ...[...answers, ...authorities, ...additionals].map(encodeRecord),
  ]);
}

function encodeRecord(record: ResourceRecord): Buffer {
  const ttl = Buffer.alloc(4);
  ttl.writeUInt32BE(record.ttl >>> 0);
  const code = record.type === 'other' ? record.code : recordTypes[record.type];
  const data = recordData(record);
  return Buffer.concat([encodeName(record.name), words(code, record.class), ttl, words(data.length), data]);
}

function recordData(record: ResourceRecord): Buffer {
  switch (record.type) {
    case 'A': return Buffer.from(record.address.split('.').map(Number));
    case 'CNAME': return encodeName(record.target);
    case 'SRV': return Buffer.concat([words(record.priority, record.weight, record.port), encodeName(record.target)]);
    case 'other': return record.data;
  }
}

/** Reads a datagram. Throws `dns/malformed` for whatever is not one whole message. */
export function decodeMessage(datagram: Buffer): DnsMessage {
  const reader = new Reader(datagram);
  const id = reader.word();
  const flags = reader.word();
  const [questions, answers, authorities, additionals] = [reader.word(), reader.word(), reader.word(), reader.word()];
  return {
    id,
    response: (flags & 0x8000) !== 0,
    opcode: (flags >> 11) & 0xf,
    authoritative: (flags & 0x0400) !== 0,
    truncated: (flags & 0x0200) !== 0,
    recursionDesired: (flags & 0x0100) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    responseCode: flags & 0xf,
    // The counts are the sender's claim: each entry takes bytes, so reading stops with an error where the datagram ends.
    questions: times(questions, () => ({ name: reader.name(), type: reader.word(), class: reader.word() })),
    answers: times(answers, () => readRecord(reader)),
    authorities: times(authorities, () => readRecord(reader)),
    additionals: times(additionals, () => readRecord(reader)),
  };
}

function readRecord(reader: Reader): ResourceRecord {
  const name = reader.name();
  const code = reader.word();
  const common = { name, class: reader.word(), ttl: reader.word() * 0x10000 + reader.word() };
  const length = reader.word();
  const end = reader.at + length;
  const record = ((): ResourceRecord => {
    switch (code) {
      case recordTypes.A: return { ...common, type: 'A', address: [...reader.bytes(4)].join('.') };
      case recordTypes.CNAME: return { ...common, type: 'CNAME', target: reader.name() };
      case recordTypes.SRV:
        return { ...common, type: 'SRV', priority: reader.word(), weight: reader.word(), port: reader.word(), target: reader.name() };
      default: return { ...common, type: 'other', code, data: reader.bytes(length) };
    }
  })();
  if (reader.at !== end) throw malformed(`a record of type ${code} does not fill its ${length} bytes`);
  return record;
}

class Reader {
  at = 0;
  readonly #datagram: Buffer;

  constructor(datagram: Buffer) {
    this.#datagram = datagram;
  }

  bytes(count: number): Buffer {
    const end = this.at + count;
    if (end > this.#datagram.length) throw malformed(`it ends after ${this.#datagram.length} bytes`);
    const bytes = this.#datagram.subarray(this.at, end);
    this.at = end;
    return bytes;
  }

  word(): number {
    return this.bytes(2).readUInt16BE();
  }

  name(): string {
    const { name, end } = decodeName(this.#datagram, this.at);
    this.at = end;
    return name;
  }
}

function times<T>(count: number, read: () => T): T[] {
  const all: T[] = [];
  for (let index = 0; index < count; index++) all.push(read());
  return all;
}

function words(...values: number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => buffer.writeUInt16BE(value, index * 2));
  return buffer;
}

function malformed(what: string): Failure {
  return new Failure('dns/malformed', `A DNS message could not be read: ${what}.`);
}
