import { randomBytes } from 'node:crypto';
import { buildCertificate, type CertificateFields } from '../protocol/pkcs/certificate-builder.js';
import type { Signer } from '../protocol/pkcs/signature-algorithm.js';
import { generateKeys, type KeyPair, type KeySource } from './key-pair.js';
import { certificatesPem } from './pem.js';
import type { AuthoritySpec, CertificateSpec } from './topology-schema.js';
import type { ServerIdentity } from './deployment.js';

const day = 86_400_000;

/** A server's certificate with its key, and the certificates above it. */
export interface ServerCertificate extends ServerIdentity {
  /** DER of the server's own. */
  leaf: Buffer;
  /** What the server sends: the leaf, then intermediates where the spec has them sent; never the root. */
  chain: readonly Buffer[];
  /** The issuer, its issuer and so on up to the root, which is included. */
  issuerChain: readonly Buffer[];
}

/** A root or intermediate certification authority of a lab. */
export class CertificateAuthority {
  /** DER. */
  readonly certificate: Buffer;
  /** Its own certificate, then its issuer's and so on up to the root. */
  readonly chain: readonly Buffer[];
  readonly #commonName: string;
  readonly #keys: KeyPair;

  /** @param now time of day by which validity defaults, milliseconds since 1970 */
  constructor(spec: AuthoritySpec, keys: KeyPair, issuer: CertificateAuthority | undefined, now: number) {
    this.#commonName = spec.commonName;
    this.#keys = keys;
    const fields = {
      subjectCommonName: spec.commonName,
      publicKey: keys.publicKey,
      notBefore: moment(spec.notBefore, now - day),
      notAfter: moment(spec.notAfter, now + 3650 * day),
      keyUsage: ['keyCertSign', 'cRLSign'],
      basicConstraints: { certificateAuthority: true, pathLength: spec.pathLength },
    } as const;
    this.certificate = (issuer ?? this).issue(fields, { hash: spec.hash });
    this.chain = [this.certificate, ...(issuer?.chain ?? [])];
  }

  /** DER of a certificate signed by this authority. */
  issue(fields: Omit<CertificateFields, 'serialNumber' | 'issuerCommonName' | 'issuerPublicKey'>, signature: Omit<Signer, 'privateKey'>): Buffer {
    return buildCertificate(
      { ...fields, serialNumber: randomBytes(16), issuerCommonName: this.#commonName, issuerPublicKey: this.#keys.publicKey },
      { ...signature, privateKey: this.#keys.privateKey });
  }

  /** A server certificate exactly as specified, for a key made to that spec. Throws a Failure `pkcs/...` where that cannot be. */
  issueServer(spec: CertificateSpec, keys: KeyPair, now: number): ServerCertificate {
    const leaf = this.issue({
      subjectCommonName: spec.commonName,
      publicKey: keys.publicKey,
      notBefore: moment(spec.notBefore, now - day),
      notAfter: moment(spec.notAfter, now + 730 * day),
      dnsNames: spec.subjectAlternativeNames,
      ipAddresses: spec.ipAddresses,
      extendedKeyUsage: spec.extendedKeyUsage,
      ...(spec.certificateAuthority
        ? { keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign'] as const, basicConstraints: { certificateAuthority: true } }
        : { keyUsage: ['digitalSignature', 'keyEncipherment'] as const }),
    }, { hash: spec.hash, rsaScheme: spec.signature });
    const chain = [leaf, ...(spec.sendChain ? this.chain.slice(0, -1) : [])];
    return {
      leaf, chain, issuerChain: this.chain, certificatePem: certificatesPem(...chain),
      privateKeyPem: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  }
}

/**
 * The authorities of a topology by name, their keys made in parallel. Each `issuer` must name another of them and none
 * may be its own issuer over any number of steps (`topology.ts` sees to that).
 */
export async function createAuthorities(
  specs: Readonly<Record<string, AuthoritySpec>>, now: number, keySource: KeySource = generateKeys,
): Promise<Map<string, CertificateAuthority>> {
  const keys = new Map(await Promise.all(Object.entries(specs).map(
    async ([name, spec]) => [name, await keySource({ keyType: 'rsa', keyBits: spec.keyBits })] as const)));
  const authorities = new Map<string, CertificateAuthority>();
  const authority = (name: string): CertificateAuthority | undefined => {
    const [spec, own] = [specs[name], keys.get(name)];
    if (!authorities.has(name) && spec !== undefined && own !== undefined) {
      authorities.set(name, new CertificateAuthority(spec, own, spec.issuer === undefined ? undefined : authority(spec.issuer), now));
    }
    return authorities.get(name);
  };
  for (const name of keys.keys()) authority(name);
  return authorities;
}

const moment = (declared: string | undefined, otherwise: number) => declared === undefined ? otherwise : Date.parse(declared);
