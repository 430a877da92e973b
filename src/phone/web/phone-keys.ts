import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { KeyPairPem } from '../steps.js';

const generate = promisify(generateKeyPair);

/** The RSA key that a client certificate is asked for with; made by OpenSSL off the main thread. */
export async function makePhoneKeys(modulusLength: number): Promise<KeyPairPem> {
  const { publicKey, privateKey } = await generate('rsa', {
    modulusLength, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { publicKeyPem: publicKey, privateKeyPem: privateKey };
}
