import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.js';
import { SipMessage, type SipHeader } from '../../protocol/sip/message.js';
import { addressOfRecord, parseAssertedIdentity, parseNameAddress } from '../../protocol/sip/name-address.js';
import { quote, readParameters, splitOutsideQuotes } from '../../protocol/sip/quoted-text.js';
import type { UserStore } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import type { Association } from './association.js';
import { callTarget } from './call-target.js';
import type { Connection } from './connection.js';
import type { Endpoint, Endpoints } from './registration.js';
import { notThisUser, refuse, respond, type Refusal } from './response.js';

/** Requests of one connection that are under way at most. */
const mostPending = 32;
/** An INVITE that nobody answers is given up after three minutes (RFC 3261 timer C), anything else after 64 T1 (timer F). Milliseconds. */
const inviteTime = 180_000;
const requestTime = 32_000;

/** The methods that one client sends another; what is for the server itself is answered by it. */
export const forwardedMethods: ReadonlySet<string> = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'MESSAGE', 'INFO', 'REFER', 'UPDATE', 'PRACK']);

/** Of the server a client is connected to, as it appears on the way: in Via, Record-Route and diagnostics. */
export interface Hop {
  fqdn: string;
  /** `se01.contoso.lab:5061`. */
  sentBy: string;
}

/** A request on its way: the server transaction towards who sent it. */
interface Pending {
  connection: Connection;
  association: Association;
  request: SipMessage;
  hop: Hop;
  /** Those without a final response. */
  open: Set<Branch>;
  /** The best refusal so far. */
  best: SipMessage | undefined;
  answered: boolean;
  cancelled: boolean;
}

/** The client transaction towards one endpoint. */
interface Branch {
  id: string;
  pending: Pending;
  endpoint: Endpoint;
  request: SipMessage;
  /** The endpoint has said something, so that it may be told to cancel (RFC 3261 section 9.1). */
  heard: boolean;
  cancelling: boolean;
  timer: unknown;
}

export interface ForwardingOptions {
  users: UserStore;
  clock: Clock;
}

/**
 * What clients say to each other, by way of the servers: a stateful proxy (RFC 3261 section 16) that forks an INVITE to all
 * endpoints of the callee, cancels the others when one answers, and verifies and signs each hop. It keeps no state of a call: later
 * requests find their way by the GRUU in Contact. All registrars of a deployment share one; what real servers say between
 * themselves is left out.
 */
export class Forwarding {
  readonly #options: ForwardingOptions;
  readonly #registries = new Set<Endpoints>();
  readonly #pending = new Map<Connection, Set<Pending>>();
  /** By the branch of its Via. */
  readonly #branches = new Map<string, Branch>();

  constructor(options: ForwardingOptions) {
    this.#options = options;
  }

  /** Endpoints that can be reached from now on. */
  join(registry: Endpoints): void {
    this.#registries.add(registry);
  }

