import { Failure } from '../../failure.js';
import { readAlert } from './alert.js';
import { cipherSuiteName } from './cipher-suites.js';
import { HandshakeReader, handshakeType, readCertificateList, readServerHello } from './handshake-message.js';
import { contentType, RecordReader, type TlsRecord } from './record.js';

/** More than this before the end of the Certificate message is not read. */
const longestFlight = 256 * 1024;

/** What a server showed before anything was encrypted. */
export interface PresentedCertificate {
  /** DER, the server's own certificate first. Never empty. */
  chain: readonly Buffer[];
  /** `TLSv1`, ... as chosen by the server. */
  version: string;
  /** IANA name of the suite the server chose. */
  cipherSuite: string;
  /** Version number of the record layer, for an alert in answer. */
  recordVersion: number;
}

/**
 * Reads the server's first flight up to the end of its Certificate message (RFC 5246 section 7.3). Whole records before that
 * message may go on to the TLS engine; from the first record that holds a part of it everything stays here.
 *
 * Failures: `tls/malformed`, `tls/oversized`, `tls/alert` (the server ended it), `tls/no-certificate` (the handshake goes on
 * without one: an anonymous suite or a resumed session).
 */
export class ServerFlight {
  readonly #records = new RecordReader();
  readonly #messages = new HandshakeReader();
  #held: Buffer[] = [];
  #received = 0;
  #hello: { version: string; cipherSuite: string } | undefined;

  /** Feeds bytes of the server. Not to be called again once a certificate came out. */
  push(bytes: Buffer): { passed: Buffer[]; presented: PresentedCertificate | undefined } {
    this.#received += bytes.length;
    this.#records.push(bytes);
    const passed: Buffer[] = [];
    for (let record = this.#records.next(); record !== undefined; record = this.#records.next()) {
      const chain = this.#read(record);
      if (chain !== undefined) {
        this.#held.push(record.bytes);
        return { passed, presented: { chain, ...this.#chosen(), recordVersion: record.version } };
      }
      if (this.#held.length > 0 || this.#messages.unfinished === handshakeType.certificate) this.#held.push(record.bytes);
      else passed.push(record.bytes);
    }
    if (this.#received > longestFlight) {
      throw new Failure('tls/oversized', `The peer sent ${this.#received} bytes without completing its certificate message.`, {
        facts: { received: this.#received, limit: longestFlight },
      });
    }
    return { passed, presented: undefined };
  }

  /** Everything held back and everything after it. */
  get held(): Buffer[] {
    return [...this.#held, this.#records.rest];
  }

  /** The chain, when this record completes it. */
  #read(record: TlsRecord): Buffer[] | undefined {
    if (record.type === contentType.alert) return this.#readAlert(record.fragment);
    if (record.type !== contentType.handshake) throw noCertificate();
    this.#messages.push(record.fragment);
    for (let message = this.#messages.next(); message !== undefined; message = this.#messages.next()) {
      if (message.type === handshakeType.serverHello) {
        const hello = readServerHello(message.body);
        this.#hello = { version: hello.version, cipherSuite: cipherSuiteName(hello.cipherSuite) };
      } else if (message.type === handshakeType.certificate) {
        const chain = readCertificateList(message.body);
        if (chain.length === 0) throw noCertificate();
        return chain;
      } else if (message.type !== handshakeType.helloRequest) {
        throw noCertificate();
      }
    }
    return undefined;
  }

  #readAlert(fragment: Buffer): undefined {
    const alert = readAlert(fragment);
    if (alert === undefined) throw new Failure('tls/malformed', 'The peer sent an alert record that is not two bytes of level and description.');
    if (alert.fatal) {
      throw new Failure('tls/alert', `The server answered with the fatal alert ${alert.name} (${alert.description}).`, {
        facts: { alert: alert.description, name: alert.name },
      });
    }
  }

  #chosen(): { version: string; cipherSuite: string } {
    if (this.#hello !== undefined) return this.#hello;
    throw new Failure('tls/malformed', 'The peer sent a Certificate message before its ServerHello.');
  }
}

function noCertificate(): Failure {
  return new Failure('tls/no-certificate', 'The server went on with the handshake without showing a certificate.');
}
