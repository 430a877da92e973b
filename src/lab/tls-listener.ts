import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Server, TLSSocket, TlsOptions } from 'node:tls';
import type { Trace } from '../trace/trace.js';
import type { ServerIdentity } from './deployment.js';
import type { MinimumTls } from './topology-schema.js';

/** What Windows Server of the Lync years offers as far as OpenSSL still has it, then newer suites, then those an EC key needs. */
const cipherSuites = [
  'AES128-SHA', 'AES256-SHA', 'AES128-SHA256', 'AES256-SHA256', 'AES128-GCM-SHA256', 'AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-SHA', 'ECDHE-RSA-AES256-SHA', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA', 'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384',
];
const handshakeSeconds = 30;

/** Lync Server's own words, in its trace, for a client that left on seeing the certificate. */
export const closedBeforeNegotiation = 'The connection was closed before TLS negotiation completed. Did the remote peer accept our certificate?';

/**
 * Options for `tls.createServer`, `https.createServer` and, to change the certificate of a running server, `setSecureContext`. Old on purpose: TLS 1.0 and SHA-1
 * are what desk phones speak. Sessions are not resumed, so that every connection shows the certificate again.
 */
export function tlsServerOptions({ certificatePem, privateKeyPem }: ServerIdentity, minVersion: MinimumTls = 'TLSv1'): TlsOptions {
  return {
    cert: certificatePem, key: privateKeyPem, minVersion, maxVersion: 'TLSv1.2',
    // OpenSSL's security level 0 is the one with TLS 1.0, SHA-1 and short keys.
    ciphers: [...cipherSuites, '@SECLEVEL=0'].join(':'), secureOptions: constants.SSL_OP_NO_TICKET, handshakeTimeout: handshakeSeconds * 1000,
  };
}

/** What a server shows and takes. */
export interface TlsFace {
  identity: ServerIdentity;
  minimumTls: MinimumTls;
}

/** Changes a running server's face, from the next handshake on; what is not named stays. */
export function presenter(server: Server, first: TlsFace): (change: Partial<TlsFace>) => void {
  let face = first;
  return (change) => {
    face = { ...face, ...change };
    server.setSecureContext(tlsServerOptions(face.identity, face.minimumTls));
  };
}

/** Records how each TLS handshake of a server ends, under `actor`. */
export function traceHandshakes(server: Server, trace: Trace, actor: string): void {
  const peers = new WeakMap<Socket, string>();
  server.on('connection', (socket: Socket) => { peers.set(socket, `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`); });
  server.on('secureConnection', (socket) => {
    trace.record(actor, {
      layer: 'tls', phase: 'established', peer: `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`,
      summary: `${socket.getProtocol() ?? 'TLS'} ${socket.getCipher().standardName}`,
    });
  });
  server.on('tlsClientError', (error: NodeJS.ErrnoException & { reason?: string }, socket) => {
    const peer = peers.get(underlying(socket) ?? socket) ?? 'a client';
    trace.record(actor, { layer: 'tls', phase: 'failed', peer, summary: explain(error), detail: { code: error.code } });
  });
}

function explain(error: NodeJS.ErrnoException & { reason?: string }): string {
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') return closedBeforeNegotiation;
  if (error.code === 'ERR_TLS_HANDSHAKE_TIMEOUT') return `The TLS handshake was not finished within ${handshakeSeconds} seconds.`;
  return `The TLS handshake failed: ${error.reason ?? error.message}.`;
}

/** The TCP socket below a TLS one. Not a documented property, but a TLS socket whose client has left no longer knows the client's address. */
const underlying = (socket: TLSSocket) => (socket as { _parent?: Socket })._parent;
