import { longestTimer } from '../../clock.js';
import { parseNameAddress, parseNameAddresses } from '../../protocol/sip/name-address.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import type { Registration } from '../steps.js';
import type { Endpoint } from './endpoint.js';

/** Seconds, when a 200 names no time at all (RFC 3261 section 10.2). */
const defaultExpires = 3600;

/**
 * The headers of REGISTER after CSeq, in the order of MS-SIPREGE 4.1.1, which a trace of a Lync 2013 client shows too. No trace
 * of a phone's own REGISTER is published: the place of Ms-Device-Info and that a phone sends ms-subnet are assumptions.
 */
export function registerHeaders(endpoint: Endpoint): string[] {
  return [
    `Contact: <${endpoint.contactUri}>;methods="INVITE, MESSAGE, INFO, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY";proxy=replace`
    + `;+sip.instance="<urn:uuid:${endpoint.uuid}>"`,
    `User-Agent: ${endpoint.userAgent}`,
    'Supported: gruu-10, adhoclist, msrtc-event-categories',
    'Supported: ms-forking',
    'Supported: ms-cluster-failover',
    'Supported: ms-userservices-state-notification',
    'ms-keep-alive: UAC;hop-hop=yes',
    'Event: registration',
    `ms-subnet: ${endpoint.subnet}`,
    ...(endpoint.deviceInfo === undefined ? [] : [`Ms-Device-Info: ${endpoint.deviceInfo}`]),
  ];
}

/** A registration as the server accepted it. */
export interface Registered {
  registration: Registration;
  /** Whether the server added the registration or had kept it: `added`, `refreshed`, `fixed` (MS-SIPREGE 2.2.1.4). */
  action: string | undefined;
  /** The user came in over an Access Edge (MS-SIPRE 2.2.16). */
  remote: boolean;
  /** Lower-case names of the events one may subscribe to; empty when the server lists none. */
  events: readonly string[];
}

/**
 * Reads the 200 of a REGISTER: expiry, keep-alive interval, the user's name as the server wrote it into From, and the GRUU on
 * that one of the user's Contacts that is this endpoint (MS-SIPREGE 3.1.1.5.1).
 */
export function readRegistration(response: SipMessage, endpoint: Endpoint): Registered {
  const own = response.getAll('Contact').flatMap(parseNameAddresses)
    .find(({ parameters }) => parameters.get('+sip.instance')?.toUpperCase() === `<URN:UUID:${endpoint.uuid}>`);
  const action = /register-action="?(added|refreshed|fixed)\b/i.exec(response.get('presence-state') ?? '')?.[1]?.toLowerCase();
  return {
    registration: {
      gruu: own?.parameters.get('gruu'),
      expires: seconds(response.get('Expires')) ?? seconds(own?.parameters.get('expires')) ?? defaultExpires,
      keepAlive: seconds(/(?:^|;)\s*timeout=(\d+)/i.exec(response.get('ms-keep-alive') ?? '')?.[1]),
      displayName: parseNameAddress(response.get('From') ?? '').displayName,
    },
    action,
    remote: /^\s*RemoteUser\b/i.test(response.get('ms-user-logon-data') ?? ''),
    events: response.getAll('Allow-Events').flatMap((value) => value.split(',')).map((event) => event.trim().toLowerCase()),
  };
}

/** A whole number of seconds of at least one, as far as a timer goes. */
function seconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) && Number(text) > 0 ? Math.min(Number(text), longestTimer / 1000) : undefined;
}
