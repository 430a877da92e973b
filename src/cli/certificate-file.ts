import { readFileSync } from 'node:fs';
import { Failure } from '../failure.js';
import { readCertificate, type CertificateFacts } from '../protocol/x509/certificate.js';
import { readPemCertificates } from '../protocol/x509/pem.js';
import { fileTrouble } from '../whole-file.js';

/**
 * Every certificate of a PEM file, in order. Fails with `certificate/unreadable`, or with `certificate/unusable` that says what the file holds
 * instead, with the command that converts it where there is one.
 */
export function readCertificateFile(file: string): CertificateFacts[] {
  const bytes = readBytes(file);
  if (bytes.length === 0) throw unusable(file, 'is empty');
  if (bytes[0] === derSequence) throw notPem(file, bytes);
  // Windows PowerShell writes redirected output as UTF-16.
  const text = bytes.toString(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf16le' : 'utf8');
  const labels = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label = '']) => label);
  const begun = labels.filter((label) => /^(X509 )?CERTIFICATE$/.test(label)).length;
  if (begun === 0) throw otherPem(file, labels);
  let certificates: CertificateFacts[] = [];
  try {
    certificates = readPemCertificates(text);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (error.code !== 'x509/no-certificate') throw new Failure('certificate/unusable', `${file} is no usable PEM file. ${error.message}`, { cause: error });
  }
  if (certificates.length === begun) return certificates;
  throw unusable(file, `begins ${begun} certificate${begun === 1 ? '' : 's'} and ends ${certificates.length}: it is cut off, or holds characters that are not Base64`);
}

const derSequence = 0x30;
/** PKCS #7 signedData, 1.2.840.113549.1.7.2, as DER. */
const signedData = Buffer.from('06092a864886f70d010702', 'hex');

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure('certificate/unreadable', `The PEM file ${file} cannot be read: ${fileTrouble(error)}.`, { cause: error });
  }
}

/** DER begins with a SEQUENCE; what kind of file it is stands in its first bytes. */
function notPem(file: string, bytes: Buffer): Failure {
  if (bytes.subarray(0, 20).includes(signedData)) {
    return unusable(file, 'is PKCS #7 as DER, not PEM', `Convert it: openssl pkcs7 -inform der -print_certs -in ${file} -out ${file}.pem`);
  }
  try {
    readCertificate(bytes);
    return unusable(file, 'is a certificate as DER, not PEM', `Convert it: openssl x509 -inform der -in ${file} -out ${file}.pem (on Windows: certutil -encode ${file} ${file}.pem)`);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return unusable(file, 'is binary and no certificate', `If it is PKCS #12 (.pfx, .p12), take the certificates out of it: openssl pkcs12 -nokeys -in ${file} -out ${file}.pem`);
  }
}

function otherPem(file: string, labels: readonly string[]): Failure {
  const [first] = labels;
  if (first === undefined) return unusable(file, 'holds no certificate: no line "-----BEGIN CERTIFICATE-----" was found');
  const instead = `holds no certificate but a ${first.toLowerCase()}`;
  if (/PRIVATE KEY$/.test(first)) return unusable(file, instead, 'Give the file with the certificate; the key is not needed and belongs nowhere else.');
  if (/REQUEST$/.test(first)) return unusable(file, instead, 'Give the certificate that the CA issued for this request.');
  if (first === 'PKCS7') return unusable(file, 'holds no certificate but PKCS #7', `Convert it: openssl pkcs7 -print_certs -in ${file} -out ${file}.pem`);
  return unusable(file, instead);
}

function unusable(file: string, what: string, hint?: string): Failure {
  return new Failure('certificate/unusable', `${file} ${what}.`, hint === undefined ? {} : { hint });
}
