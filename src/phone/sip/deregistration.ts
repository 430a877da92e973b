import type { SipMessage } from '../../protocol/sip/message.js';
import { readDiagnostics } from '../../protocol/sip/diagnostics.js';
import type { SessionEvent } from '../steps.js';

type Deregistered = Extract<SessionEvent, { type: 'deregistered' }>;

/**
 * What a notification means for the registration (MS-SIPREGE 2.2.1.13, 3.1.1.5): `deregistered;event=rejected` is for good (the
 * user was disabled), the other reasons allow the phone to come back. Undefined when the registration stands.
 */
export function deregistration(notification: SipMessage): Deregistered | undefined {
  const event = notification.get('Event')?.toLowerCase() ?? '';
  const terminated = /^\s*terminated/i.test(notification.get('subscription-state') ?? '');
  const diagnostics = readDiagnostics(notification);
  if (!event.startsWith('registration-notify')) {
    return terminated ? { type: 'deregistered', reason: `the server ended the subscription to ${event}`, mayRetry: true } : undefined;
  }
  const body = notification.body.toString('utf8').trim();
  const reason = /^deregistered\s*;\s*event=([\w-]+)/i.exec(body)?.[1]?.toLowerCase();
  if (reason === undefined) return undefined;
  return { type: 'deregistered', reason: diagnostics?.reason ?? reason, mayRetry: reason !== 'rejected' };
}