  /** Requests and branches under way; what is bounded. */
  get size(): { pending: number; branches: number } {
    return { pending: [...this.#pending.values()].reduce((sum, all) => sum + all.size, 0), branches: this.#branches.size };
  }

  /** Takes a verified request for another client. */
  request(connection: Connection, association: Association, request: SipMessage, hop: Hop): void {
    if (request.method === 'CANCEL') return this.#cancelRequest(connection, association, request, hop);
    const pending: Pending = { connection, association, request, hop, open: new Set(), best: undefined, answered: false, cancelled: false };
    const hops = Number(/^\d{1,3}$/.exec(request.get('Max-Forwards') ?? '70')?.[0] ?? 0);
    const { users } = this.#options;
    const identity = parseAssertedIdentity(request.get('P-Preferred-Identity') ?? '').sipUri;
    const target = callTarget(request, users, (aor) => this.#endpointsOf(aor), association);
    const refusal: Refusal | undefined = hops === 0 ? { status: 483 }
      : identity !== undefined && addressOfRecord(identity) !== association.aor ? notThisUser
        : target.kind === 'refused' ? target.refusal
          : this.#ofConnection(connection).size >= mostPending ? { status: 503 } : undefined;
    if (refusal !== undefined || target.kind === 'refused') {
      // An ACK gets no answer, and one for a refusal ends here, where the refusal came from.
      if (refusal !== undefined && request.method !== 'ACK') this.#answer(pending, refuse(request, connection, refusal, hop.fqdn));
      return;
    }
    if (request.method === 'ACK') {
      const [only, ...more] = target.endpoints;
      if (only !== undefined && more.length === 0) this.#send(only, this.#forwarded(pending, only, newBranch(), hops));
      return;
    }
    this.#ofConnection(connection).add(pending);
    if (request.method === 'INVITE') this.#answer(pending, respond(request, connection, 100));
    const branches = target.endpoints.map((endpoint): Branch => {
      const id = newBranch();
      return { id, pending, endpoint, request: this.#forwarded(pending, endpoint, id, hops), heard: false, cancelling: false, timer: undefined };
    });
    for (const branch of branches) {
      pending.open.add(branch);
      this.#branches.set(branch.id, branch);
      this.#limit(branch, request.method === 'INVITE' ? inviteTime : requestTime);
    }
    for (const branch of branches) if (!this.#send(branch.endpoint, branch.request)) this.#end(branch, 'gone');
  }

  /** Takes a verified response. False when it answers nothing that was forwarded. */
  response(connection: Connection, response: SipMessage): boolean {
    const branch = this.#branches.get(branchOf(response) ?? '');
    if (branch === undefined || branch.endpoint.connection !== connection || response.cseq.method !== branch.request.method) return false;
    const status = response.status ?? 0;
    if (status < 200) {
      branch.heard = true;
      if (branch.cancelling) this.#sendCancel(branch);
      else if (status > 100 && branch.pending.open.has(branch)) this.#answer(branch.pending, this.#returned(branch, response));
      return true;
    }
    if (status >= 300 && branch.request.method === 'INVITE') this.#send(branch.endpoint, acknowledgement(branch, response));
    this.#end(branch, response);
    return true;
  }

  /** A connection has ended: the requests that came over it need no answer, its INVITEs are cancelled, and what went over it is not answered any more. */
  forget(connection: Connection): void {
    for (const pending of this.#pending.get(connection) ?? []) {
      pending.answered = true;
      for (const branch of pending.open) this.#cancel(branch);
    }
    this.#pending.delete(connection);
    // Also those to an endpoint that has come back over another connection since.
    for (const branch of this.#branches.values()) if (branch.endpoint.connection === connection) this.#end(branch, 'gone');
  }

  /** An endpoint has lost its registration: it answers nothing any more. */
  gone({ aor, epid }: Pick<Endpoint, 'aor' | 'epid'>): void {
    for (const branch of this.#branches.values()) if (branch.endpoint.aor === aor && branch.endpoint.epid === epid) this.#end(branch, 'gone');
  }

  #endpointsOf(aor: string): Endpoint[] {
    return [...this.#registries].flatMap((registry) => registry.of(aor)).filter((endpoint) => endpoint.connection.associationOf(endpoint) !== undefined);
  }

  #ofConnection(connection: Connection): Set<Pending> {
    const all = this.#pending.get(connection) ?? new Set();
    this.#pending.set(connection, all);
    return all;
  }

  #cancelRequest(connection: Connection, association: Association, cancel: SipMessage, { fqdn }: Hop): void {
    const pending = [...this.#ofConnection(connection)].find(({ request }) => request.method === 'INVITE'
      && request.get('Call-ID') === cancel.get('Call-ID') && request.cseq.number === cancel.cseq.number
      && tagOf(request, 'From') === tagOf(cancel, 'From'));
    connection.send(refuse(cancel, connection, { status: pending === undefined ? 481 : 200 }, fqdn), association.security);
    if (pending === undefined || pending.cancelled) return;
    pending.cancelled = true;
    for (const branch of pending.open) this.#cancel(branch);
  }

  /** Tells an endpoint that its answer is no longer wanted, once it has shown that it knows of the INVITE. */
  #cancel(branch: Branch): void {
    if (branch.cancelling || branch.request.method !== 'INVITE') return;
    branch.cancelling = true;
    this.#limit(branch, requestTime);
    if (branch.heard) this.#sendCancel(branch);
  }

  #sendCancel(branch: Branch): void {
    this.#send(branch.endpoint, sameTransaction('CANCEL', branch.request, branch.endpoint.contactUri));
  }

  #limit(branch: Branch, milliseconds: number): void {
    const { clock } = this.#options;
    clock.clearTimeout(branch.timer);
    branch.timer = clock.setTimeout(() => {
      if (branch.request.method !== 'INVITE' || branch.cancelling) this.#end(branch, 'silent');
      else this.#cancel(branch);
    }, milliseconds);
  }

  /** A branch is over: with the endpoint's final response, or with what the server says in its place. */
  #end(branch: Branch, ending: SipMessage | 'silent' | 'gone'): void {
    const { pending } = branch;
    if (!this.#branches.delete(branch.id)) return;
    this.#options.clock.clearTimeout(branch.timer);
    pending.open.delete(branch);
    const answer = typeof ending === 'string'
      ? refuse(pending.request, pending.connection, { status: ending === 'gone' ? 480 : 408 }, pending.hop.fqdn) : this.#returned(branch, ending);
    const { status = 0 } = answer;
    if (status < 300) {
      // A second 2xx of an INVITE goes back too: the caller ends that call (RFC 3261 section 16.7 step 5).
      if (!pending.answered || pending.request.method === 'INVITE') this.#settle(pending, answer);
      return;
    }
    if (pending.answered) return;
    const best = pending.best = better(answer, pending.best) ? answer : pending.best ?? answer;
    if (status >= 600) for (const other of pending.open) this.#cancel(other);
    if (pending.open.size > 0) return;
    this.#settle(pending, pending.cancelled ? refuse(pending.request, pending.connection, { status: 487 }, pending.hop.fqdn) : best);
  }

  /** Gives the final answer; whoever has not answered yet need not any more. */
  #settle(pending: Pending, answer: SipMessage): void {
    this.#answer(pending, answer);
    pending.answered = true;
    this.#pending.get(pending.connection)?.delete(pending);
    for (const branch of pending.open) this.#cancel(branch);
  }

  #answer({ connection, association }: Pending, answer: SipMessage): void {
    const security = connection.associationOf(association)?.security;
    // Unsigned it would be passed over.
    if (security !== undefined) connection.send(answer, security);
  }

