import { Failure } from '../../failure.js';
import { decodeBase64, encodeBase64Lines } from '../soap/base64.js';
import { writeEnvelope, type Envelope } from '../soap/envelope.js';
import { spokenText } from '../soap/fault.js';
import { xml } from '../soap/markup.js';
import { addressingNamespace, authWebServicesNamespace, securityNamespace, trustNamespaceWithSlash } from '../soap/namespaces.js';
import type { XmlElement } from '../soap/xml.js';
import { writeSecurityHeader, type SigningTicket } from '../webticket/signature.js';

/** SOAPAction of the request for a client certificate. */
export const publishAction = `${authWebServicesNamespace}GetAndPublishCert`;
/** The port of certificate provisioning that takes a web ticket with a proof key. */
export const publishPortName = 'CertProvisioningServiceWebTicketProof_SHA1';

const enrollmentNamespace = 'http://schemas.microsoft.com/windows/pki/2009/01/enrollment';
const x509TokenType = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3';
const base64Encoding = `${securityNamespace}#Base64Binary`;
const pkcs10Type = 'http://schemas.microsoft.com/OCS/AuthWebServices.xsd#PKCS10';

/** A request for a client certificate (MS-OCAUTHWS 3.1.4.1). */
export interface PublishRequest {
  /** `{uuid}`, braces included; one for each device. */
  deviceId: string;
  /** `user@domain`; absent where the user is known by the ticket alone (PIN). */
  entity: string | undefined;
  /** PKCS#10, DER. */
  certificateRequest: Buffer;
  /** A UUID. */
  requestId: string;
  /**
   * For how long the certificate is wanted. That a client may ask is documented (Set-CsWebServiceConfiguration); that it does so by WS-Trust's Lifetime is
   * assumed. A phone asks for nothing (assumed).
   */
  hours?: number;
}

/** Where the request goes, and the ticket it is made with. */
export interface PublishAddressing {
  endpoint: string;
  /** A UUID. */
  messageId: string;
  ticket: SigningTicket;
}

/** Writes the whole envelope, with WS-Addressing header and signed ticket. */
export function writePublishRequest(request: PublishRequest, { endpoint, messageId, ticket }: PublishAddressing): string {
  const header = xml`<wsa:To xmlns:wsa="${addressingNamespace}">${endpoint}</wsa:To><wsa:ReplyTo xmlns:wsa="${addressingNamespace}"><wsa:Address>${
    addressingNamespace}/anonymous</wsa:Address></wsa:ReplyTo><wsa:MessageID xmlns:wsa="${addressingNamespace}">${`uuid:${messageId}`
  }</wsa:MessageID><wsa:Action xmlns:wsa="${addressingNamespace}">${publishAction}</wsa:Action>${writeSecurityHeader(ticket)}`;
  const entity = request.entity === undefined ? xml`` : xml` Entity="${request.entity}"`;
  const body = xml`<GetAndPublishCert xmlns="${authWebServicesNamespace}" xmlns:wst="${trustNamespaceWithSlash}" DeviceId="${request.deviceId}"${entity
  }><wst:RequestSecurityToken><wst:TokenType>${x509TokenType}</wst:TokenType><wst:RequestType>${trustNamespaceWithSlash
  }Issue</wst:RequestType><wsse:BinarySecurityToken xmlns:wsse="${securityNamespace}" ValueType="${pkcs10Type}" EncodingType="${base64Encoding}">${
    encodeBase64Lines(request.certificateRequest)}</wsse:BinarySecurityToken><wstep:RequestID xmlns:wstep="${enrollmentNamespace}">${
    request.requestId}</wstep:RequestID></wst:RequestSecurityToken></GetAndPublishCert>`;
  return writeEnvelope(body, header);
}

/** Reads the request's body. Throws `certprov/bad-request` saying what is missing. */
export function readPublishRequest({ body }: Envelope): PublishRequest {
  const request = body.child('GetAndPublishCert', authWebServicesNamespace);
  const deviceId = request?.attribute('DeviceId');
  if (request === undefined || !deviceId) throw bad('no GetAndPublishCert with a DeviceId');
  const token = request.child('RequestSecurityToken', trustNamespaceWithSlash);
  if (token === undefined) throw bad(`no RequestSecurityToken in the namespace ${trustNamespaceWithSlash} (which ends with a slash)`);
  const certificateRequest = decodeBase64(token.child('BinarySecurityToken', securityNamespace)?.text ?? '');
  if (certificateRequest === undefined || certificateRequest.length === 0) throw bad('no BinarySecurityToken with base64 in it');
  const hours = hoursOf(token.child('Lifetime'));
  return {
    deviceId, entity: request.attribute('Entity'), certificateRequest, requestId: token.child('RequestID')?.text.trim() ?? '', ...(hours === undefined ? {} : { hours }),
  };
}

/** Whole hours, eight at least as the documents have it; undefined where no such time is asked for. */
function hoursOf(lifetime: XmlElement | undefined): number | undefined {
  const [from, to] = ['Created', 'Expires'].map((name) => Date.parse(lifetime?.child(name)?.text.trim() ?? ''));
  const hours = Math.floor(((to ?? NaN) - (from ?? NaN)) / 3_600_000);
  return Number.isNaN(hours) ? undefined : Math.max(8, hours);
}

/** Writes the answer with the issued certificate (DER). */
export function writePublishResponse({ deviceId, entity, certificate }: { deviceId: string; entity: string; certificate: Buffer }): string {
  return writeEnvelope(xml`<GetAndPublishCertResponse xmlns="${authWebServicesNamespace}" DeviceId="${deviceId}" Entity="${entity
  }"><RequestSecurityTokenResponse xmlns="${trustNamespaceWithSlash}"><TokenType>${x509TokenType
  }</TokenType><RequestedSecurityToken><BinarySecurityToken xmlns="${securityNamespace}" ValueType="${x509TokenType}" EncodingType="${base64Encoding}">${
    certificate.toString('base64')}</BinarySecurityToken></RequestedSecurityToken></RequestSecurityTokenResponse></GetAndPublishCertResponse>`);
}

/** Writes an answer without a certificate: errors come in the body, not as SOAP faults. ErrorInfo's children are assumed. */
export function writePublishError(reason: string): string {
  return writeEnvelope(xml`<GetAndPublishCertResponse xmlns="${authWebServicesNamespace}"><ErrorInfo><Reason>${reason}</Reason></ErrorInfo></GetAndPublishCertResponse>`);
}

export type PublishResponse = { certificate: Buffer } | { errorInfo: string };

/** Reads the answer: the certificate's bytes, or what ErrorInfo says (empty when there is neither). Throws `certprov/bad-response` for another one. */
export function readPublishResponse({ body }: Envelope): PublishResponse {
  const response = body.child('GetAndPublishCertResponse');
  if (response === undefined) throw new Failure('certprov/bad-response', 'The answer to a request for a client certificate holds no GetAndPublishCertResponse.');
  const text = response.find('RequestSecurityTokenResponse', 'RequestedSecurityToken', 'BinarySecurityToken')?.text;
  const certificate = text === undefined ? undefined : decodeBase64(text);
  if (certificate !== undefined && certificate.length > 0) return { certificate };
  return { errorInfo: spokenText(response.child('ErrorInfo')) };
}

function bad(what: string): Failure {
  return new Failure('certprov/bad-request', `A request for a client certificate cannot be read: it holds ${what}.`);
}
