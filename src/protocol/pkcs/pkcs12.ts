import forge from 'node-forge';
import { Failure } from '../../failure.js';

/** A server's key with its chain is a few kilobytes. */
const largest = 1024 * 1024;

/** Whether DER begins as a PFX does: version 3, then PKCS #7 data or signed data (RFC 7292 section 4). */
export function looksLikePkcs12(der: Buffer): boolean {
  const version3 = Buffer.of(2, 1, 3, 0x30);
  return der[0] === 0x30 && der.subarray(1, 12).includes(version3);
}

/**
 * The certificates (DER, in the order they stand) of a PFX, Windows' old ciphers included, which OpenSSL no longer reads by itself. Keys are left alone.
 * Throws a Failure `pkcs12/password` where the password does not fit, `pkcs12/malformed` on anything that is no PFX.
 */
export function readPkcs12(der: Buffer, password: string): Buffer[] {
  if (der.length > largest) throw malformed(`it has ${der.length} bytes`);
  try {
    const pfx = forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(der.toString('latin1')), false, password);
    const bags = pfx.getBags({ bagType: forge.pki.oids['certBag'] ?? '' })[forge.pki.oids['certBag'] ?? ''] ?? [];
    return bags.map(({ cert, asn1 }) => {
      // Keys that forge does not know leave the certificate as it stood.
      const node = cert == null ? asn1 : forge.pki.certificateToAsn1(cert);
      return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
    });
  } catch (error) {
    const { message } = error as Error;
    if (/password/i.test(message)) throw new Failure('pkcs12/password', 'The password does not open the PKCS #12 file.', { cause: error });
    throw malformed('its structure is not that of RFC 7292', error);
  }
}

function malformed(why: string, cause?: unknown): Failure {
  return new Failure('pkcs12/malformed', `The bytes are no PKCS #12 file that can be read: ${why}.`, { cause });
}
