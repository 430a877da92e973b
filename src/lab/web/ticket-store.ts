import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { canonicalize } from '../../protocol/soap/canonical.js';
import { xml } from '../../protocol/soap/markup.js';
import { samlNamespace } from '../../protocol/soap/namespaces.js';
import { parseXml, type XmlElement } from '../../protocol/soap/xml.js';
import { proofKey } from '../../protocol/webticket/proof-key.js';
import type { TicketRequest } from '../../protocol/webticket/request.js';
import { writeInstant } from '../../protocol/webticket/instant.js';
import type { IssuedTicket } from '../../protocol/webticket/response.js';
import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import { webTicketPath } from './paths.js';

/** Life of a ticket; Lync's own default is not published. */
const lifetime = 8 * 3_600_000;
/** Oldest tickets are forgotten beyond this many. */
const mostTickets = 10_000;
/** A ticket buys a certificate or two; beyond this many requests it is used up. */
const mostRequests = 100;

export interface KnownTicket {
  sipUri: string;
  /** The address it was asked for, and nowhere else taken. */
  appliesTo: string;
  proofKey: Buffer;
  expires: number;
  /** Canonical, so that a client may write it as it likes but not change it. */
  assertion: string;
  /** MessageIDs of the requests made with it, hashed. */
  requests: Set<string>;
}

/** The web tickets a deployment has issued. */
class TicketStore {
  readonly #tickets = new Map<string, KnownTicket>();

  /** Issues a SAML 1.1 ticket to a user. The lab remembers it instead of signing it. */
  issue(deployment: Deployment, fqdn: string, { sipUri }: LabUser, request: TicketRequest): IssuedTicket {
    const created = Math.floor(deployment.now() / 1000) * 1000;
    const expires = created + lifetime;
    const id = `SamlSecurityToken-${randomUUID()}`;
    const [from, until] = [writeInstant(created), writeInstant(expires)];
    const assertion = xml`<saml:Assertion xmlns:saml="${samlNamespace}" MajorVersion="1" MinorVersion="1" AssertionID="${id}" Issuer="${
      deployment.baseUrl(fqdn, 'https') + webTicketPath}" IssueInstant="${from}"><saml:Conditions NotBefore="${from}" NotOnOrAfter="${until
    }"></saml:Conditions><saml:AuthenticationStatement AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:unspecified" AuthenticationInstant="${from
    }"><saml:Subject><saml:NameIdentifier>${sipUri}</saml:NameIdentifier></saml:Subject></saml:AuthenticationStatement></saml:Assertion>`.text;
    const serverEntropy = randomBytes(32);
    this.#forget(deployment.now());
    this.#tickets.set(id, {
      sipUri, expires, appliesTo: request.appliesTo, requests: new Set(), proofKey: proofKey(request.clientEntropy, serverEntropy), assertion: canonicalize(parseXml(assertion)),
    });
    return { context: request.context, appliesTo: request.appliesTo, assertion, created, expires, serverEntropy };
  }

  /** The ticket that an assertion is, unchanged and still valid. */
  find(assertion: XmlElement, assertionId: string, now: number): KnownTicket | undefined {
    const ticket = this.#tickets.get(assertionId);
    return ticket !== undefined && ticket.expires > now && ticket.requests.size < mostRequests && canonicalize(assertion) === ticket.assertion ? ticket : undefined;
  }

  /** Notes a request made with a ticket; false where it was noted before. */
  use({ requests }: KnownTicket, messageId: string): boolean {
    const id = createHash('sha256').update(messageId).digest('base64');
    if (requests.has(id)) return false;
    requests.add(id);
    return true;
  }

  #forget(now: number): void {
    for (const [id, { expires }] of this.#tickets) {
      if (expires > now && this.#tickets.size < mostTickets) return;
      this.#tickets.delete(id);
    }
  }
}

const stores = new WeakMap<Deployment, TicketStore>();

/** The tickets of a deployment, which all its listeners share: one server may issue a ticket for another. */
export function ticketsOf(deployment: Deployment): TicketStore {
  let store = stores.get(deployment);
  if (store === undefined) {
    store = new TicketStore();
    stores.set(deployment, store);
  }
  return store;
}
