import type { Socket } from 'node:net';
import type { Transport } from 'sip.js/lib/core/index.js';
import type { Clock } from '../../clock.js';
import { clause, Failure, type Facts } from '../../failure.js';
import { SipFramer } from '../../protocol/sip/framing.js';
import { SipMessage } from '../../protocol/sip/message.js';
import { redactSip } from '../../protocol/sip/redaction.js';
import type { SecurityAssociation } from '../../protocol/sip/security-association.js';
import type { Trace } from '../../trace/trace.js';
import { StageFailure } from '../stage-failure.js';

/** Those that set up a security association carry no signature of an earlier one, until the last of them, which completes the handshake (with NTLM by its last token). */
export type RegisterSigning = 'unsigned' | 'signed' | { completing: true; gssapiData?: string };

export interface RegistrarTransportOptions {
  /** Connected; it belongs to the transport from now on. */
  socket: Socket;
  /** `sip.contoso.lab:5061`. */
  peer: string;
  protocol: 'TLS' | 'TCP';
  clock: Clock;
  trace: Trace;
  /** Until there is a security association, take messages that need a signature without one; default: leave them. */
  takesUnsigned?: boolean;
  /** A message that is to be processed: its signature is right, or it needs none. */
  onMessage: (message: SipMessage, text: string) => void;
  /** Once, when the connection ends in any way but `close`. */
  onLost: (failure: StageFailure) => void;
}

/**
 * The connection to the registrar as sip.js sees it. What goes out is signed last of all, what comes in is held to its
 * signature, by the rules of MS-SIPAE 3.2.5.2 as the SIPE client applies them against real servers.
 */
export class RegistrarTransport implements Transport {
  readonly protocol: 'TLS' | 'TCP';
  readonly #options: RegistrarTransportOptions;
  readonly #framer = new SipFramer();
  #association: SecurityAssociation | undefined;
  #failure: StageFailure | undefined;
  /** How REGISTER requests go out; everything else is signed as soon as there is an association. */
  registers: RegisterSigning = 'unsigned';
  /** Milliseconds since 1970. */
  lastSent: number;

  constructor(options: RegistrarTransportOptions) {
    this.#options = options;
    this.protocol = options.protocol;
    this.lastSent = options.clock.now();
    const { socket } = options;
    socket.on('data', (bytes: Buffer) => { this.#read(bytes); });
    socket.on('end', () => { this.#lose(this.#framer.midMessage ? 'the server closed it in the middle of a message' : 'the server closed it'); });
    socket.on('error', (error) => { this.#lose(clause(error), error); });
    socket.on('close', () => { this.#lose('it was closed'); });
  }

  /** Why nothing can be sent any more; undefined while the connection stands. */
  get failure(): StageFailure | undefined {
    return this.#failure;
  }

  /** From now on both directions are signed with this. */
  adopt(association: SecurityAssociation): void {
    this.#association = association;
  }

  /** Called by sip.js with the finished text of a request or response. */
  async send(text: string): Promise<void> {
    const message = SipMessage.parse(text);
    const signing = message.method === 'REGISTER' ? this.registers : 'signed';
    if (signing !== 'unsigned') this.#association?.sign(message, typeof signing === 'object' ? signing : undefined);
    this.#record('sent', message, message.toString());
    await this.#write(message.toBuffer());
  }

  /** CRLF CRLF between messages, which the server counts as a sign of life (MS-CONMGMT 3.4.5). */
  async keepAlive(): Promise<void> {
    const { trace, peer } = this.#options;
    trace.record('phone', { layer: 'sip', direction: 'sent', peer, summary: 'keep-alive' });
    await this.#write(Buffer.from('\r\n\r\n'));
  }

  /** Ends the connection from here, once what was sent is out. Gives what requests under way are to fail with. */
  close(): StageFailure {
    this.#options.socket.destroySoon();
    this.#failure ??= new StageFailure('connection-lost', 'retry', `The phone closed the connection to ${this.#options.peer}.`);
    return this.#failure;
  }

  #write(bytes: Buffer): Promise<void> {
    const { socket, clock } = this.#options;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.lastSent = clock.now();
    return new Promise((resolve, reject) => {
      socket.write(bytes, (error) => { if (error == null) resolve(); else reject(error); });
    });
  }

  #read(bytes: Buffer): void {
    try {
      for (const frame of this.#framer.push(bytes)) {
        if (this.#failure !== undefined) return;
        if (frame.kind === 'message') this.#receive(frame.bytes);
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#lose(`it carries something that is not SIP: ${clause(error)}`, error, { garbled: true });
    }
  }

  #receive(bytes: Buffer): void {
    const message = SipMessage.parse(bytes);
    const text = bytes.toString('utf8');
    this.#record('received', message, text);
    if (this.#admits(message)) this.#options.onMessage(message, text);
  }

  #admits(message: SipMessage): boolean {
    if (this.#association === undefined && this.#options.takesUnsigned === true) return true;
    const verification = this.#association?.verify(message) ?? { ok: false, reason: 'unsigned' };
    if (verification.ok) return true;
    switch (verification.reason) {
      case 'unsigned':
        // The association may be gone at the server: then it cannot sign what it says about that.
        if (message.status === 401 || (message.status !== undefined && message.method === 'REGISTER')) return true;
        break;
      case 'wrong-signature':
        this.#fail(new StageFailure('signature-wrong', 'retry',
          `${this.#options.peer} sent a ${message.summary} whose signature is wrong, so the phone ended the connection.`));
        return false;
      case 'other-association':
      case 'replayed':
        break;
    }
    const provisional = message.status !== undefined && message.status < 200;
    if (!provisional) this.#note(`${message.summary} ignored: ${verification.reason}`);
    return false;
  }

  #lose(reason: string, cause?: unknown, facts: Facts = {}): void {
    const { peer } = this.#options;
    this.#fail(new StageFailure('connection-lost', 'retry', `The connection to ${peer} was lost: ${reason}.`, {
      facts: { peer, reason, ...facts }, cause, screen: 'registrar-not-contacted',
    }));
  }

  #fail(failure: StageFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#note(failure.message);
    this.#options.socket.destroy();
    this.#options.onLost(failure);
  }

  #record(direction: 'sent' | 'received', message: SipMessage, text: string): void {
    const { trace, peer } = this.#options;
    trace.record('phone', { layer: 'sip', direction, peer, summary: message.summary, text: redactSip(text) });
  }

  #note(summary: string): void {
    this.#options.trace.record('phone', { layer: 'note', summary });
  }
}
