import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { systemClock, type Clock } from '../../clock.js';
import { Failure } from '../../failure.js';
import { sameName } from '../../protocol/dns/name.js';
import { formatDiagnostics } from '../../protocol/sip/diagnostics.js';
import { publishType } from '../../protocol/presence/publication.js';
import { SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord, parseNameAddress } from '../../protocol/sip/name-address.js';
import { quote } from '../../protocol/sip/quoted-text.js';
import type { Deployment, ServerIdentity } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import type { Association } from './association.js';
import { Authenticator } from './authenticator.js';
import { Connection, type RemoteAccess } from './connection.js';
import { refusedVersion } from './client-version.js';
import { forwardedMethods, Forwarding } from './forwarding.js';
import { Presence } from './presence.js';
import { Endpoints, endpointOf, namesOthersGruu, registeredHeaders, registerFault, type Endpoint } from './registration.js';
import { newTag, refuse, respond, type Refusal } from './response.js';
import { serverRequest } from './server-request.js';
import { answerService } from './service.js';
import { Subscriptions } from './subscriptions.js';

export interface RegistrarOptions {
  deployment: Deployment;
  /** This server's name: `targetname` of its challenges. */
  fqdn: string;
  port: number;
  /** Of the authentication protocol; 4, the default, is Lync's. */
  authenticationVersion?: 3 | 4;
  /** Read at each handshake, so that a swapped certificate counts at once. */
  identity: () => ServerIdentity;
  /** Who serves a user, by address of record; read at each REGISTER. Default: this server. */
  homeOf?: (aor: string) => Home;
  clock?: Clock;
  /** Of all registrars whose users reach each other. Default: this one alone. */
  forwarding?: Forwarding;
}

/** Where a user is served: here, here while their own server is down, at another server, or by nobody. */
export type Home = 'here' | 'here-as-backup' | 'nowhere' | { host: string; port: number };

/** Why a server ends a registration by itself: token of the registration-notify body and MS-OCER id. */
const deregistrations = {
  unregistered: { id: 4140, reason: 'The endpoint was removed' },
  rejected: { id: 4141, reason: 'User disabled' },
  deactivated: { id: 4142, reason: 'User moved or temporarily unavailable' },
  'userservices-unavailable': { id: 4165, reason: 'User services are not available' },
  // Which of its two ids, 4166 or 4167, stands for what is not documented where we can read it.
  'preferred-registrar-change': { id: 4166, reason: 'The preferred registrar has changed' },
} as const;
export type DeregistrationEvent = Exclude<keyof typeof deregistrations, 'preferred-registrar-change'>;

const knownMethods = ['REGISTER', 'SUBSCRIBE', 'SERVICE', 'OPTIONS', ...forwardedMethods];
/** Extensions of RFC 3261: known, but not served here. */
const otherMethods = new Set(['NOTIFY', 'PUBLISH', 'NEGOTIATE']);
const mandatoryHeaders = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

/** The Front End's registrar: authentication, registration, in-band provisioning and presence, over connections given to it. */
export class Registrar {
  readonly #deployment: Deployment;
  readonly #fqdn: string;
  readonly #sentBy: string;
  readonly #clock: Clock;
  readonly #authenticator: Authenticator;
  readonly #endpoints: Endpoints;
  readonly #subscriptions: Subscriptions;
  readonly #presence = new Map<string, Presence>();
  readonly #homeOf: (aor: string) => Home;
  readonly #forwarding: Forwarding;
  readonly #connections = new Set<Connection>();
  #connectionCount = 0x100;

