import type { AuthenticateMessage } from './messages.js';
import { ntowfv2, verifyNtlmV2 } from './ntlmv2.js';

/** The password of an account; undefined when there is none of that name. `domain` is as the client wrote it and may be empty. */
export type PasswordOf = (domain: string, user: string) => string | undefined;

export type AccountProof = { ok: true; domain: string; user: string; sessionBaseKey: Buffer } | { ok: false; reason: string };

/** Whether an AUTHENTICATE_MESSAGE proves, by NTLMv2, that its sender knows the password of the account it names. */
export function proveAccount(message: AuthenticateMessage, serverChallenge: Buffer, passwordOf: PasswordOf): AccountProof {
  const { domain, user } = message;
  const password = passwordOf(domain, user);
  if (password === undefined) return { ok: false, reason: `There is no account ${domain}\\${user}.` };
  const sessionBaseKey = verifyNtlmV2(ntowfv2(password, user, domain), serverChallenge, message.ntResponse);
  if (sessionBaseKey === undefined) {
    return { ok: false, reason: `The NTLMv2 response for ${domain}\\${user} was not made with the account's password.` };
  }
  return { ok: true, domain, user, sessionBaseKey };
}
