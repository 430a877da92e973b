import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../../clock.js';
import { SipFramer } from '../../protocol/sip/framing.js';
import { SipMessage } from '../../protocol/sip/message.js';
import { redactSip } from '../../protocol/sip/redaction.js';
import type { SecurityAssociation } from '../../protocol/sip/security-association.js';
import type { Trace } from '../../trace/trace.js';
import type { Association } from './association.js';
import type { Handshake } from './handshake.js';

/** What may wait to be sent to a client that does not read, in bytes. */
const mostUnsentBytes = 4 * 1024 * 1024;

/** How a client from outside came in, over an Access Edge. */
export interface RemoteAccess {
  /** FQDN of the server whose web services it is to use; undefined: as clients inside. */
  webServer: string | undefined;
}

export interface ConnectionOptions {
  id: string;
  socket: Duplex;
  peer: { address: string; port: number };
  remote: RemoteAccess | undefined;
  trace: Trace;
  clock: Clock;
  /** Seconds without a whole message or keep-alive after which the connection is closed; read each time. */
  patience: () => number;
  /** Messages come one at a time: the next is read when this one's promise is settled. A rejection ends the connection. */
  receive: (message: SipMessage) => Promise<void>;
  closed: () => void;
}

/** One client's connection: messages in order, a deadline for silence, and the associations that were set up over it. */
export class Connection {
  readonly id: string;
  readonly port: number;
  readonly remote: RemoteAccess | undefined;
  /** As Via names it. */
  readonly transport: 'TLS' | 'TCP';
  /** By opaque. They end with the connection, as the client's end of them does. */
  readonly associations = new Map<string, Association>();
  handshake: { with: Handshake; aor: string; epid: string } | undefined;
  readonly #options: ConnectionOptions;
  readonly #peer: string;
  readonly #framer = new SipFramer();
  #deadline: unknown;
  #closed = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.id = options.id;
    this.port = options.peer.port;
    this.remote = options.remote;
    this.transport = options.socket instanceof TLSSocket ? 'TLS' : 'TCP';
    this.#peer = `${options.peer.address}:${options.peer.port}`;
    // Errors end the reading loop, which reports them; this keeps one that comes later from being nobody's.
    options.socket.on('error', () => {});
  }

  /** Reads until the connection ends, whoever ends it. Never rejects. */
  async run(): Promise<void> {
    this.#extendDeadline();
    try {
      for await (const chunk of this.#options.socket) await this.#read(chunk as Buffer);
      if (this.#framer.midMessage) this.#note('The client closed the connection in the middle of a message.');
    } catch (error) {
      if (!this.#closed) this.#note(`The connection was closed: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.close();
  }

  /** The association that an endpoint has now, which may be another than the one it began with. Without one nothing can be signed, and the client would discard it. */
  associationOf({ aor, epid }: { aor: string; epid: string }): Association | undefined {
    return [...this.associations.values()].find((each) => each.aor === aor && each.epid === epid);
  }

  /** Signs, where there is an association, and sends. */
  send(message: SipMessage, security?: SecurityAssociation): void {
    if (this.#closed) return;
    security?.sign(message);
    const bytes = message.toBuffer();
    this.#trace('sent', message, bytes);
    this.#options.socket.write(bytes);
    if (this.#options.socket.writableLength > mostUnsentBytes) {
      this.close(`The connection was closed: the client left ${this.#options.socket.writableLength} bytes unread.`);
    }
  }

  /** Ends the connection at once. */
  close(because?: string): void {
    if (this.#closed) return;
    this.#closed = true;
    if (because !== undefined) this.#note(because);
    this.#options.clock.clearTimeout(this.#deadline);
    this.handshake?.with.close();
    this.#options.socket.destroy();
    this.#options.closed();
  }

  async #read(chunk: Buffer): Promise<void> {
    for (const frame of this.#framer.push(chunk)) {
      this.#extendDeadline();
      if (frame.kind === 'keep-alive') {
        this.#options.trace.record('registrar', { layer: 'sip', direction: 'received', peer: this.#peer, summary: 'keep-alive' });
        continue;
      }
      const message = SipMessage.parse(frame.bytes);
      this.#trace('received', message, frame.bytes);
      await this.#options.receive(message);
      if (this.#closed) return;
    }
  }

  /** Only whole messages count, so that a client that dribbles bytes does not stay for ever. */
  #extendDeadline(): void {
    const seconds = this.#options.patience();
    this.#options.clock.clearTimeout(this.#deadline);
    this.#deadline = this.#options.clock.setTimeout(() => {
      this.close(`The connection was closed: the client sent no whole message or keep-alive for ${seconds} seconds.`);
    }, seconds * 1000);
  }

  #trace(direction: 'sent' | 'received', message: SipMessage, bytes: Buffer): void {
    this.#options.trace.record('registrar', { layer: 'sip', direction, peer: this.#peer, summary: message.summary, text: redactSip(bytes.toString()) });
  }

  #note(summary: string): void {
    this.#options.trace.record('registrar', { layer: 'note', summary, detail: { peer: this.#peer } });
  }
}
