import { randomBytes } from 'node:crypto';
import { Failure } from '../../failure.js';
import { proveAccount, type PasswordOf } from './account-proof.js';
import { decodeAuthenticate, decodeChallenge, decodeNegotiate, encodeAuthenticate, encodeChallenge, encodeNegotiate } from './messages.js';
import { flags } from './negotiate-flags.js';
import { computeNtlmV2, ntowfv2 } from './ntlmv2.js';
import { encodeTargetInfo, fileTime, readTimestamp, type NtlmServerNames } from './target-info.js';

/** Authentication only: nothing is signed or sealed over HTTP, so no session key is exchanged. */
const httpFlags = flags(
  'UNICODE', 'REQUEST_TARGET', 'NTLM', 'ALWAYS_SIGN', 'EXTENDED_SESSIONSECURITY', 'TARGET_INFO', 'VERSION', 'KEY_128', 'KEY_56');

export interface NtlmCredentials {
  domain: string;
  user: string;
  password: string;
}

/**
 * The client of `WWW-Authenticate: NTLM` (MS-NTHT; RFC 4559 for `Negotiate`, with bare NTLMSSP tokens): three messages on one
 * connection. Tokens are base64, without the scheme's name.
 */
export class NtlmHttpClient {
  readonly #credentials: NtlmCredentials;
  readonly #now: () => number;

  /** `now`, in milliseconds since 1970, is only used where the server does not say its own time. */
  constructor(credentials: NtlmCredentials, now: () => number = Date.now) {
    this.#credentials = credentials;
    this.#now = now;
  }

  /** NEGOTIATE_MESSAGE. */
  negotiate(): string {
    return encodeNegotiate({ flags: httpFlags }).toString('base64');
  }

  /** AUTHENTICATE_MESSAGE for the server's challenge. Throws a Failure `ntlm/malformed` when that is unusable. */
  authenticate(challengeBase64: string): string {
    const { domain, user, password } = this.#credentials;
    const { serverChallenge, targetInfo } = decodeChallenge(Buffer.from(challengeBase64, 'base64'));
    const serverTime = readTimestamp(targetInfo);
    const answer = computeNtlmV2({
      key: ntowfv2(password, user, domain),
      serverChallenge,
      clientChallenge: randomBytes(8),
      time: serverTime ?? fileTime(this.#now()),
      targetInfo,
    });
    return encodeAuthenticate({
      flags: httpFlags, domain, user, workstation: '',
      // A server that says its time wants no LM response (MS-NLMP 3.1.5.1.2).
      lmResponse: serverTime === undefined ? answer.lmResponse : Buffer.alloc(24),
      ntResponse: answer.ntResponse,
      encryptedSessionKey: Buffer.alloc(0),
    }).toString('base64');
  }
}

export interface NtlmHttpServerOptions extends NtlmServerNames {
  passwordOf: PasswordOf;
  /** Milliseconds since 1970. */
  now: () => number;
}

export type NtlmHttpVerdict = { ok: true; domain: string; user: string } | { ok: false; reason: string };

/** The server of `WWW-Authenticate: NTLM`, NTLMv2 only. One challenge a connection; keep it until the AUTHENTICATE message comes. */
export class NtlmHttpServer {
  readonly #options: NtlmHttpServerOptions;

  constructor(options: NtlmHttpServerOptions) {
    this.#options = options;
  }

  /** Answers a NEGOTIATE_MESSAGE. Throws a Failure `ntlm/malformed` when it is none. */
  challenge(negotiateBase64: string): { challenge: string; verify: (authenticateBase64: string) => NtlmHttpVerdict } {
    decodeNegotiate(Buffer.from(negotiateBase64, 'base64'));
    const { passwordOf, now, ...names } = this.#options;
    const serverChallenge = randomBytes(8);
    const challenge = encodeChallenge({
      flags: httpFlags, targetName: names.netbiosDomain, serverChallenge, targetInfo: encodeTargetInfo(names, fileTime(now())),
    });
    return {
      challenge: challenge.toString('base64'),
      verify: (authenticateBase64) => verify(Buffer.from(authenticateBase64, 'base64'), serverChallenge, passwordOf),
    };
  }
}

function verify(message: Buffer, serverChallenge: Buffer, passwordOf: PasswordOf): NtlmHttpVerdict {
  try {
    const proof = proveAccount(decodeAuthenticate(message), serverChallenge, passwordOf);
    return proof.ok ? { ok: true, domain: proof.domain, user: proof.user } : proof;
  } catch (error) {
    if (error instanceof Failure) return { ok: false, reason: error.message };
    throw error;
  }
}
