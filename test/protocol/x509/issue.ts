import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import forge from 'node-forge';

const { asn1 } = forge;
const { Class, Type } = asn1;
type Node = forge.asn1.Asn1;

/** A certificate as a test wants it. Everything can be wrong on purpose. */
export interface CertificateWish {
  commonName?: string | undefined;
  dnsNames?: readonly string[];
  /** iPAddress entries as raw bytes. */
  addresses?: readonly Buffer[];
  issuer?: Identity;
  key?: KeyObject;
  notBefore?: number;
  notAfter?: number;
  hash?: 'md5' | 'sha1' | 'sha256' | 'sha384';
  /** RSASSA-PSS; `defaults`: SHA-1 with the parameters left out. */
  pss?: boolean | 'defaults';
  /** undefined: no extension. */
  extendedKeyUsage?: readonly string[] | undefined;
  ca?: boolean | undefined;
  pathLength?: number;
  /** Further extensions as [oid, DER of the value]. */
  extensions?: readonly (readonly [string, Buffer])[];
}

export interface Identity {
  der: Buffer;
  commonName: string;
  privateKey: KeyObject;
}

const rsaKeys = new Map<string, KeyObject>();

/** An RSA key, made once per name and size: key generation is the slow part of a test. */
export function rsaKey(name: string, bits = 2048): KeyObject {
  const id = `${name}/${bits}`;
  const key = rsaKeys.get(id) ?? generateKeyPairSync('rsa', { modulusLength: bits }).privateKey;
  rsaKeys.set(id, key);
  return key;
}

export const serverAuth = '1.3.6.1.5.5.7.3.1';
/** The "now" of certificate tests: 2012-07-01. */
export const now = Date.UTC(2012, 6, 1);
const day = 86_400_000;

const sequence = (...parts: Node[]) => asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);
const oid = (id: string) => asn1.create(Class.UNIVERSAL, Type.OID, false, asn1.oidToDer(id).getBytes());
const integer = (value: number) => asn1.create(Class.UNIVERSAL, Type.INTEGER, false, asn1.integerToDer(value).getBytes());
const boolean = (value: boolean) => asn1.create(Class.UNIVERSAL, Type.BOOLEAN, false, value ? '\xff' : '\0');
const nothing = () => asn1.create(Class.UNIVERSAL, Type.NULL, false, '');
const octets = (bytes: Buffer) => asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, bytes.toString('latin1'));
const tagged = (tag: number, value: string | Node[]) => asn1.create(Class.CONTEXT_SPECIFIC, tag, Array.isArray(value), value);
const parsed = (der: Buffer) => asn1.fromDer(der.toString('latin1'));
export const encode = (node: Node) => Buffer.from(asn1.toDer(node).getBytes(), 'latin1');

function distinguishedName(commonName: string | undefined): Node {
  if (commonName === undefined) return sequence();
  const value = asn1.create(Class.UNIVERSAL, Type.UTF8, false, Buffer.from(commonName, 'utf8').toString('latin1'));
  return sequence(asn1.create(Class.UNIVERSAL, Type.SET, true, [sequence(oid('2.5.4.3'), value)]));
}

const time = (milliseconds: number) => {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]/g, '').slice(0, 14) + 'Z';
  return digits < '2050' ? asn1.create(Class.UNIVERSAL, Type.UTCTIME, false, digits.slice(2)) : asn1.create(Class.UNIVERSAL, Type.GENERALIZEDTIME, false, digits);
};

const extension = (id: string, value: Buffer) => sequence(oid(id), octets(value));

function signatureAlgorithm(key: KeyObject, wish: CertificateWish): Node {
  const hash = wish.hash ?? 'sha1';
  if (key.asymmetricKeyType === 'ed25519') return sequence(oid('1.3.101.112'));
  if (key.asymmetricKeyType === 'ec') return sequence(oid({ md5: '', sha1: '1.2.840.10045.4.1', sha256: '1.2.840.10045.4.3.2', sha384: '1.2.840.10045.4.3.3' }[hash]));
  if (key.asymmetricKeyType === 'dsa') return sequence(oid(hash === 'sha1' ? '1.2.840.10040.4.3' : '2.16.840.1.101.3.4.3.2'));
  if (wish.pss === 'defaults') return sequence(oid('1.2.840.113549.1.1.10'), sequence());
  if (wish.pss === true) {
    const digest = () => sequence(oid({ md5: '1.2.840.113549.2.5', sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2' }[hash]), nothing());
    const mask = sequence(oid('1.2.840.113549.1.1.8'), digest());
    const saltLength = integer({ md5: 16, sha1: 20, sha256: 32, sha384: 48 }[hash]);
    return sequence(oid('1.2.840.113549.1.1.10'), sequence(tagged(0, [digest()]), tagged(1, [mask]), tagged(2, [saltLength])));
  }
  return sequence(oid({ md5: '1.2.840.113549.1.1.4', sha1: '1.2.840.113549.1.1.5', sha256: '1.2.840.113549.1.1.11', sha384: '1.2.840.113549.1.1.12' }[hash]), nothing());
}

/**
 * Issues what is wished for, right or wrong; without an issuer it signs itself. It shares nothing with the lab's authority, so that
 * what reads certificates and what writes them cannot make one mistake together.
 */
export function issue(wish: CertificateWish): Identity {
  const key = wish.key ?? rsaKey(wish.ca === true ? 'authority' : 'server');
  const signer = wish.issuer?.privateKey ?? key;
  const algorithm = signatureAlgorithm(signer, wish);
  const extensions: Node[] = [];
  if (wish.ca !== undefined) {
    const value = sequence(boolean(wish.ca), ...(wish.pathLength === undefined ? [] : [integer(wish.pathLength)]));
    extensions.push(extension('2.5.29.19', encode(value)));
  }
  const usages = 'extendedKeyUsage' in wish ? wish.extendedKeyUsage : wish.ca === true ? undefined : [serverAuth];
  if (usages !== undefined) extensions.push(extension('2.5.29.37', encode(sequence(...usages.map(oid)))));
  const names = [...(wish.dnsNames ?? []).map((name) => tagged(2, name)), ...(wish.addresses ?? []).map((bytes) => tagged(7, bytes.toString('latin1')))];
  if (names.length > 0) extensions.push(extension('2.5.29.17', encode(sequence(...names))));
  extensions.push(...(wish.extensions ?? []).map(([id, value]) => extension(id, value)));

  const body = sequence(
    tagged(0, [integer(2)]),
    integer(Math.floor(Math.random() * 2 ** 30) + 1),
    algorithm,
    distinguishedName(wish.issuer === undefined ? wish.commonName : wish.issuer.commonName),
    sequence(time(wish.notBefore ?? now - 365 * day), time(wish.notAfter ?? now + 365 * day)),
    distinguishedName(wish.commonName),
    parsed(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    ...(extensions.length > 0 ? [tagged(3, [sequence(...extensions)])] : []),
  );
  const hash = signer.asymmetricKeyType === 'ed25519' ? null : (wish.hash ?? 'sha1');
  const padding = wish.pss !== undefined && wish.pss !== false ? { padding: 6, saltLength: -1 } : {};
  const signature = sign(hash, encode(body), { key: signer, ...padding });
  const bits = asn1.create(Class.UNIVERSAL, Type.BITSTRING, false, '\0' + signature.toString('latin1'));
  return { der: encode(sequence(body, algorithm, bits)), commonName: wish.commonName ?? '', privateKey: key };
}
