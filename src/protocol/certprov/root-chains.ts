import { X509Certificate } from 'node:crypto';
import { encodeCertificates, readCertificates } from '../pkcs/pkcs7.js';
import { decodeBase64 } from '../soap/base64.js';
import { writeEnvelope, type Envelope } from '../soap/envelope.js';
import { xml } from '../soap/markup.js';
import { authWebServicesNamespace } from '../soap/namespaces.js';

/*
 * ASSUMED: the name of the operation follows the rule of its neighbour GetAndPublishCert, and the body was never seen. That the
 * chain is PKCS#7 over plain HTTP is documented (MS-OCAUTHWS 1.5), and so the client goes by content, not by element names.
 */

/** SOAPAction of the request for the chains. */
export const rootChainsAction = `${authWebServicesNamespace}GetRootCertChains`;

/** Texts looked at in one answer; a chain has a handful. */
const mostTexts = 64;

/** Writes the request, which carries nothing. */
export function writeRootChainsRequest(): string {
  return writeEnvelope(xml`<GetRootCertChains xmlns="${authWebServicesNamespace}"/>`);
}

/** Writes the answer: each chain as a certificates-only PKCS#7 (RFC 2315 section 9.1). No chains: an empty answer. */
export function writeRootChainsResponse(chains: readonly (readonly Buffer[])[]): string {
  const written = chains.map((chain) => xml`<CertChain>${encodeCertificates([...chain]).toString('base64')}</CertChain>`);
  return writeEnvelope(xml`<GetRootCertChainsResponse xmlns="${authWebServicesNamespace}">${written}</GetRootCertChainsResponse>`);
}

/** The certificates of an answer, DER, each once. */
export interface RootChains {
  /** Signed by themselves. */
  roots: Buffer[];
  /** All others. */
  intermediates: Buffer[];
}

/** Collects every base64 text in the body that is a PKCS#7 or a certificate; the names of elements do not matter. */
export function readRootChains({ body }: Envelope): RootChains {
  const found = new Map<string, X509Certificate>();
  const texts = [...body.selfAndDescendants()].filter((element) => element.elements().length === 0).slice(0, mostTexts);
  for (const { text } of texts) {
    for (const certificate of certificatesIn(decodeBase64(text))) found.set(certificate.fingerprint256, certificate);
  }
  const all = [...found.values()];
  return {
    roots: all.filter(isSelfSigned).map((certificate) => certificate.raw),
    intermediates: all.filter((certificate) => !isSelfSigned(certificate)).map((certificate) => certificate.raw),
  };
}

/** The certificates in a PKCS#7, or the one certificate that the bytes are; none for anything else. */
function certificatesIn(bytes: Buffer | undefined): X509Certificate[] {
  if (bytes === undefined || bytes.length < 64) return [];
  const read = (der: Buffer): X509Certificate[] => [new X509Certificate(der)];
  for (const attempt of [() => readCertificates(bytes).flatMap(read), () => read(bytes)]) {
    try {
      return attempt();
    } catch {
      // Not of this kind.
    }
  }
  return [];
}

function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
  } catch {
    return false;
  }
}
