import { endpointGruu, endpointUuid, gruuIdentifier } from '../../protocol/sip/endpoint-identity.js';
import type { SipHeader, SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord, parseNameAddress, parseNameAddresses } from '../../protocol/sip/name-address.js';
import { quote, splitOutsideQuotes } from '../../protocol/sip/quoted-text.js';
import type { Association } from './association.js';
import type { Connection } from './connection.js';
import type { Refusal } from './response.js';

/** A user's device that has registered, reached by the connection it registered over. */
export interface Endpoint {
  aor: string;
  epid: string;
  connection: Connection;
  association: Association;
  /** URI of its Contact, with the connection's id. */
  contactUri: string;
  gruu: string;
  /** Milliseconds since 1970. */
  expires: number;
}

/** Longer ones are refused with 4012; the limit itself is this lab's. */
const longestEpid = 16;

/** The events a client may subscribe to, as Lync lists them. */
const allowEvents = 'vnd-microsoft-provisioning,vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-ACL,presence,presence.wpending,'
  + 'vnd-microsoft-roaming-self,vnd-microsoft-provisioning-v2';

/** What is wrong with a REGISTER whoever sent it (MS-SIPRE 3.2.4, MS-SIPREGE 3.1.2.5.1); undefined when nothing is. */
export function registerFault(request: SipMessage): Refusal | undefined {
  const fault = (status: number, id: number, reason: string): Refusal => ({ status, diagnostics: { id, reason } });
  const epid = parseNameAddress(request.get('From') ?? '').parameters.get('epid') ?? '';
  const instance = instanceUuid(request);
  if (epid === '' && instance === undefined) return fault(400, 4010, 'Both epid and +sip.instance are missing');
  if (epid === '') return fault(400, 4011, 'The epid parameter is missing in the From header');
  if (epid.length > longestEpid) return fault(400, 4012, 'The epid parameter is too long');
  if (instance !== undefined && instance !== endpointUuid(epid)) return { status: 400 };
  if (!/^(?:|\d{1,9})$/.test(request.get('Expires') ?? '')) return { status: 400 };
  const event = request.get('Event');
  if (event !== undefined && event.toLowerCase() !== 'registration') return fault(489, 4055, 'The event is not registration');
  const supported = new Set(request.getAll('Supported').flatMap((value) => splitOutsideQuotes(value, ',')));
  if (supported.has('msrtc-event-categories') && !supported.has('gruu-10')) return fault(421, 2057, 'gruu-10 is required with msrtc-event-categories');
  return undefined;
}

/** Whether Contact names a GRUU that is another endpoint's (MS-SIPAE 3.3.5.2); what real servers answer to it is not known. */
export function namesOthersGruu(request: SipMessage, { user, epid }: Association): boolean {
  const uri = parseNameAddresses(request.get('Contact') ?? '')[0]?.uri ?? '';
  return /;gruu(?:;|$)/i.test(uri) && (addressOfRecord(uri) !== addressOfRecord(user.sipUri) || !uri.split(';').includes(`opaque=user:epid:${gruuIdentifier(epid)}`));
}

/** The UUID of the Contact's +sip.instance, in lower case. */
function instanceUuid(request: SipMessage): string | undefined {
  const contact = parseNameAddresses(request.get('Contact') ?? '')[0];
  return /^<?urn:uuid:([^>]*)>?$/i.exec(contact?.parameters.get('+sip.instance') ?? '')?.[1]?.toLowerCase();
}

/** The devices that are registered, at most one of a user and epid. Those whose time is over stay, unseen, until they are removed. */
export class Endpoints {
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Adds or refreshes; says which. */
  register(endpoint: Endpoint): 'added' | 'refreshed' {
    const key = keyOf(endpoint);
    const known = this.of(endpoint.aor).some((other) => keyOf(other) === key && other.connection === endpoint.connection);
    if (!known) this.#endpoints.delete(key);
    this.#endpoints.set(key, endpoint);
    return known ? 'refreshed' : 'added';
  }

  /** A user's endpoints, the one registered longest ago first. */
  of(aor: string): Endpoint[] {
    return [...this.#endpoints.values()].filter((endpoint) => endpoint.aor === aor && endpoint.expires > this.#now());
  }

  get(aor: string, epid: string): Endpoint | undefined {
    return this.of(aor).find((endpoint) => endpoint.epid === epid);
  }

  /** Removes and returns those of a connection, or one of a user, their time over or not. */
  remove(which: (endpoint: Endpoint) => boolean): Endpoint[] {
    const removed = [...this.#endpoints.values()].filter(which);
    for (const endpoint of removed) this.#endpoints.delete(keyOf(endpoint));
    return removed;
  }

  /** Removes and returns a user's endpoints whose time is over. */
  removeExpired(aor: string): Endpoint[] {
    return this.remove((endpoint) => endpoint.aor === aor && endpoint.expires <= this.#now());
  }
}

function keyOf({ aor, epid }: { aor: string; epid: string }): string {
  return `${aor} ${epid}`;
}

/** The endpoint a REGISTER asks for, and for how long it gets it. */
export function endpointOf(request: SipMessage, connection: Connection, association: Association, now: number, mostSeconds: number): Endpoint {
  const contact = parseNameAddresses(request.get('Contact') ?? '')[0]?.uri ?? association.aor;
  const seconds = Math.min(Number(request.get('Expires') ?? mostSeconds), mostSeconds);
  return {
    aor: association.aor,
    epid: association.epid,
    connection,
    association,
    contactUri: `${contact};ms-received-cid=${connection.id}`,
    gruu: endpointGruu(association.user.sipUri, association.epid),
    expires: now + seconds * 1000,
  };
}

/** How a registration came about, for presence-state (MS-SIPREGE 2.2.1.4). */
export interface Standing {
  action: 'added' | 'refreshed';
  /** False at a backup registrar, which serves in survivable mode. */
  connectedToPrimary: boolean;
}

/** Headers of the 200 to a REGISTER (MS-SIPREGE 3.1.1.5.1). `standing` is missing when the endpoint signed out. */
export function registeredHeaders(
  endpoints: readonly Endpoint[], seconds: number, keepAliveSeconds: number, standing: Standing | undefined, now: number,
): SipHeader[] {
  const header = (name: string, value: string) => ({ name, value });
  return [
    header('ms-keep-alive', `UAS; tcp=no; hop-hop=yes; end-end=no; timeout=${keepAliveSeconds}`),
    ...endpoints.map((endpoint) => header('Contact', [
      `<${endpoint.contactUri}>`,
      `expires=${Math.ceil((endpoint.expires - now) / 1000)}`,
      `+sip.instance=${quote(`<urn:uuid:${endpointUuid(endpoint.epid)}>`)}`,
      `gruu=${quote(endpoint.gruu)}`,
    ].join(';'))),
    header('Expires', String(seconds)),
    ...(standing ? [header('presence-state', `register-action=${quote(standing.action)}; primary-cluster-type="central"; ${
      standing.connectedToPrimary ? 'is-connected-to-primary="yes"' : 'is-connected-to-primary="no"; user-services-state=unavailable'}`)] : []),
    header('Allow-Events', allowEvents),
    header('Supported', 'adhoclist'),
    header('Supported', 'msrtc-event-categories'),
  ];
}