  constructor({ deployment, fqdn, port, authenticationVersion = 4, identity, homeOf = () => 'here', clock = systemClock, forwarding }: RegistrarOptions) {
    this.#deployment = deployment;
    this.#fqdn = fqdn;
    this.#sentBy = `${fqdn}:${port}`;
    this.#clock = clock;
    this.#homeOf = homeOf;
    this.#authenticator = new Authenticator(deployment, { fqdn, authenticationVersion }, identity);
    this.#endpoints = new Endpoints(deployment.now);
    this.#forwarding = forwarding ?? new Forwarding({ users: deployment.users, clock });
    this.#forwarding.join(this.#endpoints);
    this.#subscriptions = new Subscriptions({
      deployment, fqdn, sentBy: this.#sentBy,
      presenceOf: (aor) => this.#presenceOf(aor),
      contactOf: ({ aor, epid }) => this.#endpoints.get(aor, epid)?.contactUri ?? aor,
    });
  }

  /** Serves SIP on a connection, over TCP or with the TLS handshake done, until either side ends it. `remote` when it came over an Access Edge. */
  accept(socket: Duplex, peer: { address: string; port: number }, remote?: RemoteAccess): void {
    const connection: Connection = new Connection({
      id: (++this.#connectionCount).toString(16).toUpperCase(),
      socket, peer, remote, clock: this.#clock, trace: this.#deployment.trace,
      // A fifth longer than the client was told, for the way its keep-alive takes.
      patience: () => this.#deployment.policy.keepAliveSeconds * 1.2,
      receive: (message) => this.#receive(connection, message),
      closed: () => { this.#closed(connection); },
    });
    this.#connections.add(connection);
    void connection.run();
  }

  /** Requests between clients that are not answered yet; with a forwarding of several registrars, theirs too. */
  get underWay(): { pending: number; branches: number } {
    return this.#forwarding.size;
  }

  /** Closes every connection. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Ends a user's registrations from the server's side: NOTIFY registration-notify to each endpoint (MS-SIPREGE 2.2.1.13). */
  deregister(sipUri: string, event: DeregistrationEvent): void {
    const aor = addressOfRecord(sipUri);
    this.#goneOffline(this.#endpoints.removeExpired(aor));
    this.#end(event, (endpoint) => endpoint.aor === aor);
  }

  /** Sends everybody who is served elsewhere by now there: a backup registrar does, when the primary is back (MS-SIPREGE 2.2.1.13). */
  sendHome(): void {
    this.#end('preferred-registrar-change', ({ aor, connection }) => connection.remote === undefined && typeof this.#homeOf(aor) === 'object');
  }

  #end(event: keyof typeof deregistrations, which: (endpoint: Endpoint) => boolean): void {
    const { id, reason } = deregistrations[event];
    const ended = this.#endpoints.remove(which);
    for (const endpoint of ended) {
      const home = event === 'preferred-registrar-change' ? this.#homeOf(endpoint.aor) : 'here';
      this.#subscriptions.forget(endpoint.connection, endpoint.association);
      endpoint.connection.send(serverRequest({
        method: 'NOTIFY', uri: endpoint.contactUri, transport: endpoint.connection.transport, sentBy: this.#sentBy,
        from: `<${endpoint.aor}>;tag=${newTag()}`, to: `<${endpoint.aor}>;epid=${endpoint.epid}`,
        callId: randomBytes(16).toString('hex'), cseq: 1,
        headers: [
          { name: 'Event', value: 'registration-notify' },
          { name: 'subscription-state', value: 'terminated;expires=0' },
          { name: 'ms-diagnostics-public', value: formatDiagnostics(id, reason) },
          ...(typeof home === 'object' ? [{ name: 'P-Preferred-Registrar', value: contactOf(home) }] : []),
          { name: 'Content-Type', value: 'text/registration-event' },
        ],
        body: `deregistered;event=${event}`,
      }), endpoint.association.security);
      endpoint.connection.associations.delete(endpoint.association.security.opaque);
    }
    this.#goneOffline(ended);
  }

  /** Forgets every security association, as a restarted server does: the next signed request gets a 401. */
  loseSecurityAssociations(): void {
    for (const connection of this.#connections) connection.associations.clear();
  }

  /** Sets a user's availability (3500 available, 6500 busy, 15500 away, ...) and notifies the subscribers. */
  notifyPresence(sipUri: string, availability: number): void {
    const aor = addressOfRecord(sipUri);
    this.#presenceOf(aor)?.setAvailability(availability);
    this.#subscriptions.presenceChanged(aor);
  }

  /** Notifies a user's endpoints of what has changed in the contact list since the user was as `before`. */
  contactsChanged(before: LabUser): void {
    this.#subscriptions.contactsChanged(before);
  }

  #presenceOf(aor: string): Presence | undefined {
    const user = this.#deployment.users.bySipUri(aor);
    if (!user) return undefined;
    const presence = this.#presence.get(aor) ?? new Presence(user, this.#deployment.now);
    this.#presence.set(aor, presence);
    for (const { epid } of this.#endpoints.removeExpired(aor)) presence.endpointGone(epid);
    return presence;
  }

  #closed(connection: Connection): void {
    this.#connections.delete(connection);
    this.#subscriptions.forget(connection);
    this.#forwarding.forget(connection);
    this.#goneOffline(this.#endpoints.remove((endpoint) => endpoint.connection === connection));
  }

  #goneOffline(endpoints: readonly Endpoint[]): void {
    for (const { aor, epid } of endpoints) {
      this.#forwarding.gone({ aor, epid });
      this.#presenceOf(aor)?.endpointGone(epid);
      this.#subscriptions.presenceChanged(aor);
    }
  }

  async #receive(connection: Connection, message: SipMessage): Promise<void> {
    if (!message.isRequest) {
      if (this.#authenticator.checkAnswer(connection, message)) this.#forwarding.response(connection, message);
      return;
    }
    const silent = message.method === 'ACK' || message.method === 'CANCEL' || message.method === 'BENOTIFY';
    const refusal = (refused: Refusal, association?: Pick<Association, 'security'>) => {
      if (!silent) connection.send(refuse(message, connection, refused, this.#fqdn), association?.security);
    };
    if (mandatoryHeaders.some((name) => message.get(name) === undefined) || message.cseq.method !== message.method || !/^\d{1,10}$/.test(message.cseq.number)) {
      return refusal({ status: 400 });
    }
    if (this.#isUnavailable()) return refusal({ status: 503 });
    const fault = message.method === 'REGISTER' ? registerFault(message) : undefined;
    if (fault) return refusal(fault);
    const authentication = await this.#authenticator.authenticate(connection, message);
    if (authentication.kind === 'refused') return refusal(authentication.refusal, authentication.security && { security: authentication.security });
    try {
      this.#serve(connection, authentication.association, message, refusal);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#deployment.trace.record('registrar', { layer: 'note', summary: `A ${message.method} could not be served: ${error.message}` });
      refusal({ status: 400 }, authentication.association);
    }
  }

  #serve(connection: Connection, association: Association, request: SipMessage, refusal: (refused: Refusal, association: Association) => void): void {
    if (namesOthersGruu(request, association)) return refusal({ status: 400 }, association);
    switch (request.method) {
      case 'REGISTER': {
        if (association.user.enabled === false) return refusal({ status: 404, diagnostics: { id: 4005, reason: 'The user is not enabled for SIP' } }, association);
        if (connection.remote !== undefined && !this.#deployment.policy.EnableOutsideAccess) return refusal({ status: 403, diagnostics: { id: 4003, reason: 'The user is not enabled for remote access' } }, association);
        const version = refusedVersion(request, this.#deployment.policy);
        if (version !== undefined) return refusal(version, association);
        // Who came over an Access Edge cannot be sent on: the home server is not to be reached from outside.
        const home = connection.remote === undefined ? this.#homeOf(association.aor) : 'here';
        if (home === 'nowhere') return refusal({ status: 404, diagnostics: { id: 4006, reason: 'The user is not found in this pool' } }, association);
        if (typeof home === 'object') return refusal({ status: 301, headers: [{ name: 'Contact', value: contactOf(home) }] }, association);
        this.#register(connection, association, request, home === 'here');
        return;
      }
      case 'SUBSCRIBE':
        this.#subscriptions.subscribe(connection, association, request);
        return;
      case 'SERVICE': {
        const presence = this.#presenceOf(association.aor);
        const answer = answerService(request, connection, association, presence, this.#deployment);
        if (!(answer instanceof SipMessage)) return refusal(answer, association);
        connection.send(answer, association.security);
        if (answer.status === 200 && request.mediaType === publishType) this.#subscriptions.presenceChanged(association.aor);
        return;
      }
      case 'OPTIONS':
        connection.send(respond(request, connection, 200, [{ name: 'Allow', value: knownMethods.join(', ') }]), association.security);
        return;
      default:
        if (forwardedMethods.has(request.method)) return this.#forwarding.request(connection, association, request, { fqdn: this.#fqdn, sentBy: this.#sentBy });
        return refusal(otherMethods.has(request.method)
          ? { status: 405, headers: [{ name: 'Allow', value: knownMethods.join(', ') }] } : { status: 501 }, association);
    }
  }

  #isUnavailable(): boolean {
    return this.#deployment.topology.faults.registrarsUnavailable.some((fqdn) => sameName(fqdn, this.#fqdn));
  }

  #register(connection: Connection, association: Association, request: SipMessage, connectedToPrimary: boolean): void {
    const { policy, now } = this.#deployment;
    const endpoint = endpointOf(request, connection, association, now(), policy.registrationExpiresSeconds);
    const seconds = Math.ceil((endpoint.expires - now()) / 1000);
    const same = ({ aor, epid }: Endpoint) => aor === endpoint.aor && epid === endpoint.epid;
    const action = seconds === 0 ? undefined : this.#endpoints.register(endpoint);
    const gone = seconds === 0 ? this.#endpoints.remove(same) : [];
    if (action !== undefined) this.#keepWithin(policy.MaxEndpointsPerUser, endpoint);
    const response = respond(request, connection, 200,
      registeredHeaders(this.#endpoints.of(endpoint.aor), seconds, policy.keepAliveSeconds, action && { action, connectedToPrimary }, now()));
    if (connection.remote !== undefined) response.add('ms-user-logon-data', 'RemoteUser');
    nameSender(response, association.user.displayName);
    connection.send(response, association.security);
    if (seconds === 0) {
      this.#subscriptions.forget(connection, association);
      connection.associations.delete(association.security.opaque);
    }
    this.#goneOffline(gone);
  }

  /**
   * One endpoint more than a user may have costs another its registration: that the quota ends registrations, with 4140, is documented
   * (MS-SIPREGE 2.2.1.13), that it is the one registered longest ago is inferred.
   */
  #keepWithin(most: number, latest: Endpoint): void {
    const others = this.#endpoints.of(latest.aor).filter(({ epid }) => epid !== latest.epid);
    const surplus = new Set(others.slice(0, Math.max(0, others.length + 1 - most)));
    if (surplus.size > 0) this.#end('unregistered', (endpoint) => surplus.has(endpoint));
  }
}

/** How a server is named to a client that is to go there. */
function contactOf({ host, port }: { host: string; port: number }): string {
  return `<sip:${host}:${port};transport=tls>`;
}

/** Lync writes the user's display name into the From it echoes; signatures do not cover it. */
function nameSender(response: SipMessage, displayName: string): void {
  const from = response.headers.find((header) => header.name === 'From');
  if (from?.value.startsWith('<') && parseNameAddress(from.value).displayName === undefined) from.value = `${quote(displayName)}${from.value}`;
}
