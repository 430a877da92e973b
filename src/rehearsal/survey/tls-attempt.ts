import type { Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { Failure } from '../../failure.js';
import type { Endpoint, Network } from '../../network/network.js';
import { tlsThroughGate } from '../../protocol/tls/certificate-gate.js';
import { createClientContext, type TlsVersion } from '../../protocol/tls/client-context.js';

export interface TlsOffer {
  /** TLS 1.3 goes alone: it hides the certificate from whoever watches, and no phone speaks it. */
  versions: readonly TlsVersion[] | 'TLSv1.3';
  /** IANA names; of no account for TLS 1.3. */
  cipherSuites: readonly string[];
  /** undefined: none is named (no SNI). */
  serverName: string | undefined;
}

export interface TlsOutcome {
  /** `TLSv1`, ... as the server chose; undefined where it chose none. */
  version: string | undefined;
  /** IANA name. */
  cipherSuite: string | undefined;
  /** DER as sent, the server's own first; empty where none was seen. */
  chain: readonly Buffer[];
  /** Why the handshake did not complete, one whole sentence; undefined: it did. */
  failure: string | undefined;
}

/**
 * One handshake with a server: what it answers to this offer, without judging it. `use` is given the connection while it stands. Rejects where
 * there is no connection at all (`network/...`) and when `signal` aborts before there is one.
 */
export async function attemptTls(
  network: Network, server: Endpoint, offer: TlsOffer, signal: AbortSignal, use: (secured: TLSSocket) => Promise<void> = () => Promise.resolve(),
): Promise<TlsOutcome> {
  const socket = await network.connect(server, { signal });
  let seen: Omit<TlsOutcome, 'failure'> = { version: undefined, cipherSuite: undefined, chain: [] };
  let secured: TLSSocket | undefined;
  try {
    secured = offer.versions === 'TLSv1.3' ? await tls13(socket, offer.serverName, signal) : await tlsThroughGate({
      socket, signal, serverName: offer.serverName, context: createClientContext({ versions: offer.versions, cipherSuites: offer.cipherSuites }),
      judge: ({ version, cipherSuite, chain }) => {
        seen = { version, cipherSuite, chain };
        return { accept: true };
      },
    });
    if (offer.versions === 'TLSv1.3') seen = { version: 'TLSv1.3', cipherSuite: secured.getCipher().standardName, chain: [secured.getPeerCertificate().raw] };
    // Whatever the server does to the connection later, nobody here minds.
    secured.on('error', () => undefined);
    await use(secured);
    return { ...seen, failure: undefined };
  } catch (error) {
    if (signal.aborted) return { ...seen, failure: 'The handshake did not finish in time.' };
    if (!(error instanceof Failure)) throw error;
    return { ...seen, failure: error.message };
  } finally {
    secured?.destroy();
    socket.destroy();
  }
}

function tls13(socket: Socket, serverName: string | undefined, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secured = connect({
      socket, minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', rejectUnauthorized: false, checkServerIdentity: () => undefined,
      ...(serverName === undefined ? {} : { servername: serverName }),
    });
    const fail = (sentence: string) => { reject(new Failure('tls/failed', sentence)); };
    signal.addEventListener('abort', () => { secured.destroy(); fail('The handshake did not finish in time.'); }, { once: true });
    secured.once('secureConnect', () => { resolve(secured); });
    secured.on('error', (error: NodeJS.ErrnoException & { reason?: string }) => { fail(sentenceOf(error.reason ?? error.code ?? error.message)); });
    secured.once('close', () => { fail('The server closed the connection during the TLS handshake.'); });
  });
}

/** OpenSSL's `tlsv1 alert protocol version` in the words of the other versions. */
function sentenceOf(reason: string): string {
  const [, alert] = /^(?:ssl|tls)v\d+ alert (.+)$/.exec(reason) ?? [];
  return alert === undefined ? `The TLS engine reported: ${reason}.` : `The server answered with the fatal alert ${alert.replaceAll(' ', '_')}.`;
}
