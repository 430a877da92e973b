import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { openSslCipherList } from './cipher-suites.js';

/** The versions a client may speak whose handshake still shows the server's certificate in clear. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2';

export interface ClientContextOptions {
  versions: readonly TlsVersion[];
  /** IANA names, preferred first. */
  cipherSuites: readonly string[];
}

const switchedOff: Readonly<Record<TlsVersion, number>> = {
  'TLSv1': constants.SSL_OP_NO_TLSv1, 'TLSv1.1': constants.SSL_OP_NO_TLSv1_1, 'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
};

/**
 * The OpenSSL side of a client: exactly these versions and suites, no session tickets, servers without secure renegotiation
 * allowed (as Windows of 2010 may be), and no renegotiation, since a second certificate would pass the gate unseen.
 * Make one per profile and share it. Throws the failures of `openSslCipherList`.
 */
export function createClientContext(options: ClientContextOptions): SecureContext {
  let secureOptions = constants.SSL_OP_NO_TICKET | constants.SSL_OP_LEGACY_SERVER_CONNECT | constants.SSL_OP_NO_RENEGOTIATION;
  for (const [version, bit] of Object.entries(switchedOff)) {
    if (!options.versions.includes(version as TlsVersion)) secureOptions |= bit;
  }
  return createSecureContext({
    minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: openSslCipherList(options.cipherSuites), secureOptions,
  });
}
