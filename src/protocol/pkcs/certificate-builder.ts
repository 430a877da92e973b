import { createHash, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { Failure } from '../../failure.js';
import {
  bitString, boolean, children, dateTime, encodeDer, integer, octetString, oid, parseDer, readBitString, sequence, tagged, type DerNode,
} from '../asn1/der.js';
import { commonNameOnly } from '../x509/distinguished-name.js';
import { algorithmIdentifier, signWith, type Signer } from './signature-algorithm.js';

/** Bits of KeyUsage that are used here, by position (RFC 5280 section 4.2.1.3). */
const keyUsageBits = { digitalSignature: 0, keyEncipherment: 2, keyCertSign: 5, cRLSign: 6 } as const;

/** Purposes by name; any other is given as a dotted OID. */
const purposes: Readonly<Record<string, string>> = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' };

export interface CertificateFields {
  /** Up to 20 bytes, big endian; taken as positive. */
  serialNumber: Buffer;
  /** Undefined: an empty subject. */
  subjectCommonName: string | undefined;
  issuerCommonName: string;
  publicKey: KeyObject;
  /** The issuer's, for the authority key identifier. */
  issuerPublicKey: KeyObject;
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
  /** dNSName entries exactly as they are to stand, and IPv4 addresses; none of either: no extension. */
  dnsNames?: readonly string[];
  ipAddresses?: readonly string[];
  /** `serverAuth`, `clientAuth` or OIDs; empty: no extension. */
  extendedKeyUsage?: readonly string[];
  keyUsage: readonly (keyof typeof keyUsageBits)[];
  /** Undefined: no extension. */
  basicConstraints?: { certificateAuthority: boolean; pathLength?: number | undefined };
}

/** Builds an X.509 v3 certificate (RFC 5280 section 4) and has the issuer sign it; DER. Nothing is checked for sense: wrong certificates are wanted too. */
export function buildCertificate(fields: CertificateFields, issuer: Signer): Buffer {
  const algorithm = algorithmIdentifier(issuer);
  const certificate = sequence(
    tagged(0, [integer(2)]),
    integer(positive(fields.serialNumber)),
    algorithm,
    commonNameOnly(fields.issuerCommonName),
    sequence(dateTime(fields.notBefore), dateTime(fields.notAfter)),
    commonNameOnly(fields.subjectCommonName),
    publicKeyInfo(fields.publicKey),
    tagged(3, [sequence(...extensions(fields))]),
  );
  return encodeDer(sequence(certificate, algorithm, bitString(signWith(issuer, encodeDer(certificate)))));
}

function extensions(fields: CertificateFields): DerNode[] {
  const { dnsNames = [], ipAddresses = [], extendedKeyUsage = [], basicConstraints } = fields;
  const names = [...dnsNames.map((name) => tagged(2, Buffer.from(name, 'utf8'))), ...ipAddresses.map((address) => tagged(7, ipv4Bytes(address)))];
  const result = [
    extension('2.5.29.14', octetString(keyIdentifier(fields.publicKey))),
    extension('2.5.29.35', sequence(tagged(0, keyIdentifier(fields.issuerPublicKey)))),
    extension('2.5.29.15', keyUsage(fields.keyUsage), true),
  ];
  // A subject alternative name is critical where there is no subject (RFC 5280 section 4.2.1.6).
  if (names.length > 0) result.push(extension('2.5.29.17', sequence(...names), fields.subjectCommonName === undefined));
  if (extendedKeyUsage.length > 0) result.push(extension('2.5.29.37', sequence(...extendedKeyUsage.map((purpose) => oid(purposes[purpose] ?? purpose)))));
  if (basicConstraints !== undefined) {
    const { certificateAuthority, pathLength } = basicConstraints;
    const items = [...(certificateAuthority ? [boolean(true)] : []), ...(pathLength === undefined ? [] : [integer(pathLength)])];
    result.push(extension('2.5.29.19', sequence(...items), certificateAuthority));
  }
  return result;
}

function extension(id: string, value: DerNode, critical = false): DerNode {
  return sequence(oid(id), ...(critical ? [boolean(true)] : []), octetString(encodeDer(value)));
}

function keyUsage(names: CertificateFields['keyUsage']): DerNode {
  const used: number[] = names.map((name) => keyUsageBits[name]);
  const octet = used.reduce((sum, bit) => sum | (0x80 >> bit), 0);
  return bitString(Buffer.from([octet]), 7 - Math.max(...used));
}

/** SHA-1 of the key's bits (RFC 5280 section 4.2.1.2, method 1). */
function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1').update(readBitString(children(publicKeyInfo(key), 'a public key')[1], 'a public key')).digest();
}

/** By key: OpenSSL is slow to write one, and an authority's is asked for with each certificate it issues. */
const publicKeyInfos = new WeakMap<KeyObject, DerNode>();

function publicKeyInfo(key: KeyObject): DerNode {
  const info = publicKeyInfos.get(key) ?? parseDer(key.export({ type: 'spki', format: 'der' }));
  publicKeyInfos.set(key, info);
  return info;
}

/** Without the top bit, and not zero at the front, so that it is a positive INTEGER of the same length. */
function positive(serialNumber: Buffer): Buffer {
  const result = Buffer.from(serialNumber);
  result[0] = ((result[0] ?? 0) & 0x7f) | 0x40;
  return result;
}

function ipv4Bytes(address: string): Buffer {
  if (!isIPv4(address)) throw new Failure('pkcs/ip-address', `A certificate's IP address must be IPv4, and "${address}" is not.`);
  return Buffer.from(address.split('.').map(Number));
}
