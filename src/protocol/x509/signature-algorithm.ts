import { children, contextTag, readOid, type DerNode } from '../asn1/der.js';

/** How a certificate was signed. */
export interface SignatureAlgorithm {
  /** `rsa-pkcs1`, `rsa-pss`, `ecdsa`, `dsa`, `ed25519`, or the object identifier of one we do not know. */
  algorithm: string;
  /** `sha1`, `sha256`, ...; undefined where the algorithm names none (Ed25519) or is unknown. */
  hash: string | undefined;
}

/** RFC 3279, RFC 4055, RFC 5758, RFC 8410; 1.3.14.3.2.29 is the old OIW name that some Microsoft tools wrote. */
const known: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.2': { algorithm: 'rsa-pkcs1', hash: 'md2' },
  '1.2.840.113549.1.1.4': { algorithm: 'rsa-pkcs1', hash: 'md5' },
  '1.2.840.113549.1.1.5': { algorithm: 'rsa-pkcs1', hash: 'sha1' },
  '1.3.14.3.2.29': { algorithm: 'rsa-pkcs1', hash: 'sha1' },
  '1.2.840.113549.1.1.14': { algorithm: 'rsa-pkcs1', hash: 'sha224' },
  '1.2.840.113549.1.1.11': { algorithm: 'rsa-pkcs1', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { algorithm: 'rsa-pkcs1', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { algorithm: 'rsa-pkcs1', hash: 'sha512' },
  '1.2.840.10045.4.1': { algorithm: 'ecdsa', hash: 'sha1' },
  '1.2.840.10045.4.3.1': { algorithm: 'ecdsa', hash: 'sha224' },
  '1.2.840.10045.4.3.2': { algorithm: 'ecdsa', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { algorithm: 'ecdsa', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { algorithm: 'ecdsa', hash: 'sha512' },
  '1.2.840.10040.4.3': { algorithm: 'dsa', hash: 'sha1' },
  '2.16.840.1.101.3.4.3.1': { algorithm: 'dsa', hash: 'sha224' },
  '2.16.840.1.101.3.4.3.2': { algorithm: 'dsa', hash: 'sha256' },
  '1.3.101.112': { algorithm: 'ed25519', hash: undefined },
};

const hashes: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'md5', '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.4': 'sha224',
  '2.16.840.1.101.3.4.2.1': 'sha256', '2.16.840.1.101.3.4.2.2': 'sha384', '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** Reads an `AlgorithmIdentifier` that names a signature algorithm. */
export function readSignatureAlgorithm(node: DerNode | undefined): SignatureAlgorithm {
  const [id, parameters] = children(node, 'the signature algorithm');
  const oid = readOid(id, 'the signature algorithm');
  if (oid === '1.2.840.113549.1.1.10') return { algorithm: 'rsa-pss', hash: pssHash(parameters) };
  return known[oid] ?? { algorithm: oid, hash: undefined };
}

/** `RSASSA-PSS-params` (RFC 4055 section 3.1): [0] names the hash, SHA-1 when absent. */
function pssHash(parameters: DerNode | undefined): string | undefined {
  const first = parameters === undefined ? undefined : children(parameters, 'the PSS parameters').find((part) => contextTag(part) === 0);
  if (first === undefined) return 'sha1';
  return hashes[readOid(children(children(first, 'the PSS hash')[0], 'the PSS hash')[0], 'the PSS hash')];
}
