import type { SipMessage } from './message.js';
import { quote, readParameters, splitOutsideQuotes } from './quoted-text.js';

/** One line of WWW-Authenticate, Authorization, Authentication-Info or their Proxy- twins (MS-SIPAE 2.2). */
export interface AuthenticationHeader {
  /** `TLS-DSK`, `NTLM`, `Kerberos`, as written. */
  scheme: string;
  /** By lower-case name, unquoted, otherwise exactly as written: signatures cover the text. */
  parameters: ReadonlyMap<string, string>;
}

/** Reads one line: a scheme, then parameters in any order, quoted or not. Undefined when it does not start with a scheme. */
export function parseAuthentication(value: string): AuthenticationHeader | undefined {
  const match = /^\s*([A-Za-z][A-Za-z0-9-]*)(?:\s+([^]*))?$/.exec(value);
  if (!match?.[1]) return undefined;
  return { scheme: match[1], parameters: readParameters(splitOutsideQuotes(match[2] ?? '', ',')) };
}

/** Writes one line in the order given. Every value is quoted but `version`, as Microsoft's clients and servers do. */
export function formatAuthentication(scheme: string, parameters: readonly (readonly [name: string, value: string])[]): string {
  return `${scheme} ${parameters.map(([name, value]) => `${name}=${name === 'version' ? value : quote(value)}`).join(', ')}`;
}

/** Which headers carry what: a client's token and signature, the server's challenge, the server's signature. */
export type AuthenticationRole = 'credentials' | 'challenge' | 'server-signature';

const headerNames: Readonly<Record<AuthenticationRole, readonly string[]>> = {
  credentials: ['Proxy-Authorization', 'Authorization'],
  challenge: ['WWW-Authenticate', 'Proxy-Authenticate'],
  'server-signature': ['Authentication-Info', 'Proxy-Authentication-Info'],
};

/** Every readable line of that role, Proxy- or not, in order: servers send one line a scheme (MS-SIPAE 3.3.5.1). */
export function authenticationHeaders(message: SipMessage, role: AuthenticationRole): AuthenticationHeader[] {
  return headerNames[role]
    .flatMap((name) => message.getAll(name))
    .flatMap((value) => parseAuthentication(value) ?? []);
}
