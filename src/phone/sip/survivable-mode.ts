import type { SipMessage } from '../../protocol/sip/message.js';

/**
 * Whether the registrar has user services (contacts, presence), or only registers and routes calls: survivable mode. Told by its 200 to a REGISTER
 * (MS-SIPREGE 2.2.1.4) and by registration-notify (2.2.1.13; that it ends with `userservices-available` is assumed). Undefined where a message says nothing of it.
 * A phone stays registered either way; what its display shows of it is not known.
 */
export function hasUserServices(message: SipMessage): boolean | undefined {
  const told = message.isRequest ? notified(message) : message.method === 'REGISTER' && message.status === 200 ? message.get('presence-state') : undefined;
  return told === undefined ? undefined : !/\b(?:user-services-state=\W?|event=userservices-)unavailable\b/i.test(told);
}

function notified(message: SipMessage): string | undefined {
  const body = message.get('Event')?.toLowerCase() === 'registration-notify' ? message.body.toString('utf8') : '';
  return /^\s*registered\s*;\s*event=userservices-/i.test(body) ? body : undefined;
}
