import forge from 'node-forge';
import { canonicalAddress } from './ip-address.js';
import { children, content, contextTag, isUniversal, objectIdentifier, parseDer, smallInteger, UnexpectedDer, type DerNode } from './der.js';

const { Type } = forge.asn1;

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
    const id = objectIdentifier(parts[0], 'an extension id');
    if (values.has(id)) throw new UnexpectedDer(`the extension ${id} occurs twice`);
    values.set(id, parts.at(-1));
  }
  const inside = (id: string, what: string): DerNode | undefined => {
    const octets = values.get(id);
    if (octets === undefined) return undefined;
    if (!isUniversal(octets, Type.OCTETSTRING)) throw new UnexpectedDer(`${what} is not an octet string`);
    return parseDer(Buffer.from(content(octets, what), 'latin1'));
  };

  const alternativeNames = inside('2.5.29.17', 'subjectAltName');
  const names = alternativeNames === undefined ? [] : children(alternativeNames, 'subjectAltName');
  const keyUsage = inside('2.5.29.37', 'extKeyUsage');
  const constraints = inside('2.5.29.19', 'basicConstraints');
  return {
    dnsNames: names.filter((name) => contextTag(name) === 2).map((name) => content(name, 'a dNSName')),
    ipAddresses: names.filter((name) => contextTag(name) === 7).map((name) => addressFromBytes(content(name, 'an iPAddress'))),
    extendedKeyUsage: keyUsage && children(keyUsage, 'extKeyUsage').map((usage) => objectIdentifier(usage, 'a key usage')),
    basicConstraints: constraints && readBasicConstraints(constraints),
  };
}

/** `SEQUENCE { cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER OPTIONAL }` (RFC 5280 section 4.2.1.9). */
function readBasicConstraints(node: DerNode): { ca: boolean; pathLength: number | undefined } {
  const parts = children(node, 'basicConstraints');
  const first = parts[0];
  const hasBoolean = first !== undefined && isUniversal(first, Type.BOOLEAN);
  const ca = hasBoolean && content(first, 'cA') !== '\0';
  const length = parts[hasBoolean ? 1 : 0];
  return { ca, pathLength: length === undefined ? undefined : smallInteger(length, 'pathLenConstraint') };
}

function addressFromBytes(bytes: string): string {
  const buffer = Buffer.from(bytes, 'latin1');
  const text = buffer.length === 4 ? [...buffer].join('.')
    : buffer.length === 16 ? Array.from({ length: 8 }, (_, i) => buffer.readUInt16BE(i * 2).toString(16)).join(':')
      : '';
  const address = canonicalAddress(text);
  if (address === undefined) throw new UnexpectedDer(`an iPAddress of ${buffer.length} bytes`);
  return address;
}
