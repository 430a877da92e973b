import { createHash, type KeyObject } from 'node:crypto';
import { userAtDomain } from '../protocol/sip/name-address.js';
import { CertificateAuthority } from './certificate-authority.js';
import type { ClientCertificateStore } from './deployment.js';
import { generateKeys, type KeySource } from './key-pair.js';
import { certificatesPem } from './pem.js';
import { topologySchema, type Topology } from './topology-schema.js';

type ClientAuthoritySpec = Topology['clientAuthority'];

/** More devices than anyone has; bounds what one user can make the lab remember. */
const devicesPerUser = 10_000;
/** Issued certificates are valid from a little before now, so that a phone's clock may be a little behind. */
const clockSkew = 10 * 60_000;

const fingerprint = (certificate: Buffer) => createHash('sha256').update(certificate).digest('base64');

/** The web services' own certification authority and what it published. That it gives the purpose client authentication is assumed. */
export class IssuedClientCertificates implements ClientCertificateStore {
  readonly authorityPem: string;
  readonly #authority: CertificateAuthority;
  readonly #hash: ClientAuthoritySpec['hash'];
  readonly #now: () => number;
  /** SIP URI -> device -> fingerprint of its newest certificate. */
  readonly #published = new Map<string, Map<string, string>>();

  private constructor(authority: CertificateAuthority, hash: ClientAuthoritySpec['hash'], now: () => number) {
    this.authorityPem = certificatesPem(authority.certificate);
    this.#authority = authority;
    this.#hash = hash;
    this.#now = now;
  }

  /** With a key of its own. */
  static async create(
    now: () => number, spec: ClientAuthoritySpec = topologySchema.shape.clientAuthority.parse(undefined), keySource: KeySource = generateKeys,
  ): Promise<IssuedClientCertificates> {
    const keys = await keySource({ keyType: 'rsa', keyBits: spec.keyBits });
    return new IssuedClientCertificates(new CertificateAuthority(spec, keys, undefined, now()), spec.hash, now);
  }

  issueAndPublish({ publicKey, sipUri, deviceId, hours }: { publicKey: KeyObject; sipUri: string; deviceId: string; hours: number }) {
    const now = this.#now();
    const certificate = this.#authority.issue({
      subjectCommonName: userAtDomain(sipUri), publicKey, notBefore: now - clockSkew, notAfter: now + hours * 3_600_000,
      extendedKeyUsage: ['clientAuth'], keyUsage: ['digitalSignature', 'keyEncipherment'],
    }, { hash: this.#hash });
    const devices = this.#published.get(sipUri.toLowerCase()) ?? new Map<string, string>();
    this.#published.set(sipUri.toLowerCase(), devices);
    devices.delete(deviceId);
    devices.set(deviceId, fingerprint(certificate));
    const [oldest] = devices.keys();
    if (devices.size > devicesPerUser && oldest !== undefined) devices.delete(oldest);
    return { certificate };
  }

  revoke(sipUri: string): void {
    this.#published.delete(sipUri.toLowerCase());
  }

  isPublished(certificate: Buffer, sipUri: string): boolean {
    const print = fingerprint(certificate);
    return [...this.#published.get(sipUri.toLowerCase())?.values() ?? []].includes(print);
  }
}
