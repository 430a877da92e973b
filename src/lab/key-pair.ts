import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

export interface KeyPair {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export interface KeySpec {
  keyType: 'rsa' | 'ec';
  /** Of an RSA modulus; an EC key is on P-256 whatever stands here. */
  keyBits: number;
}

/** Where a lab's keys come from. */
export type KeySource = (spec: KeySpec) => Promise<KeyPair>;

/** A fresh key pair, made off the main thread. */
export function generateKeys({ keyType, keyBits }: KeySpec): Promise<KeyPair> {
  return keyType === 'rsa' ? generate('rsa', { modulusLength: keyBits }) : generate('ec', { namedCurve: 'P-256' });
}
