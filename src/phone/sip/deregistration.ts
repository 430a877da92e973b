import type { SipMessage } from '../../protocol/sip/message.js';
import { readDiagnostics } from '../../protocol/sip/diagnostics.js';
import type { SessionEvent } from '../steps.js';
import { roamingSelfEvent } from './in-band-settings.js';
import { serverNamed } from './redirect.js';

type Deregistered = Extract<SessionEvent, { type: 'deregistered' | 'moved' }>;

/**
 * What a notification means for the registration (MS-SIPREGE 2.2.1.13, 3.1.1.5): `deregistered;event=rejected` is for good (the
 * user was disabled), `preferred-registrar-change` names the server to go to (2.2.1.8), the other reasons allow the phone to come back. Undefined when the registration stands.
 */
export function deregistration(notification: SipMessage): Deregistered | undefined {
  const event = notification.get('Event')?.split(';', 1)[0]?.trim().toLowerCase();
  // Of subscriptions only the standing one counts: a one-time query ends with its answer.
  if (event === roamingSelfEvent && /^\s*terminated/i.test(notification.get('subscription-state') ?? '')) {
    return { type: 'deregistered', reason: `the server ended the subscription to ${event}`, mayRetry: true };
  }
  if (event !== 'registration-notify') return undefined;
  const body = notification.body.toString('utf8').trim();
  const reason = /^deregistered\s*;\s*event=([\w-]+)/i.exec(body)?.[1]?.toLowerCase();
  if (reason === undefined) return undefined;
  const to = reason === 'preferred-registrar-change' ? serverNamed(notification.get('P-Preferred-Registrar')) : undefined;
  if (to !== undefined) return { type: 'moved', to };
  return { type: 'deregistered', reason: readDiagnostics(notification)?.reason ?? reason, mayRetry: reason !== 'rejected' };
}
