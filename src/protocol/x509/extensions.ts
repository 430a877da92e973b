import { children, content, contextTag, isUniversal, parseDer, readInteger, readOid, UnexpectedDer, type DerNode } from '../asn1/der.js';
import { canonicalAddress } from './ip-address.js';

/** The extensions a phone's rules look at; others are skipped. */
export interface ReadExtensions {
  /** dNSName entries, byte for byte (IA5String read as latin1). */
  dnsNames: readonly string[];
  /** iPAddress entries in canonical text. */
  ipAddresses: readonly string[];
  /** Object identifiers; undefined: no such extension. */
  extendedKeyUsage: readonly string[] | undefined;
  basicConstraints: { ca: boolean; pathLength: number | undefined } | undefined;
}

/** Reads `Extensions` (RFC 5280 section 4.2): subjectAltName, extKeyUsage, basicConstraints. A repeated extension is an error. */
export function readExtensions(node: DerNode | undefined): ReadExtensions {
  const values = new Map<string, DerNode | undefined>();
  for (const extension of node === undefined ? [] : children(node, 'the extensions')) {
    const parts = children(extension, 'an extension');
    const id = readOid(parts[0], 'an extension id');
    if (values.has(id)) throw new UnexpectedDer(`the extension ${id} occurs twice`);
    values.set(id, parts.at(-1));
  }
  const inside = (id: string, what: string): DerNode | undefined => {
    const octets = values.get(id);
    if (octets === undefined) return undefined;
    if (!isUniversal(octets, 'OCTETSTRING')) throw new UnexpectedDer(`${what} is not an octet string`);
    return parseDer(content(octets, what));
  };

  const alternativeNames = inside('2.5.29.17', 'subjectAltName');
  const names = alternativeNames === undefined ? [] : children(alternativeNames, 'subjectAltName');
  const keyUsage = inside('2.5.29.37', 'extKeyUsage');
  const constraints = inside('2.5.29.19', 'basicConstraints');
  return {
    dnsNames: names.filter((name) => contextTag(name) === 2).map((name) => content(name, 'a dNSName').toString('latin1')),
    ipAddresses: names.filter((name) => contextTag(name) === 7).map((name) => addressFromBytes(content(name, 'an iPAddress'))),
    extendedKeyUsage: keyUsage && children(keyUsage, 'extKeyUsage').map((usage) => readOid(usage, 'a key usage')),
    basicConstraints: constraints && readBasicConstraints(constraints),
  };
}

/** `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }` (RFC 5280 section 4.2.1.9). */
function readBasicConstraints(node: DerNode): { ca: boolean; pathLength: number | undefined } {
  const parts = children(node, 'basicConstraints');
  const first = parts[0];
  const hasBoolean = first !== undefined && isUniversal(first, 'BOOLEAN');
  const ca = hasBoolean && content(first, 'cA')[0] !== 0;
  const length = parts[hasBoolean ? 1 : 0];
  return { ca, pathLength: length === undefined ? undefined : readInteger(length, 'pathLenConstraint') };
}

function addressFromBytes(bytes: Buffer): string {
  const text = bytes.length === 4 ? [...bytes].join('.')
    : bytes.length === 16 ? Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16)).join(':')
      : '';
  const address = canonicalAddress(text);
  if (address === undefined) throw new UnexpectedDer(`an iPAddress of ${bytes.length} bytes`);
  return address;
}
