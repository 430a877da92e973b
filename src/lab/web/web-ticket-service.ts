import { formatHttpDiagnostics } from '../../protocol/soap/diagnostics-header.js';
import { readEnvelope } from '../../protocol/soap/envelope.js';
import { writeFault } from '../../protocol/soap/fault.js';
import { webAuthenticationNamespace } from '../../protocol/soap/namespaces.js';
import { writeMex } from '../../protocol/webticket/mex.js';
import { certificatePortName, certificatePortPath, readCertificateCredentials } from '../../protocol/webticket/certificate-credentials.js';
import { pinErrorId, pinFailureReasonName, pinPortName, pinPortPath, readPinCredentials } from '../../protocol/webticket/pin-credentials.js';
import { issueAction, readTicketRequest, type TicketRequest } from '../../protocol/webticket/request.js';
import { writeTicketResponse } from '../../protocol/webticket/response.js';
import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import { unknownAction, type WebCall, type WebReply } from './call.js';
import { certProvProofUrl, webTicketPath } from './paths.js';
import { authenticatePin } from './pin-authentication.js';
import { ticketsOf } from './ticket-store.js';
import { authenticateWindows } from './windows-authentication.js';

/** What a captured fault of the web ticket service says, whatever went wrong. */
const noToken = { errorId: 28020, reason: 'No valid security token.' };

/** MEX of the web ticket service: ports whose way of authentication is switched off are not listed. */
export function webTicketMex({ deployment, fqdn }: WebCall): WebReply {
  const location = deployment.baseUrl(fqdn, 'https') + webTicketPath;
  const { UseWindowsAuth, UseCertificateAuth } = deployment.policy;
  return {
    status: 200,
    body: writeMex('WebTicketService', webAuthenticationNamespace, [
      ...(UseWindowsAuth === 'Negotiate' ? [{ name: 'WebTicketServiceWinNegotiate', location }] : []),
      ...(UseWindowsAuth === 'None' ? [] : [{ name: 'WebTicketServiceWinNtlm', location }]),
      ...(UseCertificateAuth ? [{ name: certificatePortName, location: location + certificatePortPath }] : []),
      ...(takesPins(deployment) ? [{ name: pinPortName, location: location + pinPortPath }] : []),
    ]),
  };
}

/**
 * Whether a phone can sign in by PIN. Microsoft documents that with UseCertificateAuth off a CX600 works only when it is paired with a PC; that
 * the PIN port goes with it is assumed: a PIN buys nothing but a certificate.
 */
function takesPins({ policy: { UsePinAuth, UseCertificateAuth } }: Deployment): boolean {
  return UsePinAuth && UseCertificateAuth;
}

/** Issues a ticket to whom HTTP authentication proves; the claimed SIP URI must belong to that account. */
export function windowsTicket(call: WebCall): WebReply {
  if (call.deployment.policy.UseWindowsAuth === 'None') return { status: 404 };
  // The server takes the HTTP authentication only for the action it challenged for.
  if (call.action !== issueAction) return unknownAction(call);
  const outcome = authenticateWindows(call);
  if ('reply' in outcome) return outcome.reply;
  const request = readTicketRequest(readEnvelope(call.body.root));
  const { user } = outcome;
  if (request.claimedSipUri !== undefined && request.claimedSipUri.toLowerCase() !== user.sipUri.toLowerCase()) {
    return forbidden(call, `The account has no right to ${request.claimedSipUri}.`);
  }
  return issue(call, user, request);
}

/** Assumed: which status and which id tell of this. MS-OCAUTHWS 3.2.4.1 has the header, for Windows and for certificate authentication. */
function forbidden({ fqdn }: WebCall, reason: string): WebReply {
  return { status: 403, headers: { 'X-Ms-diagnostics': formatHttpDiagnostics({ ...noToken, reason, source: fqdn, fault: 'wsse:FailedAuthentication' }) } };
}

/** Issues a ticket to the owner of a client certificate that was published here and still is, and has not expired. */
export function certificateTicket(call: WebCall): WebReply {
  const { users, clientCertificates, policy, now } = call.deployment;
  if (!policy.UseCertificateAuth) return { status: 404 };
  if (call.action !== issueAction) return unknownAction(call);
  const envelope = readEnvelope(call.body.root);
  const request = readTicketRequest(envelope);
  const credentials = readCertificateCredentials(envelope.header, now());
  if ('refused' in credentials) return forbidden(call, `The request is not signed by a client certificate: ${credentials.refused}.`);
  const { certificate } = credentials;
  const commonName: unknown = certificate.toLegacyObject().subject?.CN;
  const user = typeof commonName === 'string' ? users.bySipUri(`sip:${commonName}`) : undefined;
  if (user === undefined || !clientCertificates.isPublished(certificate.raw, user.sipUri)) return forbidden(call, 'The client certificate is not published.');
  if (Date.parse(certificate.validTo) <= now()) return forbidden(call, 'The client certificate has expired.');
  return issue(call, user, request);
}

/** Issues a ticket for number and PIN. */
export function pinTicket(call: WebCall): WebReply {
  if (!takesPins(call.deployment)) return { status: 404 };
  if (call.action !== issueAction) return unknownAction(call);
  const envelope = readEnvelope(call.body.root);
  const request = readTicketRequest(envelope);
  const credentials = readPinCredentials(envelope.header);
  const outcome = credentials === undefined ? { reason: 'IncorrectPin' as const } : authenticatePin(call.deployment, credentials);
  if ('user' in outcome) return issue(call, outcome.user, request);
  return {
    status: 500,
    body: writeFault({
      code: 'FailedAuthentication', reason: noToken.reason,
      diagnostics: { ...noToken, errorId: pinErrorId, nameValuePairs: { [pinFailureReasonName]: outcome.reason } },
    }),
  };
}

function issue({ deployment, fqdn }: WebCall, user: LabUser, request: TicketRequest): WebReply {
  if (!isOurs(deployment, request.appliesTo)) {
    return { status: 500, body: writeFault({ code: 'InvalidSecurityToken', reason: `No ticket is issued for ${request.appliesTo}.`, diagnostics: noToken }) };
  }
  return { status: 200, body: writeTicketResponse(ticketsOf(deployment).issue(deployment, fqdn, user, request)) };
}

function isOurs(deployment: Deployment, appliesTo: string): boolean {
  return deployment.topology.servers.some(({ fqdn, web }) =>
    web !== undefined && certProvProofUrl(deployment, fqdn).toLowerCase() === appliesTo.toLowerCase());
}
