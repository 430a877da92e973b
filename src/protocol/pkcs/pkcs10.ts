import { createPrivateKey, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { Failure } from '../../failure.js';
import { bitString, bits, children, decode, dottedOid, encode, integer, sequence, tagged } from './asn1.js';
import { commonNameOnly, readCommonName } from './name.js';
import { algorithmIdentifier, hashOfAlgorithm, signWith, type HashName } from './signature-algorithm.js';

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
    integer(0), commonNameOnly(subjectCommonName), decode(createPublicKey(signer.privateKey).export({ type: 'spki', format: 'der' })), tagged(0, []));
  return encode(sequence(info, algorithmIdentifier(signer), bitString(signWith(signer, encode(info)))));
}

export interface CertificateRequest {
  publicKey: KeyObject;
  subjectCommonName: string | undefined;
  /** Proof of possession: whether the request is signed with the key it asks a certificate for. */
  signatureValid: boolean;
  /** Of an RSA key; 0 for any other. */
  keyBits: number;
}

/** Reads a CertificationRequest. Throws a Failure `pkcs10/malformed` when the bytes are none; a wrong signature is reported, not thrown. */
export function readCertificateRequest(der: Buffer): CertificateRequest {
  if (der.length > largest) throw malformed(der);
  try {
    const [info, algorithm, signature] = children(decode(der));
    const [, subject, key] = children(info);
    if (info === undefined || key === undefined) throw malformed(der);
    const publicKey = createPublicKey({ key: encode(key), format: 'der', type: 'spki' });
    const hash = hashOfAlgorithm(dottedOid(children(algorithm)[0]));
    return {
      publicKey,
      subjectCommonName: readCommonName(subject),
      signatureValid: hash !== undefined && verify(hash, encode(info), publicKey, bits(signature)),
      keyBits: publicKey.asymmetricKeyDetails?.modulusLength ?? 0,
    };
  } catch (error) {
    throw malformed(der, error);
  }
}

function malformed(der: Buffer, cause?: unknown): Failure {
  return new Failure('pkcs10/malformed', `${der.length} bytes were to be read as a PKCS#10 certificate request and are none.`, { cause });
}
