import { roamingContactsEvent, roamingContactsType, writeContactDelta, writeContactList, type ContactList } from '../../protocol/presence/contact-list.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord, parseNameAddress } from '../../protocol/sip/name-address.js';
import { splitOutsideQuotes } from '../../protocol/sip/quoted-text.js';
import { parseXml } from '../../protocol/soap/xml.js';
import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import type { Association } from './association.js';
import type { Connection } from './connection.js';
import type { Presence } from './presence.js';
import { contactsOf, provisioningDocument } from './provisioning.js';
import { refuse, respond } from './response.js';
import { serverRequest } from './server-request.js';

/** Subscriptions of one connection, and resources of one request, that are served at most. */
const mostSubscriptions = 100;
const mostResources = 200;
/** Seconds. */
const longestSubscription = 28_800;

/** A query that is answered and over. */
const oneShotEvent = 'vnd-microsoft-provisioning-v2';

const contentTypes: ReadonlyMap<string, string> = new Map([
  ['vnd-microsoft-provisioning-v2', 'application/vnd-microsoft-roaming-provisioning-v2+xml'],
  ['vnd-microsoft-roaming-self', 'application/vnd-microsoft-roaming-self+xml'],
  [roamingContactsEvent, roamingContactsType],
  ['presence', 'application/msrtc-event-categories+xml'],
]);
/** Events of Live Communications Server 2005 clients: accepted, and there is never anything to say. */
const silentEvents = new Set(['vnd-microsoft-roaming-acl', 'presence.wpending', 'vnd-microsoft-provisioning']);

/** A dialog that notifications go out in. */
interface Subscription {
  event: string;
  callId: string;
  /** From and To of what the server sends: its own with tag, the subscriber's with tag and epid. */
  local: string;
  remote: string;
  requestUri: string;
  connection: Connection;
  /** The subscriber's endpoint. */
  aor: string;
  epid: string;
  /** Notifications need no answer (`Supported: ms-benotify`). */
  benotify: boolean;
  /** Whose presence, as addresses of record. */
  resources: ReadonlySet<string>;
  cseq: number;
  expires: number;
}

export interface SubscriptionsOptions {
  deployment: Deployment;
  fqdn: string;
  /** This server in Via. */
  sentBy: string;
  presenceOf: (aor: string) => Presence | undefined;
  /** Where an endpoint is reached: the Contact it registered. */
  contactOf: (association: Association) => string;
}

