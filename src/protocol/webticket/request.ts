import { Failure } from '../../failure.js';
import { writeEnvelope, type Envelope } from '../soap/envelope.js';
import { xml, type Markup } from '../soap/markup.js';
import { addressingNamespace, authorizationNamespace, policyNamespace, trustNamespace, webAuthenticationNamespace } from '../soap/namespaces.js';
import { decodeBase64 } from '../soap/base64.js';
import { writeCertificateCredentials, type CertificateCredentials } from './certificate-credentials.js';
import { writePinCredentials, type PinCredentials } from './pin-credentials.js';

/** SOAPAction of a request for a web ticket. */
export const issueAction = 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue';
/** SAML 1.1, the kind of ticket that certificate provisioning takes. */
export const samlTokenType = 'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1';

/** A request for a web ticket (MS-OCAUTHWS 3.2.4.1: WS-Trust RequestSecurityToken). */
export interface TicketRequest {
  /** A UUID that comes back in the answer. */
  context: string;
  /** Address of the port the ticket is for. */
  appliesTo: string;
  /** `sip:alice@contoso.lab`; PIN users do not know it yet. */
  claimedSipUri?: string | undefined;
  /** The client's half of the proof key: 32 random bytes. */
  clientEntropy: Buffer;
}

/** Writes the request; with credentials for the PIN and certificate ports, without for those where HTTP authenticates. */
export function writeTicketRequest(request: TicketRequest, credentials?: PinCredentials | CertificateCredentials): string {
  const claims: Markup = request.claimedSipUri === undefined ? xml`` : xml`<wst:Claims Dialect="${
    `${webAuthenticationNamespace}:authclaims`}"><auth:ClaimType xmlns:auth="${authorizationNamespace
  }" Uri="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uri" Optional="false"><auth:Value>${request.claimedSipUri
  }</auth:Value></auth:ClaimType></wst:Claims>`;
  const body = xml`<wst:RequestSecurityToken xmlns:wst="${trustNamespace}" Context="${request.context}"><wst:TokenType>${samlTokenType
  }</wst:TokenType><wst:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</wst:RequestType><wsp:AppliesTo xmlns:wsp="${policyNamespace
  }"><wsa:EndpointReference xmlns:wsa="${addressingNamespace}"><wsa:Address>${request.appliesTo
  }</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>${claims}<wst:Entropy><wst:BinarySecret>${
    request.clientEntropy.toString('base64')}</wst:BinarySecret></wst:Entropy><wst:KeyType>${
    trustNamespace}/SymmetricKey</wst:KeyType></wst:RequestSecurityToken>`;
  return writeEnvelope(body, credentials && ('pin' in credentials ? writePinCredentials(credentials) : writeCertificateCredentials(credentials)));
}

/** Reads such a request. Throws `webticket/bad-request` saying what is missing. */
export function readTicketRequest({ body }: Envelope): TicketRequest {
  const request = body.child('RequestSecurityToken', trustNamespace);
  if (request === undefined) {
    throw bad(`no RequestSecurityToken in the namespace ${trustNamespace} (which ends without a slash)`);
  }
  const appliesTo = request.find('AppliesTo', 'EndpointReference', 'Address')?.text.trim();
  if (!appliesTo) throw bad('no AppliesTo address');
  const tokenType = request.child('TokenType')?.text.trim();
  if (tokenType !== samlTokenType) throw bad(`token type ${tokenType ?? 'none'}, where only SAML 1.1 is issued`);
  const secret = request.find('Entropy', 'BinarySecret')?.text;
  const clientEntropy = secret === undefined ? undefined : decodeBase64(secret);
  if (clientEntropy === undefined || clientEntropy.length < 16 || clientEntropy.length > 64) throw bad('no entropy of 16 to 64 bytes');
  return {
    context: request.attribute('Context') ?? '', appliesTo, clientEntropy,
    claimedSipUri: request.find('Claims', 'ClaimType', 'Value')?.text.trim(),
  };
}

function bad(what: string): Failure {
  return new Failure('webticket/bad-request', `A web ticket request cannot be read: ${what}.`);
}
