import { createPrivateKey, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { Failure } from '../../failure.js';
import { bitString, children, encodeDer, integer, parseDer, readBitString, readOid, sequence, tagged, type DerNode } from '../asn1/der.js';
import { commonNameOnly, readDistinguishedName } from '../x509/distinguished-name.js';
import { readExtensions, type ReadExtensions } from '../x509/extensions.js';
import { readSignatureAlgorithm } from '../x509/signature-algorithm.js';
import { algorithmIdentifier, signWith, type HashName } from './signature-algorithm.js';

/** A request with a 16,384 bit key, the largest that Lync's web services accept, is well below this. */
const largest = 16 * 1024;

export interface CertificateRequestInput {
  subjectCommonName: string;
  privateKeyPem: string;
  hash: HashName;
}

/** A CertificationRequest (RFC 2986) in DER: the subject is a common name only, there are no attributes. */
export function createCertificateRequest({ subjectCommonName, privateKeyPem, hash }: CertificateRequestInput): Buffer {
  const signer = { privateKey: createPrivateKey(privateKeyPem), hash };
  const info = sequence(
    integer(0), commonNameOnly(subjectCommonName), parseDer(createPublicKey(signer.privateKey).export({ type: 'spki', format: 'der' })), tagged(0, []));
  return encodeDer(sequence(info, algorithmIdentifier(signer), bitString(signWith(signer, encodeDer(info)))));
}

export interface CertificateRequest {
  publicKey: KeyObject;
  subjectCommonName: string | undefined;
  /** Proof of possession: whether the request is signed with the key it asks a certificate for. */
  signatureValid: boolean;
  /** Of an RSA key; 0 for any other. */
  keyBits: number;
  /** `CN=pool01.contoso.com, O=Contoso`, for people. */
  subjectText: string;
  /** What it asks to have in the certificate (RFC 2985 section 5.4.2). */
  wanted: ReadExtensions;
}

/** Reads a CertificationRequest. Throws a Failure `pkcs10/malformed` when the bytes are none; a wrong signature is reported, not thrown. */
export function readCertificateRequest(der: Buffer): CertificateRequest {
  if (der.length > largest) throw malformed(der);
  try {
    const [info, algorithm, signature] = children(parseDer(der), 'the request');
    const [, subject, key, attributes] = children(info, 'the request info');
    if (info === undefined || key === undefined) throw malformed(der);
    const publicKey = createPublicKey({ key: encodeDer(key), format: 'der', type: 'spki' });
    return {
      publicKey,
      subjectCommonName: readDistinguishedName(subject).commonNames[0],
      subjectText: readDistinguishedName(subject).text,
      wanted: readExtensions(attributes && extensionsIn(attributes)),
      signatureValid: isSigned(encodeDer(info), readSignatureAlgorithm(algorithm).hash, readBitString(signature, 'the signature'), publicKey),
      keyBits: publicKey.asymmetricKeyDetails?.modulusLength ?? 0,
    };
  } catch (error) {
    throw malformed(der, error);
  }
}

/** PKCS #9's extensionRequest, and what Windows of old wrote in its place (szOID_CERT_EXTENSIONS). */
const extensionRequests = new Set(['1.2.840.113549.1.9.14', '1.3.6.1.4.1.311.2.1.14']);

function extensionsIn(attributes: DerNode): DerNode | undefined {
  const requests = children(attributes, 'the attributes').map((attribute) => children(attribute, 'an attribute')).filter(([type]) => extensionRequests.has(readOid(type, 'an attribute type')));
  return requests.length === 0 ? undefined : children(requests[0]?.[1], 'the extension request')[0];
}

/** False also with a hash that OpenSSL does not know. */
function isSigned(info: Buffer, hash: string | undefined, signature: Buffer, publicKey: KeyObject): boolean {
  try {
    return hash !== undefined && verify(hash, info, publicKey, signature);
  } catch {
    return false;
  }
}

function malformed(der: Buffer, cause?: unknown): Failure {
  return new Failure('pkcs10/malformed', `${der.length} bytes were to be read as a PKCS#10 certificate request and are none.`, { cause });
}