  #send(endpoint: Endpoint, message: SipMessage): boolean {
    const security = endpoint.connection.associationOf(endpoint)?.security;
    if (security === undefined) return false;
    endpoint.connection.send(message, security);
    return true;
  }

  /** The request as an endpoint gets it (RFC 3261 section 16.6). */
  #forwarded({ connection, association, request, hop: { sentBy } }: Pending, endpoint: Endpoint, branch: string, hops: number): SipMessage {
    const isInvite = request.method === 'INVITE';
    const [via = '', ...earlier] = viasOf(request);
    const vias = [`SIP/2.0/${endpoint.connection.transport} ${sentBy};branch=${branch}`, `${via};ms-received-port=${connection.port};ms-received-cid=${connection.id}`, ...earlier];
    return new SipMessage({ kind: 'request', method: request.method, uri: endpoint.contactUri }, [
      ...vias.map((value) => ({ name: 'Via', value })),
      ...(isInvite ? [{ name: 'Record-Route', value: `<sip:${sentBy};transport=tls;lr>` }] : []),
      { name: 'Max-Forwards', value: String(hops - 1) },
      ...endToEnd(request),
      ...(isInvite ? [asserted(association.user)] : []),
    ], request.body);
  }

  /** An endpoint's response as the sender of the request gets it: without our Via, with who answered. */
  #returned({ endpoint, request }: Branch, response: SipMessage): SipMessage {
    return new SipMessage(response.startLine, [
      ...viasOf(response).slice(1).map((value) => ({ name: 'Via', value })),
      ...endToEnd(response),
      ...(request.method === 'INVITE' ? [asserted(endpoint.association.user)] : []),
    ], response.body);
  }
}

/** Set anew on each hop, or by whoever can vouch for it. */
const ofOneHop = ['Via', 'Route', 'Max-Forwards', 'Authorization', 'Proxy-Authorization', 'Authentication-Info', 'Proxy-Authentication-Info',
  'P-Preferred-Identity', 'P-Asserted-Identity'];

function endToEnd({ startLine, headers }: SipMessage): SipHeader[] {
  const kept = new SipMessage(startLine, [...headers]);
  for (const name of ofOneHop) kept.remove(name);
  return kept.headers;
}

function viasOf(message: SipMessage): string[] {
  return message.getAll('Via').flatMap((value) => splitOutsideQuotes(value, ','));
}

/** Of the topmost Via: in a response that is ours. */
function branchOf(message: SipMessage): string | undefined {
  return readParameters(splitOutsideQuotes(viasOf(message)[0] ?? '', ';')).get('branch');
}

function newBranch(): string {
  return `z9hG4bK${randomBytes(12).toString('hex')}`;
}

/** Ends a refused INVITE transaction (RFC 3261 section 17.1.1.3). */
function acknowledgement({ request, endpoint: { contactUri } }: Branch, response: SipMessage): SipMessage {
  return sameTransaction('ACK', request, contactUri, response.get('To'));
}

/** ACK or CANCEL for an INVITE that was sent from here. */
function sameTransaction(method: 'ACK' | 'CANCEL', invite: SipMessage, uri: string, to = invite.get('To')): SipMessage {
  const header = (name: string, value: string | undefined) => ({ name, value: value ?? '' });
  return new SipMessage({ kind: 'request', method, uri }, [
    header('Via', invite.get('Via')), header('Max-Forwards', '70'), header('From', invite.get('From')), header('To', to),
    header('Call-ID', invite.get('Call-ID')), header('CSeq', `${invite.cseq.number} ${method}`),
  ]);
}

/** Who somebody is, on the server's word (RFC 3325 section 9.1). */
function asserted({ displayName, sipUri, lineUri }: LabUser): SipHeader {
  return { name: 'P-Asserted-Identity', value: `${quote(displayName)}<${sipUri}>${lineUri === undefined ? '' : `,<${lineUri}>`}` };
}

/** Whether a refusal tells the caller more (RFC 3261 section 16.7 step 6): a global one first, one that only says that nobody was there last. */
function better(refusal: SipMessage, than: SipMessage | undefined): boolean {
  const rank = ({ status = 0 }: SipMessage) => (status >= 600 ? 0 : status === 408 || status === 480 ? 9 : Math.floor(status / 100));
  return than === undefined || rank(refusal) < rank(than);
}

function tagOf(message: SipMessage, header: 'From' | 'To'): string | undefined {
  return parseNameAddress(message.get(header) ?? '').parameters.get('tag');
}
