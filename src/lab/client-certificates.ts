import { createHash, type KeyObject } from 'node:crypto';
import { CertificateAuthority } from './certificate-authority.js';
import type { ClientCertificateStore } from './deployment.js';
import { generateKeys } from './key-pair.js';
import { certificatesPem } from './pem.js';
import { authoritySchema } from './topology-schema.js';

/** More devices than anyone has; bounds what one user can make the lab remember. */
const devicesPerUser = 10_000;
/** Issued certificates are valid from a little before now, so that a phone's clock may be a little behind. */
const clockSkew = 10 * 60_000;

const fingerprint = (certificate: Buffer) => createHash('sha256').update(certificate).digest('base64');

/**
 * The web services' own certification authority and what it published. That its name is "Communications Server", that it signs with SHA-1
 * and gives the purpose client authentication is assumed: Microsoft documents only the validity period and the key's size.
 */
export class IssuedClientCertificates implements ClientCertificateStore {
  readonly authorityPem: string;
  readonly #authority: CertificateAuthority;
  readonly #now: () => number;
  /** SIP URI -> device -> fingerprint of its newest certificate. */
  readonly #published = new Map<string, Map<string, string>>();

  private constructor(authority: CertificateAuthority, now: () => number) {
    this.authorityPem = certificatesPem(authority.certificate);
    this.#authority = authority;
    this.#now = now;
  }

  static async create(now: () => number): Promise<IssuedClientCertificates> {
    const spec = authoritySchema.parse({ commonName: 'Communications Server' });
    const keys = await generateKeys({ keyType: 'rsa', keyBits: spec.keyBits });
    return new IssuedClientCertificates(new CertificateAuthority(spec, keys, undefined, now()), now);
  }

  issueAndPublish({ publicKey, sipUri, deviceId, hours }: { publicKey: KeyObject; sipUri: string; deviceId: string; hours: number }) {
    const now = this.#now();
    const certificate = this.#authority.issue({
      subjectCommonName: sipUri.replace(/^sip:/i, ''), publicKey, notBefore: now - clockSkew, notAfter: now + hours * 3_600_000,
      extendedKeyUsage: ['clientAuth'], keyUsage: ['digitalSignature', 'keyEncipherment'],
    }, { hash: 'sha1' });
    const devices = this.#published.get(sipUri.toLowerCase()) ?? new Map<string, string>();
    this.#published.set(sipUri.toLowerCase(), devices);
    devices.delete(deviceId);
    devices.set(deviceId, fingerprint(certificate));
    const [oldest] = devices.keys();
    if (devices.size > devicesPerUser && oldest !== undefined) devices.delete(oldest);
    return { certificate };
  }

  isPublished(certificate: Buffer, sipUri: string): boolean {
    const print = fingerprint(certificate);
    return [...this.#published.get(sipUri.toLowerCase())?.values() ?? []].includes(print);
  }
}
