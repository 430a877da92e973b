import { Failure } from '../../failure.js';
import { readCertificate, type CertificateFacts } from './certificate.js';

const block = /-----BEGIN (?:X509 )?CERTIFICATE-----([A-Za-z0-9+/=\s]*)-----END (?:X509 )?CERTIFICATE-----/g;

/**
 * Every certificate of a PEM text (RFC 7468), in order; text around and between them is ignored, as is usual for bundles.
 * @throws Failure `x509/no-certificate` when there is none, `x509/malformed` naming the one that cannot be read.
 */
export function readPemCertificates(text: string): CertificateFacts[] {
  const blocks = [...text.matchAll(block)];
  if (blocks.length === 0) {
    throw new Failure('x509/no-certificate', 'The text holds no certificate: no complete "-----BEGIN CERTIFICATE-----" block was found.');
  }
  return blocks.map((match, index) => {
    try {
      return readCertificate(Buffer.from(match[1] as string, 'base64'));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure('x509/malformed', `Certificate ${index + 1} of ${blocks.length} in the PEM text cannot be read. ${error.message}`, { cause: error });
    }
  });
}
