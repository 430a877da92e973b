import { Failure } from '../../failure.js';
import { canonicalize } from '../soap/canonical.js';
import { decodeBase64 } from '../soap/base64.js';
import { writeEnvelope, type Envelope } from '../soap/envelope.js';
import { verbatim, xml } from '../soap/markup.js';
import { addressingNamespace, policyNamespace, samlNamespace, trustNamespace, utilityNamespace } from '../soap/namespaces.js';
import { parseXml, type XmlElement } from '../soap/xml.js';
import { readInstant, writeInstant } from './instant.js';
import { psha1Algorithm } from './proof-key.js';
import { samlTokenType } from './request.js';

/** What a service answers to a request for a ticket. */
export interface IssuedTicket {
  context: string;
  appliesTo: string;
  /** A whole `saml:Assertion` that declares the namespaces it uses. */
  assertion: string;
  /** Milliseconds since 1970. */
  created: number;
  expires: number;
  serverEntropy: Buffer;
}

/** What a client takes from it. */
export interface ReceivedTicket {
  /** `saml:Assertion`, byte for byte where it can stand in another document as it is. */
  assertion: string;
  assertionId: string;
  /** Content of the Lifetime element, byte for byte where that can stand elsewhere. */
  lifetime: string;
  /** The server's half of the proof key; absent for a bearer ticket. */
  serverEntropy: Buffer | undefined;
}

/**
 * Writes the answer (MS-OCAUTHWS 3.2.4.1: WS-Trust RequestSecurityTokenResponseCollection). Clients in the field look for
 * `<Lifetime`, `<BinarySecret` and `<saml:Assertion` in the text as it stands, and take what is inside Lifetime for canonical:
 * the prefixes matter, and where `wsu` is declared.
 */
export function writeTicketResponse(ticket: IssuedTicket): string {
  return writeEnvelope(xml`<RequestSecurityTokenResponseCollection xmlns="${trustNamespace}"><RequestSecurityTokenResponse Context="${ticket.context
  }"><TokenType>${samlTokenType}</TokenType><RequestedSecurityToken>${verbatim(ticket.assertion)
  }</RequestedSecurityToken><wsp:AppliesTo xmlns:wsp="${policyNamespace}"><wsa:EndpointReference xmlns:wsa="${addressingNamespace}"><wsa:Address>${ticket.appliesTo
  }</wsa:Address></wsa:EndpointReference></wsp:AppliesTo><Lifetime xmlns:wsu="${utilityNamespace}"><wsu:Created>${
    writeInstant(ticket.created)}</wsu:Created><wsu:Expires>${writeInstant(ticket.expires)}</wsu:Expires></Lifetime><RequestedProofToken><ComputedKey>${psha1Algorithm}</ComputedKey></RequestedProofToken><Entropy><BinarySecret>${
    ticket.serverEntropy.toString('base64')}</BinarySecret></Entropy></RequestSecurityTokenResponse></RequestSecurityTokenResponseCollection>`);
}

/** Reads the answer, with or without the collection around it. Throws `webticket/bad-response` saying what is missing. */
export function readTicketResponse({ body }: Envelope): ReceivedTicket {
  const response = [...body.selfAndDescendants()].find((element) => element.local === 'RequestSecurityTokenResponse');
  if (response === undefined) throw bad('no RequestSecurityTokenResponse');
  const assertion = response.child('RequestedSecurityToken')?.child('Assertion', samlNamespace);
  const assertionId = assertion?.attribute('AssertionID');
  if (assertion === undefined || assertionId === undefined) throw bad('no SAML 1.1 assertion with an AssertionID');
  const lifetime = response.child('Lifetime');
  if (lifetime === undefined || readInstant(lifetime.child('Expires')?.text) === undefined) throw bad('no Lifetime with a date in Expires');
  const secret = response.find('Entropy', 'BinarySecret')?.text;
  const serverEntropy = secret === undefined ? undefined : decodeBase64(secret);
  if (secret !== undefined && (serverEntropy === undefined || serverEntropy.length < 16 || serverEntropy.length > 256)) {
    throw bad('a BinarySecret that is not base64 of 16 to 256 bytes');
  }
  return { assertion: transplantable(assertion), assertionId, lifetime: contentToTransplant(lifetime), serverEntropy };
}

/** An element's text that can be put into another document: as written if it stands alone, else its canonical form. */
function transplantable(element: XmlElement): string {
  return standsAlone(element.raw) ? element.raw : canonicalize(element);
}

function contentToTransplant(lifetime: XmlElement): string {
  const asTimestamp = `<wsu:Timestamp xmlns:wsu="${utilityNamespace}">${lifetime.rawContent}</wsu:Timestamp>`;
  return standsAlone(asTimestamp) ? lifetime.rawContent : lifetime.elements().map(canonicalize).join('');
}

function standsAlone(text: string): boolean {
  try {
    parseXml(text);
    return true;
  } catch {
    return false;
  }
}

function bad(what: string): Failure {
  return new Failure('webticket/bad-response', `The answer to a web ticket request cannot be used: it holds ${what}.`);
}
