import { generateKeyPairSync } from 'node:crypto';
import { buildCertificate } from '../protocol/pkcs/certificate-builder.js';
import type { CertificateRequest } from '../protocol/pkcs/pkcs10.js';
import type { CheckRule } from '../firmware/certificate-check.js';

const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const day = 86_400_000;

/** What a request decides; issuer, trust, validity and signature are the CA's affair. */
export function rulesOfRequest({ wanted }: CertificateRequest): ReadonlySet<CheckRule> {
  const rules: CheckRule[] = ['name', 'name-in-sip-domain', 'bare-common-name', 'key-type', 'key-size'];
  return new Set(wanted.extendedKeyUsage === undefined ? rules : [...rules, 'extended-key-usage']);
}

/**
 * The certificate that a CA would make of a request if it took everything over, as DER: for judging the request by the rules for certificates. It is
 * signed by a key that nobody has, so what its signature and issuer come to is of no account.
 */
export function certificateFor({ publicKey, subjectCommonName, wanted }: CertificateRequest, now: number): Buffer {
  const issuer = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return buildCertificate({
    serialNumber: Buffer.of(1), subjectCommonName, issuerCommonName: 'not issued yet', publicKey, issuerPublicKey: issuer.publicKey,
    notBefore: now - day, notAfter: now + day, dnsNames: wanted.dnsNames, ipAddresses: wanted.ipAddresses.filter((address) => !address.includes(':')),
    extendedKeyUsage: wanted.extendedKeyUsage ?? [serverAuthentication], keyUsage: ['digitalSignature', 'keyEncipherment'],
  }, { privateKey: issuer.privateKey, hash: 'sha1' });
}
