import { constants, type X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, TLSSocket, type SecureContext, type SecureVersion } from 'node:tls';
import { Failure } from '../../failure.js';
import { coalesceRecords, flightState } from './flight.js';
import { keyMaterialLabel, keyMaterialLength, securityKeys, type SecurityKeys } from './keys.js';
import { TokenWire } from './token-wire.js';

/** Computing a flight takes milliseconds; an OpenSSL that has nothing to say must not hold a sign-in for ever. */
const stepMilliseconds = 10_000;

/** What a real phone offers here is not known; the SIPE client offers these and RC4. Level 0 because of TLS 1.0 and SHA-1 signatures. */
const clientCiphers = 'AES128-SHA:AES256-SHA:@SECLEVEL=0';
const serverCiphers = 'AES128-SHA:AES256-SHA:AES128-SHA256:AES256-GCM-SHA384:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0';
/** A ticket would lengthen the last flight; peers of that age do not know secure renegotiation (RFC 5746). */
const secureOptions = constants.SSL_OP_NO_TICKET | constants.SSL_OP_LEGACY_SERVER_CONNECT;

/** How the turns of one end go: the client speaks first and says nothing in its third turn, the server answers twice. */
interface Turns {
  last: number;
  lastIsSilent: boolean;
  /** Fired when this end has verified the other's Finished; not in step with what is written, so both are waited for. */
  established: 'secure' | 'secureConnect';
}

/** One end of the TLS handshake that REGISTER requests and 401 responses carry as tokens (TLS-DSK, MS-SIPAE 3.2.5.1). */
abstract class TlsDskHandshake {
  readonly #socket: TLSSocket;
  readonly #turns: Turns;
  #turn = 0;
  #established = false;
  #failure: Failure | undefined;
  #keys: SecurityKeys | undefined;
  /** Looks whether the turn is over. */
  #wake: () => void = () => {};
  readonly #wire = new TokenWire(() => { this.#wake(); });

  constructor(start: (wire: Duplex) => TLSSocket, turns: Turns) {
    this.#turns = turns;
    this.#socket = start(this.#wire.stream);
    this.#socket.on(turns.established, () => {
      this.#established = true;
      this.#wake();
    });
    this.#socket.on('error', (error: Error & { reason?: string }) => {
      this.#failure ??= new Failure('tlsdsk/handshake', `The TLS-DSK handshake failed: ${error.reason ?? error.message}.`, { cause: error });
      this.#wake();
    });
  }

  /** True when both ends have said Finished and `keys` can be asked for. */
  get done(): boolean {
    return this.#keys !== undefined;
  }

  /**
   * Takes the other end's flight (nothing in the client's first step) and gives the flight to send as complete TLS records; it is
   * empty in the client's last step. Rejects with a `Failure`: `tlsdsk/handshake`, `tlsdsk/alert`, `tlsdsk/incomplete`,
   * `tlsdsk/silent`, `tls/malformed`, `tls/oversized`. After that the handshake is of no use.
   */
  async step(incoming: Buffer = Buffer.alloc(0)): Promise<Buffer> {
    try {
      const expected = this.#turn > 0 || this.#turns.established === 'secure';
      if (expected) checkFlight(incoming);
      if (++this.#turn > this.#turns.last) throw new Failure('tlsdsk/handshake', 'The TLS-DSK handshake is over, but another flight came.');
      this.#wire.stream.push(incoming);
      const flight = await this.#flight();
      if (this.#turn === this.#turns.last) this.#finish();
      return flight;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Keys for the security association; only when `done`. */
  keys(): SecurityKeys {
    if (!this.#keys) throw new Failure('tlsdsk/not-done', 'The TLS-DSK handshake has not finished, so there are no keys.');
    return this.#keys;
  }

  /** Drops the TLS object; `keys` stay, and a step under way rejects with `tlsdsk/closed`. */
  close(): void {
    this.#failure ??= new Failure('tlsdsk/closed', 'The TLS-DSK handshake was given up.');
    this.#wake();
    this.#socket.destroy();
    this.#wire.stream.destroy();
  }

  /** The moment before the TLS object is dropped. */
  protected abstract keep(socket: TLSSocket): void;

  #flight(): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Failure('tlsdsk/silent', `The TLS library wrote no complete flight within ${stepMilliseconds / 1000} seconds.`));
      }, stepMilliseconds);
      const settle = (conclude: () => void) => {
        clearTimeout(timer);
        this.#wake = () => {};
        conclude();
      };
      this.#wake = () => {
        const failure = this.#failure;
        if (failure) settle(() => { reject(failure); });
        else if (this.#isOver(this.#wire.peek())) settle(() => { resolve(coalesceRecords(this.#wire.take())); });
      };
      this.#wake();
    });
  }

  /** An alert of our own is no flight to send: the error that says why comes right after it. */
  #isOver(outgoing: Buffer): boolean {
    const complete = flightState(outgoing).state === 'complete';
    if (this.#turn < this.#turns.last) return complete;
    return this.#established && (complete || this.#turns.lastIsSilent);
  }

  #finish(): void {
    // No context, which is not the same as an empty one (RFC 5705 section 4); the declared type does not know that it may be left out.
    const exporter = this.#socket as unknown as { exportKeyingMaterial(length: number, label: string): Buffer };
    this.#keys = securityKeys(exporter.exportKeyingMaterial(keyMaterialLength, keyMaterialLabel), this.#socket.getCipher().name);
    this.keep(this.#socket);
    this.close();
  }
}

