import { Failure } from '../../failure.js';
import { publishAction, publishPortName, readPublishRequest, writePublishError, writePublishResponse, type PublishRequest } from '../../protocol/certprov/publish.js';
import { rootChainsAction, writeRootChainsResponse } from '../../protocol/certprov/root-chains.js';
import { readCertificateRequest, type CertificateRequest } from '../../protocol/pkcs/pkcs10.js';
import { userAtDomain } from '../../protocol/sip/name-address.js';
import { readEnvelope, type Envelope } from '../../protocol/soap/envelope.js';
import { writeFault } from '../../protocol/soap/fault.js';
import { addressingNamespace, authWebServicesNamespace, securityNamespace } from '../../protocol/soap/namespaces.js';
import { writeMex } from '../../protocol/webticket/mex.js';
import { verifySecurityHeader } from '../../protocol/webticket/signature.js';
import type { LabPolicy } from '../topology-schema.js';
import { unknownAction, type WebCall, type WebReply } from './call.js';
import { certProvProofUrl, webTicketPath } from './paths.js';
import { ticketsOf, type KnownTicket } from './ticket-store.js';

/** MEX of certificate provisioning: one port, which wants a web ticket and a signature by its proof key. */
export function certProvMex({ deployment, fqdn }: WebCall): WebReply {
  return {
    status: 200,
    body: writeMex('CertProvisioningService', authWebServicesNamespace, [{
      name: publishPortName,
      location: certProvProofUrl(deployment, fqdn),
      token: { issuer: deployment.baseUrl(fqdn, 'https') + webTicketPath, signed: true },
    }]),
  };
}

/**
 * GetRootCertChains: the issuers of the server's web certificate and, unless the chain is inferred from that alone, the authorities
 * of TrustedCACerts; nothing while EnableCertChainDownload is off.
 */
export function rootChains(call: WebCall): WebReply {
  if (call.action !== rootChainsAction) return unknownAction(call);
  readEnvelope(call.body.root);
  const { deployment, fqdn } = call;
  const { EnableCertChainDownload, InferCertChainFromSSL, TrustedCACerts } = deployment.policy;
  const further = InferCertChainFromSSL ? [] : TrustedCACerts.flatMap((name) => [deployment.authorityChain(name) ?? []]);
  return { status: 200, body: writeRootChainsResponse(EnableCertChainDownload ? [deployment.webIssuerChain(fqdn), ...further] : []) };
}

/** GetAndPublishCert: judges ticket, signature and certificate request, then issues and publishes. */
export function publishCertificate(call: WebCall): WebReply {
  if (call.action !== publishAction) return unknownAction(call);
  const { deployment } = call;
  const envelope = readEnvelope(call.body.root);
  const holder = ticketHolder(call, envelope);
  if ('refused' in holder) {
    deployment.trace.record('web', { layer: 'note', summary: `Web ticket refused: ${holder.refused}` });
    const diagnostics = { errorId: 28020, reason: 'No valid security token.' };
    return { status: 500, body: writeFault({ code: 'FailedAuthentication', reason: diagnostics.reason, diagnostics }) };
  }
  const request = readPublishRequest(envelope);
  const judged = judge(request, holder.sipUri, deployment.policy);
  // From here on errors are told in the body (MS-OCAUTHWS 3.1.4.1).
  if ('refused' in judged) return { status: 200, body: writePublishError(judged.refused) };
  if (deployment.topology.faults.clientCertificateStoreDown) {
    // The event log's words; what the answer says is assumed.
    deployment.trace.record('web', { layer: 'note', summary: `No client certificate was published for ${holder.sipUri}: data store unavailable` });
    return { status: 200, body: writePublishError('data store unavailable') };
  }
  const { certificate } = deployment.clientCertificates.issueAndPublish({
    publicKey: judged.publicKey, sipUri: holder.sipUri, deviceId: request.deviceId,
    hours: Math.min(request.hours ?? deployment.policy.DefaultValidityPeriodHours, deployment.policy.MaxValidityPeriodHours),
  });
  const entity = request.entity ?? userAtDomain(holder.sipUri);
  return { status: 200, body: writePublishResponse({ deviceId: request.deviceId, entity, certificate }) };
}

/**
 * Whose ticket the request was made with. That the ticket is taken only where it was asked for, and each MessageID only once,
 * is the lab's own strictness: the signature covers the Timestamp alone, and nobody has published what a Lync server does.
 */
function ticketHolder({ deployment, fqdn }: WebCall, { header }: Envelope): { sipUri: string } | { refused: string } {
  const security = header?.child('Security', securityNamespace);
  if (security === undefined) return { refused: 'the request has no security header' };
  const [tickets, now] = [ticketsOf(deployment), deployment.now()];
  let ticket: KnownTicket | undefined;
  const verdict = verifySecurityHeader(security, { now, proofKeyOf: (assertion, id) => (ticket = tickets.find(assertion, id, now))?.proofKey });
  if (!verdict.ok) return { refused: verdict.reason };
  if (ticket === undefined || deployment.users.bySipUri(ticket.sipUri) === undefined) return { refused: 'the user of the ticket does not exist any more' };
  if (ticket.appliesTo.toLowerCase() !== certProvProofUrl(deployment, fqdn).toLowerCase()) return { refused: `the web ticket is for ${ticket.appliesTo}` };
  const messageId = header?.child('MessageID', addressingNamespace)?.text.trim();
  if (!messageId) return { refused: 'the request has no MessageID' };
  if (!tickets.use(ticket, messageId)) return { refused: 'the request was sent before' };
  return { sipUri: ticket.sipUri };
}

function judge({ entity, certificateRequest }: PublishRequest, sipUri: string, { MinCSRKeySize, MaxCSRKeySize }: LabPolicy): Pick<CertificateRequest, 'publicKey'> | { refused: string } {
  const own = userAtDomain(sipUri).toLowerCase();
  if (entity !== undefined && userAtDomain(entity).toLowerCase() !== own) {
    return { refused: `The web ticket was issued to ${own}, not to ${entity}.` };
  }
  try {
    const request = readCertificateRequest(certificateRequest);
    if (request.publicKey.asymmetricKeyType !== 'rsa') return { refused: 'The certificate request is not for an RSA key.' };
    if (request.keyBits < MinCSRKeySize || request.keyBits > MaxCSRKeySize) {
      return { refused: `The certificate request is for a key of ${request.keyBits} bits; ${MinCSRKeySize} to ${MaxCSRKeySize} are accepted.` };
    }
    if (!request.signatureValid) return { refused: 'The certificate request is not signed with the key it is for.' };
    return request;
  } catch (error) {
    if (error instanceof Failure) return { refused: error.message };
    throw error;
  }
}
