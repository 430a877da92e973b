import { Failure } from '../failure.js';
import { serverIdentifierOf } from '../protocol/dhcp/lease-options.js';
import { decodeDhcpMessage, encodeDhcpMessage, messageType, messageTypes, type DhcpMessage } from '../protocol/dhcp/message.js';
import { optionCodes } from '../protocol/dhcp/options.js';
import type { MessageEvent } from '../trace/event.js';
import type { StepTools } from './steps.js';

const broadcast = '255.255.255.255';
const port = 67;
type MessageType = keyof typeof messageTypes;

export interface DhcpQuestion {
  type: MessageType;
  transactionId: number;
  /** All but the message type. */
  options: readonly (readonly [number, Buffer])[];
  /** Types of the messages that answer it. */
  answers: readonly MessageType[];
  /** The one server that is asked; default: all, by broadcast. */
  server?: string | undefined;
  /** For the trace: what is asked for. */
  summary: string;
}

/**
 * Asks DHCP servers and yields what answers: replies to this transaction and this phone, of the types expected. Everything else is passed
 * over. Ends when `signal` aborts, and where DHCP cannot be asked at all, with the reason in the trace.
 */
export async function* askDhcpServers(question: DhcpQuestion, tools: StepTools, signal: AbortSignal): AsyncGenerator<DhcpMessage, void, undefined> {
  const { type, transactionId, options, answers, server = broadcast, summary } = question;
  const request = encodeDhcpMessage({
    operation: 'request', transactionId, clientAddress: tools.network.localAddress, hardwareAddress: tools.macAddress,
    options: new Map([[optionCodes.messageType, Buffer.of(messageTypes[type])], ...options]),
  });
  tools.trace.record('phone', { layer: 'dhcp', direction: 'sent', peer: `${server}:${port}`, summary: `DHCP${type.toUpperCase()} ${summary}` });
  try {
    for await (const datagram of tools.network.datagrams({ address: server, port }, request, { signal })) {
      const message = readOrNote(() => decodeDhcpMessage(datagram), tools);
      if (message?.operation !== 'reply' || message.transactionId !== transactionId || message.hardwareAddress !== tools.macAddress.toUpperCase()) continue;
      if (answers.some((each) => messageTypes[each] === messageType(message))) yield message;
    }
  } catch (error) {
    // A network on which DHCP cannot be asked is one on which nobody answers.
    if (!(error instanceof Failure)) throw error;
    tools.trace.record('phone', { layer: 'note', summary: error.message });
  }
}

/** Tells the trace what a server answered. */
export function recordAnswer(message: DhcpMessage, summary: string, tools: StepTools, told: Pick<MessageEvent, 'told'> = {}): void {
  tools.trace.record('phone', { layer: 'dhcp', direction: 'received', peer: serverIdentifierOf(message.options) ?? `${broadcast}:${port}`, summary, ...told });
}

/** The value, or undefined with the reason in the trace when a server's bytes cannot be used. */
export function readOrNote<T>(work: () => T, tools: StepTools): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    tools.trace.record('phone', { layer: 'note', summary: error.message });
    return undefined;
  }
}
