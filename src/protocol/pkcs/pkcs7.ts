import { Failure } from '../../failure.js';
import { children, contextTag, encodeDer, integer, oid, parseDer, readOid, sequence, set, tagged, UnexpectedDer } from '../asn1/der.js';

const signedData = '1.2.840.113549.1.7.2';
const data = '1.2.840.113549.1.7.1';
/** A chain is a handful of certificates; this bounds what a peer can make us parse. */
const largest = 256 * 1024;

/** A degenerate SignedData: certificates and no signer (RFC 2315 section 9.1), as web services hand out a chain. */
export function encodeCertificates(certificates: readonly Buffer[]): Buffer {
  return encodeDer(sequence(oid(signedData), tagged(0, [sequence(
    integer(1),
    set(),
    sequence(oid(data)),
    tagged(0, certificates.map((der) => parseDer(der))),
    set(),
  )])));
}

/** The certificates (DER, in the order they stand) of a SignedData, signed or not. Throws a Failure `pkcs7/malformed` on anything else. */
export function readCertificates(der: Buffer): Buffer[] {
  if (der.length > largest) throw new Failure('pkcs7/malformed', `A certificate chain of ${der.length} bytes is more than the ${largest} that are read.`);
  try {
    const [type, wrapped] = children(parseDer(der), 'the message');
    if (readOid(type, 'the content type') !== signedData) throw new Failure('pkcs7/malformed', 'The PKCS#7 message is not SignedData.');
    // version, digestAlgorithms, contentInfo, then certificates [0] and crls [1], both optional, then signerInfos.
    const certificates = children(children(wrapped, 'the content')[0], 'the signed data').slice(3).find((node) => contextTag(node) === 0);
    return certificates === undefined ? [] : children(certificates, 'the certificates').map(encodeDer);
  } catch (error) {
    if (!(error instanceof UnexpectedDer)) throw error;
    throw new Failure('pkcs7/malformed', `${der.length} bytes were to be read as a PKCS#7 certificate chain and are none: ${error.message}.`, { cause: error });
  }
}
