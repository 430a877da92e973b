import { type KeyObject, createPublicKey, randomBytes } from 'node:crypto';
import { buildCertificate } from '../src/protocol/pkcs/certificate-builder.js';
import { rsaKey } from './protocol/x509/issue.js';

/** A self-signed certificate with the key of that name: RSA 1024 unless told otherwise, SHA-1, valid from yesterday for two days. */
export function testIdentity(commonName: string, bits = 1024): { certificatePem: string; privateKeyPem: string; publicKey: KeyObject; certificate: Buffer } {
  const privateKey = rsaKey(commonName, bits);
  const privateKeyPem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const publicKey = createPublicKey(privateKey);
  const certificate = buildCertificate({
    serialNumber: randomBytes(8), subjectCommonName: commonName, issuerCommonName: commonName, publicKey, issuerPublicKey: publicKey,
    notBefore: Date.now() - 86_400_000, notAfter: Date.now() + 86_400_000, keyUsage: ['digitalSignature', 'keyEncipherment'],
  }, { privateKey, hash: 'sha1' });
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return { publicKey, certificatePem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`, privateKeyPem, certificate };
}
