import { createSign, createVerify, X509Certificate } from 'node:crypto';
import { decodeBase64 } from '../soap/base64.js';
import { xml, type Markup } from '../soap/markup.js';
import { securityNamespace, utilityNamespace } from '../soap/namespaces.js';
import type { XmlElement } from '../soap/xml.js';
import { writeInstant } from './instant.js';
import { signTimestamp, verifyTimestamp, writeTimestamp } from './timestamp-signature.js';

/*
 * PARTLY ASSUMED. That the port WebTicketServiceCert at `/cert` takes a WS-Security X.509 signature by the client certificate is documented
 * (MS-OCAUTHWS 3.2); which parts of the message are signed, and by which algorithms, is not: here the Timestamp, as with a ticket's proof key.
 */

/** The name of the port in the web ticket service's metadata. */
export const certificatePortName = 'WebTicketServiceCert';
/** Below the web ticket service's address. */
export const certificatePortPath = '/cert';

const x509Type = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3';
/** Life of the Timestamp, as WCF writes it. */
const life = 5 * 60_000;

export interface CertificateCredentials {
  certificate: X509Certificate;
  privateKeyPem: string;
  /** Milliseconds since 1970. */
  now: number;
}

/** Writes `wsse:Security` with the certificate and a signature by its key (WSS X.509 Token Profile 1.0), for a web ticket request. */
export function writeCertificateCredentials({ certificate, privateKeyPem, now }: CertificateCredentials): Markup {
  const created = writeInstant(now);
  const timestamp = writeTimestamp(xml`<wsu:Created xmlns:wsu="${utilityNamespace}">${created}</wsu:Created><wsu:Expires xmlns:wsu="${utilityNamespace}">${writeInstant(now + life)}</wsu:Expires>`.text);
  const signature = signTimestamp(timestamp, 'rsa-sha1', (signedInfo) => createSign('sha1').update(signedInfo).sign(privateKeyPem),
    xml`<wsse:SecurityTokenReference><wsse:Reference URI="#certificate" ValueType="${x509Type}"/></wsse:SecurityTokenReference>`);
  return xml`<wsse:Security xmlns:wsse="${securityNamespace}" soap:mustUnderstand="1">${timestamp}<wsse:BinarySecurityToken xmlns:wsu="${
    utilityNamespace}" wsu:Id="certificate" ValueType="${x509Type}" EncodingType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary">${
    certificate.raw.toString('base64')}</wsse:BinarySecurityToken>${signature}</wsse:Security>`;
}

/** Whose key signed the request, from its header; whether that certificate counts is for the caller to judge. */
export function readCertificateCredentials(header: XmlElement | undefined, now: number): { certificate: X509Certificate } | { refused: string } {
  const security = header?.child('Security', securityNamespace);
  const token = security?.child('BinarySecurityToken', securityNamespace);
  const certificate = parseCertificate(decodeBase64(token?.text ?? ''));
  if (security === undefined || token === undefined || certificate === undefined) return { refused: 'there is no certificate' };
  const refused = (reason: string) => ({ ok: false, reason } as const);
  const verdict = verifyTimestamp(security, {
    method: 'rsa-sha1', now,
    keyNamed: (keyInfo) => (keyInfo?.find('SecurityTokenReference', 'Reference')?.attribute('URI') === `#${token.attribute('Id', utilityNamespace) ?? ''}`
      ? { ok: true } : refused('the signature names another certificate')),
    verify: (signedInfo, value) => (certificate.publicKey.asymmetricKeyType === 'rsa' && createVerify('sha1').update(signedInfo).verify(certificate.publicKey, value)
      ? { ok: true } : refused('the signature is not by the key of the certificate')),
  });
  return verdict.ok ? { certificate } : { refused: verdict.reason };
}

/** Undefined for what is no certificate, or one whose key OpenSSL does not know. */
function parseCertificate(der: Buffer | undefined): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(der ?? Buffer.alloc(0));
    return certificate.publicKey.type === 'public' ? certificate : undefined;
  } catch {
    return undefined;
  }
}
