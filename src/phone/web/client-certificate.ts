import { createPublicKey, randomUUID, X509Certificate } from 'node:crypto';
import { publishAction, readPublishResponse, writePublishRequest } from '../../protocol/certprov/publish.js';
import { createCertificateRequest } from '../../protocol/pkcs/pkcs10.js';
import { deviceEpid, endpointUuid } from '../../protocol/sip/endpoint-identity.js';
import { userAtDomain } from '../../protocol/sip/name-address.js';
import { StageFailure, unsourced } from '../stage-failure.js';
import type { ClientCertificate, KeyPairPem, PhoneSteps, TicketCredentials } from '../steps.js';
import { secureClient, takeKept } from './kept-connection.js';
import { faultIn, readAnswer, soapRequest } from './soap-exchange.js';
import { makePhoneKeys } from './phone-keys.js';
import { addressFromMetadata } from './web-address.js';
import { shown, webServiceError } from './web-service-failure.js';

/**
 * Has a client certificate issued and published (MS-OCAUTHWS 3.1.4.1, GetAndPublishCert) for a key that is made here unless
 * one is given. A PIN user learns the SIP URI from the certificate's subject.
 *
 * Rejects with `StageFailure`: `certificate-not-issued`, `web-service-error`, and what connecting rejects with.
 */
export const publishCertificate: PhoneSteps['publishCertificate'] = async ({ ticket, credentials, trust, keyPair }, tools) => {
  const url = addressFromMetadata(ticket.endpoint, new URL(ticket.endpoint));
  const client = takeKept(ticket) ?? secureClient(trust, credentials);
  try {
    const { signIn } = tools.profile;
    const keys = keyPair ?? await makePhoneKeys(signIn.keyBits.value);
    // ASSUMED: what a PIN user, who does not know the SIP URI yet, puts into the request. The server goes by the ticket.
    const identity = credentials.method === 'pin' ? credentials.phoneOrExtension : userAtDomain(credentials.sipUri);
    const envelope = writePublishRequest({
      deviceId: `{${endpointUuid(deviceEpid(tools.macAddress, `sip:${identity}`))}}`,
      entity: credentials.method === 'pin' ? undefined : identity,
      certificateRequest: createCertificateRequest({ subjectCommonName: identity, privateKeyPem: keys.privateKeyPem, hash: signIn.certificateRequestHash.value }),
      requestId: randomUUID(),
    }, { endpoint: ticket.endpoint, messageId: randomUUID(), ticket });
    const answer = await client.send(soapRequest(url, publishAction, envelope), tools);
    const fault = faultIn(answer);
    if (fault !== undefined) throw notIssued(url, identity, fault.diagnostics?.reason ?? fault.reason);
    const response = readAnswer(url, answer, readPublishResponse);
    if ('errorInfo' in response) throw notIssued(url, identity, response.errorInfo);
    return readCertificate(url, response.certificate, keys, credentials);
  } finally {
    client.close();
  }
};

/** Checks that the certificate is one, for our key and with a name in it. */
function readCertificate(url: URL, der: Buffer, { publicKeyPem, privateKeyPem }: KeyPairPem, credentials: TicketCredentials): ClientCertificate {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(der);
  } catch (cause) {
    throw webServiceError(url, `the ${der.length} bytes it issued are no X.509 certificate`, { cause });
  }
  if (!hasKey(certificate, publicKeyPem)) throw webServiceError(url, 'the certificate it issued is for another key');
  const commonName: unknown = certificate.toLegacyObject().subject?.CN;
  if (credentials.method === 'pin' && (typeof commonName !== 'string' || !/^(sip:)?[^@\s]+@[^@\s]+$/i.test(commonName))) {
    throw webServiceError(url, 'the certificate it issued does not name the SIP address of the user');
  }
  return {
    sipUri: credentials.method === 'pin' ? `sip:${userAtDomain(String(commonName))}` : credentials.sipUri,
    certificatePem: certificate.toString(), privateKeyPem, notAfter: Date.parse(certificate.validTo),
  };
}

/** False also for a kind of key that OpenSSL does not know. */
function hasKey(certificate: X509Certificate, publicKeyPem: string): boolean {
  try {
    return certificate.publicKey.equals(createPublicKey(publicKeyPem));
  } catch {
    return false;
  }
}

function notIssued(url: URL, identity: string, reason: string): StageFailure {
  const said = reason.replace(/\.$/, '');
  return new StageFailure('certificate-not-issued', 'stop', `The web service at ${shown(url)} was asked for a client certificate for ${identity} and issued none: ${
    said || 'it gave no reason'}.`, { facts: { url: shown(url), identity, ...(identity.includes('@') ? { sipUri: `sip:${identity}` } : {}), reason }, because: [unsourced] });
}
