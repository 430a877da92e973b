import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import { Failure } from '../../failure.js';
import { badCertificate, encodeFatalAlert } from './alert.js';
import { ServerFlight, type PresentedCertificate } from './server-flight.js';

/** What the client makes of the certificate; `alert` is an AlertDescription number, bad_certificate unless given. */
export type Judgement =
  | { accept: true }
  | { accept: false; how: 'silent-close' }
  | { accept: false; how: 'alert'; alert?: number };

export interface GateInput {
  /** A connected socket. It belongs to the gate from now on and is closed whenever the handshake fails. Where it has listeners for them, it gets the TLS engine's `keylog` events. */
  socket: Socket;
  /** From `createClientContext`. */
  context: SecureContext;
  /** Server name indication; none is sent without it. */
  serverName?: string | undefined;
  /** Called once, when the Certificate message is complete and before the TLS engine has seen any of it. */
  judge: (presented: PresentedCertificate) => Judgement;
  /** Ends the handshake, with the signal's reason as the error. Has no effect on the established connection. */
  signal: AbortSignal;
}

/**
 * A TLS client handshake (TLS 1.0 to 1.2) in which the certificate is judged when it arrives. Node's own TLS finishes the
 * handshake before anyone can object, and the server would log a success that a refusing client never gave it. Here the raw
 * connection ends at the Certificate message: by FIN alone, or after a plaintext fatal alert.
 *
 * Rejects, once the raw connection is closed, with the failures of `ServerFlight`, `tls/certificate-refused`, `tls/closed`
 * (the server closed or reset the connection), `tls/failed` (OpenSSL objected), or the reason of `signal`.
 */
export function tlsThroughGate(input: GateInput): Promise<TLSSocket> {
  const { socket, signal } = input;
  const gate = new CertificateGate(socket, input.judge);
  const secured = connect({
    socket: gate, secureContext: input.context, rejectUnauthorized: false, checkServerIdentity: () => undefined,
    ...(input.serverName === undefined ? {} : { servername: input.serverName }),
  });
  // The engine makes its key log only for whoever listens.
  if (socket.listenerCount('keylog') > 0) secured.on('keylog', (line: Buffer) => { socket.emit('keylog', line); });
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const fail = (error: Error) => { failure ??= gate.failure ?? error; secured.destroy(); gate.destroy(); };
    const abort = () => { fail(signal.reason as Error); socket.destroy(); };
    const settle = () => {
      signal.removeEventListener('abort', abort);
      secured.removeListener('error', onSecuredError);
      secured.removeListener('close', onSecuredClose);
    };
    const onSecuredError = (error: NodeJS.ErrnoException) => {
      fail(error.code === 'ECONNRESET' ? closed() : new Failure('tls/failed', `The TLS engine reported: ${reasonOf(error)}.`, {
        facts: { code: error.code }, cause: error,
      }));
    };
    const onSecuredClose = () => { fail(closed()); };
    const onRawClose = () => {
      fail(closed());
      settle();
      // Whatever the engine still has to say about a connection that is gone must not be an uncaught error.
      secured.on('error', () => undefined);
      reject(failure ?? closed());
    };
    socket.once('close', onRawClose);
    secured.on('error', onSecuredError).on('close', onSecuredClose).once('secureConnect', () => {
      settle();
      socket.removeListener('close', onRawClose);
      // A TLSSocket over a stream does not know its own port, which SIP writes into Via and Contact.
      Object.defineProperty(secured, 'localPort', { value: socket.localPort });
      resolve(secured);
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** The stream between the raw socket and the TLS engine. Transparent in both directions once the certificate is accepted. */
class CertificateGate extends Duplex {
  readonly #raw: Socket;
  readonly #judge: GateInput['judge'];
  #flight: ServerFlight | undefined = new ServerFlight();
  /** Why the connection was ended here. */
  failure: Error | undefined;

  constructor(raw: Socket, judge: GateInput['judge']) {
    super({ allowHalfOpen: true });
    this.#raw = raw;
    this.#judge = judge;
    // Node sends the records of one flight as several small writes, which Nagle's algorithm would hold up.
    raw.setNoDelay(true);
    raw.on('data', (bytes: Buffer) => { this.#receive(bytes); });
    raw.on('end', () => { this.push(null); });
    raw.on('error', (error: NodeJS.ErrnoException) => {
      this.failure ??= new Failure('tls/closed', `The connection broke during the TLS handshake (${error.code ?? error.message}).`, {
        facts: { code: error.code }, cause: error,
      });
      this.destroy(this.#flight === undefined ? error : undefined);
    });
    raw.on('close', () => { this.destroy(); });
  }

  #receive(bytes: Buffer): void {
    if (this.failure !== undefined) return;
    if (this.#flight === undefined) {
      if (!this.push(bytes)) this.#raw.pause();
      return;
    }
    try {
      const { passed, presented } = this.#flight.push(bytes);
      for (const record of passed) this.push(record);
      if (presented !== undefined) this.#decide(presented, this.#flight);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #decide(presented: PresentedCertificate, flight: ServerFlight): void {
    const judgement = this.#judge(presented);
    if (judgement.accept) {
      this.#flight = undefined;
      for (const bytes of flight.held) this.push(bytes);
      return;
    }
    const alert = judgement.how === 'alert' ? judgement.alert ?? badCertificate : undefined;
    const parting = alert === undefined ? undefined : encodeFatalAlert(presented.recordVersion, alert);
    this.#end(new Failure('tls/certificate-refused', 'The certificate was refused and the connection ended before the TLS handshake completed.', {
      facts: { how: judgement.how, alert },
    }), parting);
  }

  /** Ends the raw connection from here. After an alert the server closes; reading on until then keeps a reset from overtaking it. */
  #end(failure: Error, parting?: Buffer): void {
    this.failure = failure;
    if (parting === undefined) this.#raw.destroySoon();
    else this.#raw.end(parting);
    this.#raw.resume();
  }

  override _read(): void {
    this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.failure === undefined) this.#raw.write(chunk, done);
    else done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done);
  }

  override _final(done: () => void): void {
    if (this.failure === undefined) this.#raw.end(() => { done(); });
    else done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // A connection being ended on purpose closes by itself, once its last bytes are out.
    if (this.failure === undefined) this.#raw.destroy();
    done(error);
  }
}

function closed(): Failure {
  return new Failure('tls/closed', 'The server closed the connection during the TLS handshake.');
}

/** OpenSSL's `error:0A000102:SSL routines::unsupported protocol` in a few words. */
function reasonOf(error: NodeJS.ErrnoException): string {
  const { reason } = error as { reason?: string };
  return reason ?? error.code ?? error.message;
}
