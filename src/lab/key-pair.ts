import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

export interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export interface KeySpec {
  keyType: 'rsa' | 'ec';
  /** Of the modulus; for EC 256, 384 or 521 name the NIST curve, and any other value means P-256. */
  keyBits: number;
}

/** A fresh key pair, made off the main thread. */
export function generateKeys({ keyType, keyBits }: KeySpec): Promise<KeyPair> {
  return keyType === 'rsa'
    ? generate('rsa', { modulusLength: keyBits })
    : generate('ec', { namedCurve: `P-${[384, 521].includes(keyBits) ? keyBits : 256}` });
}
