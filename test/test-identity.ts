import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { buildCertificate } from '../src/protocol/pkcs/certificate-builder.js';

/** A self-signed certificate with a fresh key: RSA 2048, SHA-1, valid from yesterday for two days. */
export function testIdentity(commonName: string): { certificatePem: string; privateKeyPem: string; publicKey: KeyObject; certificate: Buffer } {
  const { privateKey: privateKeyPem } = generateKeyPairSync('rsa', {
    modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const privateKey = createPrivateKey(privateKeyPem);
  const publicKey = createPublicKey(privateKey);
  const certificate = buildCertificate({
    serialNumber: randomBytes(8), subjectCommonName: commonName, issuerCommonName: commonName, publicKey, issuerPublicKey: publicKey,
    notBefore: Date.now() - 86_400_000, notAfter: Date.now() + 86_400_000, keyUsage: ['digitalSignature', 'keyEncipherment'],
  }, { privateKey, hash: 'sha1' });
  const base64 = certificate.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return { publicKey, certificatePem: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`, privateKeyPem, certificate };
}