/** SUBSCRIBE and the notifications it leads to (MS-SIPRE, MS-PRES): the first one rides on the 200, later ones are BENOTIFY. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #all = new Set<Subscription>();
  /** Changes of the contact lists, by address of record. */
  readonly #contactChanges = new Map<string, number>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /** Answers a SUBSCRIBE. Throws a `Failure` `xml/...` for a body that is no XML. */
  subscribe(connection: Connection, association: Association, request: SipMessage): void {
    const event = (request.get('Event') ?? '').split(';', 1)[0]?.trim() ?? '';
    const current = this.#find(connection, request);
    const refusal = this.#refusalOf(connection, request, event, current);
    if (refusal !== undefined) return connection.send(refuse(request, connection, { status: refusal }, this.#options.fqdn), association.security);
    if (current) this.#all.delete(current);

    const resources = event === 'presence' ? resourcesOf(request) : new Set([association.aor]);
    const seconds = event === oneShotEvent ? 0 : Math.min(Number(/^\d{1,9}$/.exec(request.get('Expires') ?? '')?.[0] ?? Infinity), longestSubscription);
    const supported = new Set(request.getAll('Supported').flatMap((value) => splitOutsideQuotes(value.toLowerCase(), ',')));
    const benotify = supported.has('ms-benotify');
    const [only] = resources;
    const document = resources.size === 1 && only !== undefined ? this.#document(event, only, association, request.body) : undefined;
    const piggyback = supported.has('ms-piggyback-first-notify') ? document : undefined;
    const cseq = (current?.cseq ?? 0) + (piggyback === undefined ? 0 : 1);
    const header = (name: string, value: string) => ({ name, value });
    const response = respond(request, connection, 200, [
      header('Expires', String(seconds)), header('Event', event), header('subscription-state', state(seconds)),
      ...(piggyback === undefined ? [] : [header('ms-piggyback-cseq', String(cseq)), header('Content-Type', contentTypes.get(event) ?? '')]),
      ...(benotify ? [header('Supported', 'ms-benotify, ms-piggyback-first-notify')] : []),
    ], piggyback);
    connection.send(response, association.security);
    if (seconds === 0) return;

    const subscription: Subscription = {
      event, connection, resources, benotify, cseq, aor: association.aor, epid: association.epid,
      callId: request.get('Call-ID') ?? '',
      local: response.get('To') ?? '',
      remote: request.get('From') ?? '',
      requestUri: this.#options.contactOf(association),
      expires: this.#options.deployment.now() + seconds * 1000,
    };
    this.#all.add(subscription);
    if (piggyback === undefined) this.#notifyResources(subscription, resources);
  }

  /** The status a SUBSCRIBE is refused with; undefined when it can be served. */
  #refusalOf(connection: Connection, request: SipMessage, event: string, current: Subscription | undefined): number | undefined {
    if (!contentTypes.has(event) && !silentEvents.has(event.toLowerCase())) return 489;
    if (event === oneShotEvent && request.mediaType !== contentTypes.get(event)) return 406;
    if (current) return undefined;
    if (parseNameAddress(request.get('To') ?? '').parameters.has('tag')) return 481;
    return this.#count(connection) >= mostSubscriptions ? 403 : undefined;
  }

  /** Tells everybody who subscribed to it that a user's presence has changed. */
  presenceChanged(aor: string): void {
    for (const subscription of this.#all) {
      const concerned = subscription.event === 'presence' || subscription.event === 'vnd-microsoft-roaming-self';
      if (concerned && subscription.resources.has(aor)) this.#notifyResources(subscription, new Set([aor]));
    }
  }

  /** Tells a user's endpoints what has changed in the contact list since the user was as `before`. */
  contactsChanged(before: LabUser): void {
    const aor = addressOfRecord(before.sipUri);
    const user = this.#options.deployment.users.bySipUri(aor);
    const old = this.#contactList(before);
    if (user === undefined || writeContactList(old) === writeContactList(this.#contactList(user))) return;
    this.#contactChanges.set(aor, old.deltaNum);
    const delta = writeContactDelta(old, this.#contactList(user));
    for (const subscription of this.#all) if (subscription.event === roamingContactsEvent && subscription.resources.has(aor)) this.#notify(subscription, () => delta);
  }

  /** Forgets what went over a connection, or belonged to one endpoint of it. */
  forget(connection: Connection, endpoint?: { aor: string; epid: string }): void {
    for (const subscription of this.#all) {
      if (subscription.connection === connection && (!endpoint || (subscription.aor === endpoint.aor && subscription.epid === endpoint.epid))) {
        this.#all.delete(subscription);
      }
    }
  }

  #notifyResources(subscription: Subscription, resources: ReadonlySet<string>): void {
    for (const aor of resources) this.#notify(subscription, (association) => this.#document(subscription.event, aor, association, undefined));
  }

  #notify(subscription: Subscription, documentFor: (association: Association) => string | undefined): void {
    const { event, connection } = subscription;
    const remaining = Math.ceil((subscription.expires - this.#options.deployment.now()) / 1000);
    if (remaining <= 0) {
      this.#all.delete(subscription);
      return;
    }
    const association = connection.associationOf(subscription);
    if (!association) return;
    const document = documentFor(association);
    const contentType = contentTypes.get(event);
    if (document === undefined || contentType === undefined) return;
    connection.send(serverRequest({
      method: subscription.benotify ? 'BENOTIFY' : 'NOTIFY', uri: subscription.requestUri, transport: connection.transport, sentBy: this.#options.sentBy,
      from: subscription.local, to: subscription.remote, callId: subscription.callId, cseq: ++subscription.cseq,
      headers: [
        { name: 'Event', value: event },
        { name: 'subscription-state', value: state(remaining) },
        { name: 'Content-Type', value: contentType },
      ],
      body: document,
    }), association.security);
  }

  #contactList(user: LabUser): ContactList {
    const changes = this.#contactChanges.get(addressOfRecord(user.sipUri)) ?? 0;
    return { deltaNum: changes + 1, contacts: contactsOf(user, this.#options.deployment.topology.users) };
  }

  #document(event: string, aor: string, association: Association, query: Buffer | undefined): string | undefined {
    const { deployment, presenceOf } = this.#options;
    switch (event) {
      case 'vnd-microsoft-provisioning-v2': return query && provisioningDocument(query, association.user, deployment);
      case 'vnd-microsoft-roaming-self': return presenceOf(aor)?.roamingSelf();
      case roamingContactsEvent: return writeContactList(this.#contactList(deployment.users.bySipUri(association.aor) ?? association.user));
      case 'presence': return presenceOf(aor)?.categories();
      default: return undefined;
    }
  }

  #find(connection: Connection, request: SipMessage): Subscription | undefined {
    const callId = request.get('Call-ID');
    const tag = parseNameAddress(request.get('To') ?? '').parameters.get('tag');
    return [...this.#all].find((subscription) => subscription.connection === connection && subscription.callId === callId
      && parseNameAddress(subscription.local).parameters.get('tag') === tag);
  }

  /** Those still running. */
  #count(connection: Connection): number {
    let count = 0;
    for (const subscription of this.#all) {
      if (subscription.expires <= this.#options.deployment.now()) this.#all.delete(subscription);
      else if (subscription.connection === connection) count++;
    }
    return count;
  }
}

function state(seconds: number): string {
  return seconds === 0 ? 'terminated;expires=0' : `active;expires=${seconds}`;
}

/** Whose presence is wanted: the resources of a batch, or whom the request is for. */
function resourcesOf(request: SipMessage): Set<string> {
  if (request.body.length === 0) return new Set([addressOfRecord(parseNameAddress(request.get('To') ?? '').uri)]);
  const resources = [...parseXml(request.body).selfAndDescendants()].filter((element) => element.local === 'resource');
  return new Set(resources.slice(0, mostResources).map((resource) => addressOfRecord(resource.attribute('uri') ?? '')));
}
