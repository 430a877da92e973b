import { readFileSync } from 'node:fs';
import { textOf } from '../declaration-file.js';
import { Failure, understood } from '../failure.js';
import { readCertificates } from '../protocol/pkcs/pkcs7.js';
import { looksLikePkcs12, readPkcs12 } from '../protocol/pkcs/pkcs12.js';
import { readCertificateRequest, type CertificateRequest } from '../protocol/pkcs/pkcs10.js';
import { isSignedBy, readCertificate, type CertificateFacts } from '../protocol/x509/certificate.js';
import { readPemCertificates } from '../protocol/x509/pem.js';
import { fileTrouble } from '../whole-file.js';

/** What a file can hold that is to be judged. */
export type CertificateFile = { certificates: CertificateFacts[] } | { request: CertificateRequest };

/**
 * What a file holds, whatever its form: certificates as PEM, DER, PKCS #7 or PKCS #12, or a request as PEM or DER. PEM keeps its order; of the
 * others the server's own certificate comes first. `password` is called for a PKCS #12 file that has one. Fails with `certificate/unreadable`,
 * `certificate/password`, or `certificate/unusable`, which says what the file holds instead.
 */
export async function readCertificateOrRequest(file: string, password: () => Promise<string>): Promise<CertificateFile> {
  const bytes = readBytes(file);
  if (looksLikePkcs12(bytes)) return { certificates: serverFirst(file, await openPkcs12(file, bytes, password)) };
  const request = bytes[0] === derSequence ? requestIn(bytes) : requestInPem(file, textOf(bytes));
  return request === undefined ? { certificates: certificatesIn(file, bytes) } : { request };
}

/** Every certificate of a file as PEM, DER or PKCS #7. Fails with `certificate/unreadable` or `certificate/unusable`. */
export function readCertificateFile(file: string): CertificateFacts[] {
  return certificatesIn(file, readBytes(file));
}

const derSequence = 0x30;

function readBytes(file: string): Buffer {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > 0) return bytes;
  } catch (error) {
    throw new Failure('certificate/unreadable', `The certificate file ${file} cannot be read: ${fileTrouble(error)}.`, { cause: error });
  }
  throw unusable(file, 'is empty');
}

function certificatesIn(file: string, bytes: Buffer): CertificateFacts[] {
  if (bytes[0] === derSequence) return certificatesInDer(file, bytes);
  const text = textOf(bytes);
  const labels = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----/g)].map(([, label = '']) => label);
  const begun = labels.filter((label) => /^(X509 )?CERTIFICATE$/.test(label)).length;
  if (begun === 0) return certificatesInOtherPem(file, text, labels);
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

function certificatesInDer(file: string, bytes: Buffer): CertificateFacts[] {
  const certificate = understood(() => readCertificate(bytes));
  if (certificate !== undefined) return [certificate];
  const chain = understood(() => readCertificates(bytes));
  if (chain !== undefined) return serverFirst(file, chain);
  if (looksLikePkcs12(bytes)) throw unusable(file, 'is PKCS #12', `Take the certificates out of it: openssl pkcs12 -nokeys -in ${file} -out ${file}.pem`);
  if (requestIn(bytes) !== undefined) throw unusable(file, 'holds no certificate but a certificate request', 'Give the certificate that the CA issued for this request.');
  throw unusable(file, 'is binary and no certificate, request, PKCS #7 or PKCS #12');
}

function certificatesInOtherPem(file: string, text: string, labels: readonly string[]): CertificateFacts[] {
  const [first] = labels;
  if (first === undefined) throw unusable(file, 'holds no certificate: no line "-----BEGIN CERTIFICATE-----" was found');
  const instead = `holds no certificate but a ${first.toLowerCase()}`;
  if (/PRIVATE KEY$/.test(first)) throw unusable(file, instead, 'Give the file with the certificate; the key is not needed and belongs nowhere else.');
  if (/REQUEST$/.test(first)) throw unusable(file, instead, 'Give the certificate that the CA issued for this request.');
  const chain = /^PKCS ?#?7$/.test(first) ? understood(() => readCertificates(pemBody(text) ?? Buffer.alloc(0))) : undefined;
  if (chain === undefined) throw unusable(file, /^PKCS/.test(first) ? 'is no usable PKCS #7' : instead);
  return serverFirst(file, chain);
}

/** The one of which nobody else there is the issuer's subject; then its issuers, as far as they are there. */
function serverFirst(file: string, ders: readonly Buffer[]): CertificateFacts[] {
  const all = ders.flatMap((der) => understood(() => readCertificate(der)) ?? []);
  const server = all.find((each) => !all.some((other) => other !== each && other.issuer.equals(each.subject) && isSignedBy(other, each))) ?? all[0];
  if (server === undefined) throw unusable(file, 'holds no certificate that can be read');
  const chain = [server];
  for (;;) {
    const last = chain[chain.length - 1] as CertificateFacts;
    const issuer = all.find((each) => !chain.includes(each) && each.subject.equals(last.issuer) && isSignedBy(last, each));
    if (issuer === undefined) return [...chain, ...all.filter((each) => !chain.includes(each))];
    chain.push(issuer);
  }
}

async function openPkcs12(file: string, bytes: Buffer, password: () => Promise<string>): Promise<Buffer[]> {
  try {
    return withoutPassword(bytes) ?? readPkcs12(bytes, await password());
  } catch (error) {
    if (!(error instanceof Failure) || !error.code.startsWith('pkcs12/')) throw error;
    if (error.code === 'pkcs12/password') throw new Failure('certificate/password', `${file} is PKCS #12, and the password given does not open it.`, { cause: error });
    throw unusable(file, 'is PKCS #12 of a kind that cannot be read', `Take the certificates out of it: openssl pkcs12 -nokeys -in ${file} -out ${file}.pem`);
  }
}

/** Many have none, and then nobody is to be asked for it. */
function withoutPassword(bytes: Buffer): Buffer[] | undefined {
  try {
    return readPkcs12(bytes, '');
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'pkcs12/password') throw error;
    return undefined;
  }
}

function requestInPem(file: string, text: string): CertificateRequest | undefined {
  if (!/-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----/.test(text) || /-----BEGIN (?:X509 )?CERTIFICATE-----/.test(text)) return undefined;
  const body = pemBody(text);
  const request = body && requestIn(body);
  if (request === undefined) throw unusable(file, 'is no usable certificate request: it is cut off, or holds something else');
  return request;
}

const requestIn = (der: Buffer) => understood(() => readCertificateRequest(der));

/** The bytes of the first block (RFC 7468). */
function pemBody(text: string): Buffer | undefined {
  const body = /-----BEGIN [A-Z0-9 #]+-----([A-Za-z0-9+/=\s]*)-----END/.exec(text)?.[1];
  return body === undefined ? undefined : Buffer.from(body, 'base64');
}

function unusable(file: string, what: string, hint?: string): Failure {
  return new Failure('certificate/unusable', `${file} ${what}.`, hint === undefined ? {} : { hint });
}
