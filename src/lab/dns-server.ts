import type { Trace } from '../trace/trace.js';
import {
  decodeMessage, encodeMessage, internetClass, recordTypes, responseCodes, type DnsMessage, type Question, type ResourceRecord,
} from '../protocol/dns/message.js';
import { canonicalName, sameName } from '../protocol/dns/name.js';
import { listenForDatagrams, type DatagramService } from './datagram-listener.js';
import type { DnsRecord } from './topology-schema.js';

export interface DnsServerOptions {
  /** Read at every question. */
  records: () => readonly DnsRecord[];
  trace: Trace;
  bindAddress: string;
  /** 0, the default, takes a free one. */
  port?: number;
}

/** What a datagram holds without EDNS (RFC 1035 section 4.2.1). */
const longestDatagram = 512;
const anyType = 255;

/**
 * A name server with authority over every name there is: what its records do not name does not exist. Answers A and SRV
 * questions over UDP (RFC 1035, RFC 2782), with the addresses of SRV targets beside them.
 */
export function startDnsServer(options: DnsServerOptions): Promise<DatagramService> {
  const { trace, bindAddress, port = 0 } = options;
  return listenForDatagrams({ actor: 'dns', trace, bindAddress, port }, (datagram, from) => {
    const peer = `${from.address}:${from.port}`;
    const query = decodeMessage(datagram);
    // Answering a response, two servers could talk for ever.
    if (query.response) return undefined;
    const [question] = query.questions;
    const asked = question === undefined ? 'a message without a question' : `${typeName(question.type)} ${question.name}`;
    trace.record('dns', { layer: 'dns', direction: 'received', peer, summary: asked });
    const response = answerQuery(query, options.records());
    trace.record('dns', { layer: 'dns', direction: 'sent', peer, summary: `${asked} -> ${outcome(response)}` });
    const encoded = encodeMessage(response);
    if (encoded.length <= longestDatagram) return encoded;
    return encodeMessage({ ...response, truncated: true, answers: [], additionals: [] });
  });
}

function answerQuery(query: DnsMessage, records: readonly DnsRecord[]): DnsMessage {
  const response: DnsMessage = {
    ...query, response: true, authoritative: true, truncated: false, recursionAvailable: false,
    responseCode: responseCodes.noError, answers: [], authorities: [], additionals: [],
  };
  if (query.opcode !== 0) return { ...response, authoritative: false, responseCode: responseCodes.notImplemented };
  const [question] = query.questions;
  if (question === undefined || query.questions.length > 1) return { ...response, authoritative: false, responseCode: responseCodes.formatError };
  if (question.class !== internetClass) return { ...response, authoritative: false, responseCode: responseCodes.refused };
  if (!exists(question.name, records)) return { ...response, responseCode: responseCodes.nameError };
  const answers = records.filter((record) => matches(record, question)).map(resourceRecord);
  const targets = new Set(answers.flatMap((answer) => answer.type === 'SRV' ? [canonicalName(answer.target)] : []));
  const additionals = records.filter((record) => record.type === 'A' && targets.has(canonicalName(record.name))).map(resourceRecord);
  return { ...response, answers, additionals };
}

function matches(record: DnsRecord, question: Question): boolean {
  return sameName(record.name, question.name) && (question.type === anyType || question.type === recordTypes[record.type]);
}

/** Whether the name has records or stands above one that has (RFC 8020), as the root does: it is not NXDOMAIN, it only lacks the type. */
function exists(name: string, records: readonly DnsRecord[]): boolean {
  const canonical = canonicalName(name);
  return canonical === '' || records.some((record) => `.${canonicalName(record.name)}`.endsWith(`.${canonical}`));
}

function resourceRecord(record: DnsRecord): ResourceRecord {
  // No caching, so that a record changed while the lab runs counts at once.
  const common = { name: record.name, class: internetClass, ttl: 0 };
  return record.type === 'A'
    ? { ...common, type: 'A', address: record.address }
    : { ...common, type: 'SRV', priority: record.priority, weight: record.weight, port: record.port, target: record.target };
}

function typeName(code: number): string {
  return Object.entries(recordTypes).find(([, value]) => value === code)?.[0] ?? `type ${code}`;
}

function outcome(response: DnsMessage): string {
  if (response.responseCode === responseCodes.nameError) return 'no such name';
  if (response.responseCode !== responseCodes.noError) return `error ${response.responseCode}`;
  const answers = response.answers.flatMap((answer) => answer.type === 'A' ? [answer.address] : answer.type === 'SRV' ? [`${answer.target}:${answer.port}`] : []);
  return answers.join(', ') || 'no such record';
}
