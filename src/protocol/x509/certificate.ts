import { createHash, X509Certificate } from 'node:crypto';
import { Failure } from '../../failure.js';
import { children, content, contextTag, encodeDer, parseDer, readTime, UnexpectedDer, type DerNode } from '../asn1/der.js';
import { readDistinguishedName } from './distinguished-name.js';
import { readExtensions, type ReadExtensions } from './extensions.js';
import { readSignatureAlgorithm, type SignatureAlgorithm } from './signature-algorithm.js';

/** What a certificate says, without judgement (RFC 5280). */
export interface CertificateFacts extends ReadExtensions {
  der: Buffer;
  /** `Name` as DER, for comparing issuer with subject. */
  subject: Buffer;
  issuer: Buffer;
  /** `CN=pool01.contoso.com, O=Contoso`, for people. */
  subjectText: string;
  issuerText: string;
  subjectCommonNames: readonly string[];
  /** Lower-case hex. */
  serial: string;
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
  signature: SignatureAlgorithm;
  key: {
    /** `rsa`, `rsa-pss`, `ec`, `dsa`, `ed25519`, ... as Node names them; `unknown` for one OpenSSL does not know. */
    type: string;
    /** Of the modulus (RSA, DSA). */
    bits: number | undefined;
    /** `prime256v1`, ... (EC). */
    curve: string | undefined;
  };
  /** Subject and issuer are the same name. */
  selfIssued: boolean;
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string;
  /** The same certificate for native signature checks. */
  x509: X509Certificate;
}

/** No certificate seen in practice comes near; a peer may send anything. */
const longestCertificate = 65_536;
const cacheLimit = 1_000;
const cache = new Map<string, CertificateFacts>();

/**
 * Reads one DER certificate. The same bytes give the same object, since thousands of phones judge the same chains.
 * @throws Failure `x509/malformed` for anything that is not a well-formed X.509 certificate.
 */
export function readCertificate(der: Buffer): CertificateFacts {
  if (der.length > longestCertificate) throw malformed(`it is ${der.length} bytes long`);
  const fingerprint = createHash('sha256').update(der).digest('hex');
  const known = cache.get(fingerprint);
  if (known !== undefined) return known;
  const facts = parseCertificate(Buffer.from(der), fingerprint);
  cache.set(fingerprint, facts);
  if (cache.size > cacheLimit) cache.delete(cache.keys().next().value as string);
  return facts;
}

/** Whether the issuer's key made the certificate's signature. Native; false for an algorithm OpenSSL refuses. Names are not compared. */
export function isSignedBy(certificate: CertificateFacts, issuer: CertificateFacts): boolean {
  try {
    return certificate.x509.verify(issuer.x509.publicKey);
  } catch {
    return false;
  }
}

function parseCertificate(der: Buffer, fingerprint: string): CertificateFacts {
  let x509: X509Certificate;
  let root: DerNode;
  try {
    root = parseDer(der);
    x509 = new X509Certificate(der);
  } catch (error) {
    throw malformed(reason(error), error);
  }
  try {
    const [body, algorithm] = children(root, 'the certificate');
    const fields = children(body, 'the certificate body');
    // The version is [0] and absent in version 1.
    const [serial, , issuer, validity, subject] = contextTag(fields[0]) === 0 ? fields.slice(1) : fields;
    const extensions = fields.find((field) => contextTag(field) === 3);
    const [notBefore, notAfter] = children(validity, 'the validity');
    const subjectName = readDistinguishedName(subject);
    const subjectDer = encodeDer(subject as DerNode);
    const issuerDer = encodeDer(issuer as DerNode);
    return {
      der, x509, fingerprint,
      subject: subjectDer, issuer: issuerDer,
      subjectText: subjectName.text, issuerText: readDistinguishedName(issuer).text, subjectCommonNames: subjectName.commonNames,
      serial: content(serial, 'the serial number').toString('hex'),
      notBefore: readTime(notBefore, 'notBefore'), notAfter: readTime(notAfter, 'notAfter'),
      signature: readSignatureAlgorithm(algorithm),
      key: readKey(x509),
      selfIssued: subjectDer.equals(issuerDer),
      ...readExtensions(extensions && children(extensions, 'the extensions')[0]),
    };
  } catch (error) {
    throw malformed(reason(error), error);
  }
}

function readKey(x509: X509Certificate): CertificateFacts['key'] {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = x509.publicKey;
    return { type: asymmetricKeyType ?? 'unknown', bits: asymmetricKeyDetails?.modulusLength, curve: asymmetricKeyDetails?.namedCurve };
  } catch {
    return { type: 'unknown', bits: undefined, curve: undefined };
  }
}

function malformed(why: string, cause?: unknown): Failure {
  return new Failure('x509/malformed', `The bytes are not a well-formed X.509 certificate: ${why}.`, { cause });
}

function reason(error: unknown): string {
  if (error instanceof UnexpectedDer) return error.message;
  return 'OpenSSL cannot read them';
}
