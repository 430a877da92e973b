import { randomInt } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type { Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import { within } from '../../network/deadline.js';
import type { Network } from '../../network/network.js';
import type { DnsAnswered } from '../../trace/event.js';
import type { Trace } from '../../trace/trace.js';
import { decodeMessage, encodeMessage, internetClass, recordTypes, responseCodes, type DnsMessage, type Question, type ResourceRecord } from './message.js';
import { canonicalName, encodeName, sameName } from './name.js';
import { exchangeOverTcp } from './tcp-exchange.js';

export interface ResolverOptions {
  network: Network;
  trace: Trace;
  clock: Clock;
  /** Milliseconds each name server has for its answer. */
  timeout: number;
  signal: AbortSignal;
}

/** How a question ended. Only `found` comes with records. */
type LookupOutcome =
  | 'found'
  /** NXDOMAIN, or a name that no DNS message can ask for: it does not exist. */
  | 'no-such-name'
  /** The name exists, without records of this type. */
  | 'no-data'
  /** A server answered REFUSED, or its port was closed. */
  | 'refused'
  /** A server answered with another error, or with something unusable. */
  | 'server-failure'
  /** No server answered in time. */
  | 'timeout'
  /** No route leads to any server. */
  | 'no-route'
  /** The network names no server to ask. */
  | 'no-name-server';

export interface Lookup<Record> {
  /** `SRV _sipinternaltls._tcp.contoso.lab`. */
  question: string;
  /** What came back, for people: `sip.contoso.lab:5061`, `no such name`, `10.0.0.2 did not answer within 2000 ms`. */
  answer: string;
  outcome: LookupOutcome;
  records: readonly Record[];
}

export interface ServiceTarget {
  /** Without a dot at its end. */
  target: string;
  port: number;
  priority: number;
  weight: number;
}

/** What one server made of a question. */
type Reply = { outcome: LookupOutcome; answer: string; records: readonly ResourceRecord[] };

/** What a server says there is, or is not; nobody else is asked then. */
const conclusive: ReadonlySet<LookupOutcome> = new Set(['found', 'no-such-name', 'no-data']);
const dnsPort = 53;
/** What keeping a question from a server amounts to. */
const outcomes: Readonly<Record<string, LookupOutcome>> = { 'network/refused': 'refused', 'network/no-route': 'no-route' };
/** More CNAMEs in a row than this are taken for a loop. */
const longestAliasChain = 8;

/**
 * A stub resolver (RFC 1035) over the datagrams of a `Network`: the name servers are asked in order, once each, until one
 * says what there is or that there is nothing. An answer cut short is asked for again over TCP (RFC 7766 section 5; that a phone does
 * so is assumed). It keeps no cache. Each message is recorded in the trace under the actor `phone`, the only one that asks. Its methods
 * reject only when `signal` aborts.
 */
export class Resolver {
  readonly #options: ResolverOptions;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /**
   * The hosts of a service, lowest priority number first and, among equals, highest weight first: RFC 2782 draws lots by
   * weight there, which would make two runs of the same rehearsal differ. A target of `.` (service not available) is left out.
   */
  async srv(name: string): Promise<Lookup<ServiceTarget>> {
    return this.#lookup('SRV', name, (records) => records
      .flatMap((record) => record.type === 'SRV' && record.target !== '.' ? [record] : [])
      .sort((a, b) => a.priority - b.priority || b.weight - a.weight)
      .map(({ target, port, priority, weight }) => ({ target, port, priority, weight })));
  }

  /** The IPv4 addresses of a host, in the order of the answer; an address is its own answer and nobody is asked. */
  async addresses(name: string): Promise<Lookup<string>> {
    if (isIPv4(name)) return { question: `A ${name}`, answer: name, outcome: 'found', records: [name] };
    return this.#lookup('A', name, (records) => records.flatMap((record) => record.type === 'A' ? [record.address] : []));
  }

  async #lookup<T>(type: 'A' | 'SRV', name: string, select: (records: readonly ResourceRecord[]) => T[]): Promise<Lookup<T>> {
    const question = `${type} ${canonicalName(name)}`;
    const reply = await this.#askAll(type, canonicalName(name), question);
    const records = select(reply.records);
    if (reply.outcome === 'found' && records.length === 0) return { question, outcome: 'no-data', answer: reply.answer, records };
    return { question, outcome: reply.outcome, answer: reply.answer, records };
  }

  async #askAll(type: 'A' | 'SRV', name: string, question: string): Promise<Reply> {
    const asked: Question = { name, type: recordTypes[type], class: internetClass };
    let last: LookupOutcome = 'no-name-server';
    const failures: string[] = [];
    if (!isName(name)) return { outcome: 'no-such-name', answer: 'not a domain name', records: [] };
    for (const server of this.#options.network.nameServers) {
      const reply = await this.#ask(server, asked, question);
      this.#options.signal.throwIfAborted();
      if (conclusive.has(reply.outcome)) return reply;
      last = reply.outcome;
      failures.push(reply.answer);
    }
    return { outcome: last, answer: failures.join('; ') || 'no name server is known', records: [] };
  }

  async #ask(server: string, asked: Question, question: string): Promise<Reply> {
    const { network, trace, timeout } = this.#options;
    const id = randomInt(0x10000);
    const query = encodeMessage({
      id, response: false, opcode: 0, authoritative: false, truncated: false, recursionDesired: true, recursionAvailable: false,
      responseCode: responseCodes.noError, questions: [asked], answers: [], authorities: [], additionals: [],
    });
    const peer = `${server}:${dnsPort}`;
    const received = (reply: Reply): Reply => {
      // Only what a server said counts as its answer, not what kept it from answering.
      const answered = conclusive.has(reply.outcome) ? { answered: { name: asked.name, records: reply.records.flatMap(inTrace) } } : {};
      trace.record('phone', { layer: 'dns', direction: 'received', peer, summary: `${question} -> ${reply.answer}`, ...answered });
      return reply;
    };
    trace.record('phone', { layer: 'dns', direction: 'sent', peer, summary: question });
    return within(this.#options, timeout, async (signal) => {
      const whole = async (cut: DnsMessage): Promise<DnsMessage> => {
        trace.record('phone', { layer: 'dns', direction: 'sent', peer, summary: `${question} over TCP, since the answer was cut short` });
        const answer = await exchangeOverTcp(network, { address: server, port: dnsPort }, query, signal);
        return (answer && answerTo(answer, id, asked)) ?? cut;
      };
      try {
        for await (const datagram of network.datagrams({ address: server, port: dnsPort }, query, { signal })) {
          const message = answerTo(datagram, id, asked);
          if (message !== undefined) return received(replyOf(message.truncated ? await whole(message) : message, server, asked));
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        return received({ outcome: outcomes[error.code] ?? 'server-failure', answer: error.message.replace(/\.$/, ''), records: [] });
      }
      return { outcome: 'timeout', answer: `${server} did not answer within ${timeout} ms`, records: [] };
    });
  }
}

