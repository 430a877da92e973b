import { constants, sign, type KeyObject } from 'node:crypto';
import { Failure } from '../../failure.js';
import { integer, nullValue, oid, sequence, tagged, type DerNode } from '../asn1/der.js';

export type HashName = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** RFC 8017 appendix A.2.4, RFC 3279, RFC 5758; MD5 with ECDSA has no identifier. */
const identifiers: Readonly<Record<HashName, { hash: string; rsa: string; ecdsa?: string; size: number }>> = {
  md5: { hash: '1.2.840.113549.2.5', rsa: '1.2.840.113549.1.1.4', size: 16 },
  sha1: { hash: '1.3.14.3.2.26', rsa: '1.2.840.113549.1.1.5', ecdsa: '1.2.840.10045.4.1', size: 20 },
  sha256: { hash: '2.16.840.1.101.3.4.2.1', rsa: '1.2.840.113549.1.1.11', ecdsa: '1.2.840.10045.4.3.2', size: 32 },
  sha384: { hash: '2.16.840.1.101.3.4.2.2', rsa: '1.2.840.113549.1.1.12', ecdsa: '1.2.840.10045.4.3.3', size: 48 },
  sha512: { hash: '2.16.840.1.101.3.4.2.3', rsa: '1.2.840.113549.1.1.13', ecdsa: '1.2.840.10045.4.3.4', size: 64 },
};

export interface Signer {
  /** RSA, or EC, which signs by ECDSA. */
  privateKey: KeyObject;
  hash: HashName;
  /** For RSA keys; PKCS#1 v1.5 by default. */
  rsaScheme?: 'rsa-pkcs1' | 'rsa-pss';
}

/** AlgorithmIdentifier of what `signer` makes. */
export function algorithmIdentifier(signer: Signer): DerNode {
  const { rsa, ecdsa } = identifiers[signer.hash];
  if (signer.privateKey.asymmetricKeyType === 'ec') {
    if (ecdsa === undefined) throw new Failure('pkcs/algorithm', `There is no ECDSA signature with ${signer.hash}.`);
    return sequence(oid(ecdsa));
  }
  return signer.rsaScheme === 'rsa-pss' ? pssIdentifier(signer.hash) : sequence(oid(rsa), nullValue());
}

/** RSASSA-PSS with its parameters; those that equal the defaults (SHA-1, salt of 20) are left out, as DER demands (RFC 4055 section 3.1). */
function pssIdentifier(hash: HashName): DerNode {
  const pss = oid('1.2.840.113549.1.1.10');
  if (hash === 'sha1') return sequence(pss, sequence());
  const { hash: hashOid, size } = identifiers[hash];
  const hashIdentifier = () => sequence(oid(hashOid), nullValue());
  return sequence(pss, sequence(
    tagged(0, [hashIdentifier()]),
    tagged(1, [sequence(oid('1.2.840.113549.1.1.8'), hashIdentifier())]),
    tagged(2, [integer(size)]),
  ));
}

/** Throws a Failure `pkcs/signing` when the key cannot make that signature: too short for the hash, for instance. */
export function signWith(signer: Signer, data: Buffer): Buffer {
  const { privateKey, hash, rsaScheme } = signer;
  try {
    return sign(hash, data, rsaScheme === 'rsa-pss' && privateKey.asymmetricKeyType === 'rsa'
      ? { key: privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : privateKey);
  } catch (error) {
    const bits = privateKey.asymmetricKeyDetails?.modulusLength;
    throw new Failure('pkcs/signing', `The ${bits === undefined ? 'EC' : `${bits} bit RSA`} key cannot sign with ${hash}${rsaScheme === 'rsa-pss' ? ' and RSA-PSS' : ''}.`, { cause: error });
  }
}
