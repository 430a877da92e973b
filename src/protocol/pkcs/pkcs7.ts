import { Failure } from '../../failure.js';
import { children, decode, dottedOid, encode, integer, oid, sequence, set, tagged } from './asn1.js';

const signedData = '1.2.840.113549.1.7.2';
const data = '1.2.840.113549.1.7.1';
/** A chain is a handful of certificates; this bounds what a peer can make us parse. */
const largest = 256 * 1024;

/** A degenerate SignedData: certificates and no signer (RFC 2315 section 9.1), as web services hand out a chain. */
export function encodeCertificates(certificates: readonly Buffer[]): Buffer {
  return encode(sequence(oid(signedData), tagged(0, [sequence(
    integer(1),
    set(),
    sequence(oid(data)),
    tagged(0, certificates.map((der) => decode(der))),
    set(),
  )])));
}

/** The certificates (DER, in the order they stand) of a SignedData, signed or not. Throws a Failure `pkcs7/malformed` on anything else. */
export function readCertificates(der: Buffer): Buffer[] {
  if (der.length > largest) throw new Failure('pkcs7/malformed', `A certificate chain of ${der.length} bytes is more than the ${largest} that are read.`);
  try {
    const [type, wrapped] = children(decode(der));
    if (dottedOid(type) !== signedData) throw new Failure('pkcs7/malformed', 'The PKCS#7 message is not SignedData.');
    // version, digestAlgorithms, contentInfo, then certificates [0] and crls [1], both optional, then signerInfos.
    const certificates = children(children(wrapped)[0]).slice(3).find((node) => isContext(node, 0));
    return certificates === undefined ? [] : children(certificates).map((node) => encode(node));
  } catch (error) {
    if (error instanceof Failure && error.code === 'asn1/malformed') {
      throw new Failure('pkcs7/malformed', `${der.length} bytes were to be read as a PKCS#7 certificate chain and are none.`, { cause: error });
    }
    throw error;
  }
}

const isContext = (node: { tagClass: number; type: number }, tag: number) => node.tagClass === 0x80 && node.type === tag;