export interface TlsDskClientOptions {
  certificatePem: string;
  privateKeyPem: string;
  /** Default TLS 1.0 to 1.2; which versions a real phone offers here is not known. */
  versions?: { min: SecureVersion; max: SecureVersion };
}

/**
 * The phone's end. The server's certificate is not judged here, as the SIPE client does not: the outer TLS connection has done that.
 * Whether a real phone does is not known.
 */
export class TlsDskClient extends TlsDskHandshake {
  constructor(options: TlsDskClientOptions) {
    super((wire) => connect({
      socket: wire,
      cert: options.certificatePem,
      key: options.privateKeyPem,
      minVersion: options.versions?.min ?? 'TLSv1',
      maxVersion: options.versions?.max ?? 'TLSv1.2',
      ciphers: clientCiphers,
      secureOptions,
      rejectUnauthorized: false,
    }), { last: 3, lastIsSilent: true, established: 'secureConnect' });
  }

  protected override keep(): void {
    // The server's certificate is of no interest.
  }
}

/** What every handshake of one server shares: its identity, and the authorities it names when it asks for a certificate (PEM). */
export function tlsDskServerContext(
  identity: { certificatePem: string; privateKeyPem: string }, trustedAuthorities: readonly string[],
): SecureContext {
  return createSecureContext({
    cert: identity.certificatePem,
    key: identity.privateKeyPem,
    ca: [...trustedAuthorities],
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.2',
    ciphers: serverCiphers,
    secureOptions: secureOptions | constants.SSL_OP_CIPHER_SERVER_PREFERENCE,
  });
}

/** The registrar's end. It asks for a client certificate and makes the client prove its key, but does not judge the certificate. */
export class TlsDskServer extends TlsDskHandshake {
  #peerCertificate: X509Certificate | undefined;

  constructor(context: SecureContext) {
    super((wire) => new TLSSocket(wire, {
      isServer: true, secureContext: context, requestCert: true, rejectUnauthorized: false,
    }), { last: 2, lastIsSilent: false, established: 'secure' });
  }

  /** The client's certificate once `done`; undefined when it sent none. */
  peerCertificate(): X509Certificate | undefined {
    return this.#peerCertificate;
  }

  protected override keep(socket: TLSSocket): void {
    this.#peerCertificate = socket.getPeerX509Certificate();
  }
}

function checkFlight(incoming: Buffer): void {
  const flight = flightState(incoming);
  if (flight.state === 'alert') {
    throw new Failure('tlsdsk/alert', `The other end refused the TLS-DSK handshake with the alert ${flight.name ?? '(encrypted)'}.`);
  }
  if (flight.state === 'incomplete') {
    throw new Failure('tlsdsk/incomplete', `The ${incoming.length} bytes of a TLS-DSK token are no complete TLS flight.`);
  }
}