function isName(name: string): boolean {
  try {
    return encodeName(name).length > 1;
  } catch {
    return false;
  }
}

/** The message, if the datagram is one that answers this very question; anything else is not ours and is passed over. */
function answerTo(datagram: Buffer, id: number, asked: Question): DnsMessage | undefined {
  let message: DnsMessage;
  try {
    message = decodeMessage(datagram);
  } catch {
    return undefined;
  }
  const [question] = message.questions;
  const ours = message.response && message.id === id && message.opcode === 0 && message.questions.length === 1
    && question !== undefined && question.type === asked.type && question.class === asked.class && sameName(question.name, asked.name);
  return ours ? message : undefined;
}

function replyOf(message: DnsMessage, server: string, asked: Question): Reply {
  switch (message.responseCode) {
    case responseCodes.noError: break;
    case responseCodes.nameError: return { outcome: 'no-such-name', answer: 'no such name', records: [] };
    case responseCodes.refused: return { outcome: 'refused', answer: `${server} refused the question`, records: [] };
    default:
      return { outcome: 'server-failure', answer: `${server} answered with error ${message.responseCode}`, records: [] };
  }
  if (message.truncated) return { outcome: 'server-failure', answer: `${server} sent an answer cut short`, records: [] };
  const records = answersOwnedBy(message.answers, asked);
  if (records.length === 0) return { outcome: 'no-data', answer: 'no such record', records };
  return { outcome: 'found', answer: records.map(recordText).join(', '), records };
}

/** The records of the asked type that belong to the asked name, or to the name that CNAME records lead to from it. */
function answersOwnedBy(answers: readonly ResourceRecord[], asked: Question): ResourceRecord[] {
  let owner = asked.name;
  for (let step = 0; step < longestAliasChain; step++) {
    const mine = answers.filter((record) => record.class === internetClass && sameName(record.name, owner));
    const found = mine.filter((record) => record.type !== 'other' && recordTypes[record.type] === asked.type);
    if (found.length > 0) return found;
    const alias = mine.find((record) => record.type === 'CNAME');
    if (alias?.type !== 'CNAME') return [];
    owner = alias.target;
  }
  return [];
}

function inTrace(record: ResourceRecord): DnsAnswered['records'] {
  switch (record.type) {
    case 'A': return [{ type: 'A', address: record.address }];
    case 'SRV': return [{ type: 'SRV', target: record.target, port: record.port, priority: record.priority, weight: record.weight }];
    default: return [];
  }
}

function recordText(record: ResourceRecord): string {
  switch (record.type) {
    case 'A': return record.address;
    case 'CNAME': return record.target;
    case 'SRV': return `${record.target}:${record.port}`;
    case 'other': return `type ${record.code}`;
  }
}
