import { readDiagnostics } from '../../protocol/sip/diagnostics.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { StageFailure, type Reaction } from '../stage-failure.js';
import { RegistrationRedirect, redirectTarget } from './redirect.js';

/** User not found in this pool (MS-OCER): another registrar may know them. */
const notInThisPool = 4006;

/**
 * The failure that follows from a final response other than 200: a `RegistrationRedirect` where it names another server. Statuses that speak of the user, the credentials or the client
 * (401, 403, 404 and other 4xx) wait for a person; those that speak of the server's state (480, 5xx, redirects) are tried again.
 * Which reaction follows which status is inferred from what each means; no document of the device says.
 */
export function registrationRefusal(response: SipMessage, peer: string): StageFailure {
  const { status = 0 } = response;
  const diagnostics = readDiagnostics(response);
  const phrase = response.startLine.kind === 'response' ? `${status} ${response.startLine.reason}`.trim() : String(status);
  const because = diagnostics === undefined ? '' : ` (ms-diagnostics ${diagnostics.id}${diagnostics.reason === undefined ? '' : `: ${diagnostics.reason}`})`;
  const sentence = `${peer} answered ${response.method} with ${phrase}${because}.`;
  const facts = { peer, status, id: diagnostics?.id, reason: diagnostics?.reason, contact: response.get('Contact') };
  const target = redirectTarget(response);
  if (target !== undefined) return new RegistrationRedirect(sentence, facts, target);
  const final = status >= 400 && status < 500 && status !== 408 && status !== 480 && diagnostics?.id !== notInThisPool;
  const reaction: Reaction = final ? 'stop' : 'retry';
  return new StageFailure('registration-refused', reaction, sentence, { facts });
}
