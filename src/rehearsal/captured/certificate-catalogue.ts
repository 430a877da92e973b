import { isIP } from 'node:net';
import type { z } from 'zod';
import type { authoritySchema, certificateSchema, CertificateSpec } from '../../lab/topology-schema.js';
import type { PresentedInTrace } from '../../trace/event.js';

/** A field of the file with what there is to say about it. */
export interface Remark {
  path: readonly (string | number)[];
  text: string;
}

const hashes = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'] as const;
const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const clientAuthentication = '1.3.6.1.5.5.7.3.2';

/** The certificates and authorities of a captured deployment, each once, under names made from their own. */
export class CertificateCatalogue {
  readonly authorities: Record<string, z.input<typeof authoritySchema>> = {};
  readonly certificates: Record<string, z.input<typeof certificateSchema>> = {};
  readonly remarks: Remark[] = [];
  /** By subject and by fingerprint: what was seen of authorities. */
  readonly #seen: ReadonlyMap<string, PresentedInTrace>;
  readonly #names = new Map<string, string>();
  /** Subjects from a certificate up to the authority that is looked at: one that is issued by any of them is taken for a root. */
  readonly #under: string[] = [];

  /** @param seen every certificate that may be somebody's issuer */
  constructor(seen: readonly PresentedInTrace[]) {
    this.#seen = new Map(seen.map((each) => [each.subject, each]));
  }

  /** The name of a server's certificate: the first of its chain. */
  server(chain: readonly (PresentedInTrace | undefined)[]): string | undefined {
    const [own, next] = chain;
    if (own === undefined) return undefined;
    const known = this.#names.get(own.fingerprint);
    if (known !== undefined) return known;
    const name = this.#name(own.fingerprint, own.commonName ?? own.names[0] ?? 'server', this.certificates);
    const path = ['certificates', name];
    const [dns, addresses] = [own.names.filter((each) => isIP(each) === 0), own.names.filter((each) => isIP(each) !== 0)];
    this.certificates[name] = {
      ...(own.commonName === undefined ? {} : { commonName: own.commonName }), subjectAlternativeNames: dns, ...(addresses.length === 0 ? {} : { ipAddresses: addresses }),
      issuer: this.authority(own.issuer), hash: this.#hash(own, path), ...(own.signature.startsWith('rsa-pss') ? { signature: 'rsa-pss' as const } : {}), ...this.#key(own, path),
      ...validity(own), extendedKeyUsage: (own.usages ?? []).map((usage) => (usage === serverAuthentication ? 'serverAuth' : usage === clientAuthentication ? 'clientAuth' : usage)),
      ...(own.authority ? { certificateAuthority: true } : {}),
    };
    if (next === undefined && this.authorities[this.certificates[name]?.issuer ?? '']?.issuer !== undefined) this.certificates[name].sendChain = false;
    if (own.subject === own.issuer) this.#remark(path, 'It signs itself there; here an authority of the same name, whom nobody trusts, signs it.');
    return name;
  }

  /** A certificate that nobody saw, for a server that ended the handshake before or was not asked for it. */
  unseen(host: string): string {
    const name = this.#name(`unseen ${host}`, host, this.certificates);
    const issuer = Object.keys(this.authorities)[0] ?? this.authority('CN=Unknown Authority');
    this.certificates[name] = { commonName: host, subjectAlternativeNames: [host], issuer, hash: 'sha256' };
    this.#remark(['certificates', name], 'No phone saw this certificate: all of it is assumed.');
    return name;
  }

  /** The name of an authority by its subject, with its issuers above it. */
  authority(subject: string): string {
    const seen = this.#seen.get(subject);
    const known = this.#names.get(subject);
    if (known !== undefined) return known;
    const commonName = seen?.commonName ?? /(?:^|, )CN=([^,]+)/.exec(subject)?.[1] ?? subject;
    const name = this.#name(subject, commonName, this.authorities);
    const path = ['authorities', name];
    this.authorities[name] = { commonName };
    this.#under.push(subject);
    if (seen === undefined) this.#remark(path, 'No phone saw its certificate: only the name is known, and that it is a root is assumed.');
    else {
      const { keyType, keyBits } = this.#key(seen, path);
      if (keyType === 'ec') this.#remark(path, `Its key is ${seen.key}; authorities of a lab have RSA keys.`);
      this.authorities[name] = {
        commonName, ...(this.#under.includes(seen.issuer) ? {} : { issuer: this.authority(seen.issuer) }), hash: this.#hash(seen, path), keyBits, ...validity(seen),
      };
    }
    this.#under.pop();
    return name;
  }

  /** The root above a server certificate of this catalogue. */
  rootOf(certificate: string): string | undefined {
    let name = this.certificates[certificate]?.issuer;
    for (let above = name; above !== undefined; above = this.authorities[above]?.issuer) name = above;
    return name;
  }

  #hash({ signature }: PresentedInTrace, path: Remark['path']): CertificateSpec['hash'] {
    const hash = hashes.find((each) => signature.endsWith(` ${each}`));
    if (hash === undefined || !signature.startsWith('rsa')) this.#remark(path, `It is signed by ${signature}; here by RSA with ${hash ?? 'sha256'}.`);
    return hash ?? 'sha256';
  }

  #key({ key }: PresentedInTrace, path: Remark['path']): Pick<CertificateSpec, 'keyType' | 'keyBits'> {
    const [type = '', size = ''] = key.split(' ');
    if (type === 'ec') {
      if (size !== 'prime256v1') this.#remark(path, `Its key is ${key}; here it is on prime256v1.`);
      return { keyType: 'ec', keyBits: 2048 };
    }
    const bits = Number(size);
    const usable = type.startsWith('rsa') && bits >= 512 && bits <= 8192;
    if (!usable) this.#remark(path, `Its key is ${key}; here it is rsa 2048.`);
    return { keyType: 'rsa', keyBits: usable ? bits : 2048 };
  }

  #remark(path: Remark['path'], text: string): void {
    if (!this.remarks.some((each) => each.text === text && each.path.join() === path.join())) this.remarks.push({ path, text });
  }

  /** `Contoso Root` -> `contoso-root`, and `contoso-root-2` for another one. */
  #name(key: string, text: string, taken: Readonly<Record<string, unknown>>): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const base = text.toLowerCase().replace(/^\*\./, 'wildcard-').replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 60) || 'certificate';
    let name = base;
    for (let next = 2; Object.hasOwn(taken, name); next++) name = `${base}-${next}`;
    this.#names.set(key, name);
    return name;
  }
}

function validity({ notBefore, notAfter }: PresentedInTrace): { notBefore: string; notAfter: string } {
  return { notBefore: new Date(notBefore).toISOString(), notAfter: new Date(notAfter).toISOString() };
}
