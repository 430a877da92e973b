import forge from 'node-forge';
import { children, content, isUniversal, objectIdentifier, type DerNode } from './der.js';

const { Type } = forge.asn1;

/** Attribute types that have a short name in RFC 4514 section 3, and the two that certificates add in practice. */
const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN', '2.5.4.6': 'C', '2.5.4.7': 'L', '2.5.4.8': 'ST', '2.5.4.9': 'STREET', '2.5.4.10': 'O', '2.5.4.11': 'OU',
  '0.9.2342.19200300.100.1.25': 'DC', '0.9.2342.19200300.100.1.1': 'UID', '1.2.840.113549.1.9.1': 'E', '2.5.4.5': 'SERIALNUMBER',
};

export interface DistinguishedName {
  /** Every CN, in the order of the certificate. */
  commonNames: readonly string[];
  /** `CN=pool01.contoso.com, O=Contoso`, in the order of the certificate; for people, never for comparing. */
  text: string;
}

/** Reads a `Name` (RFC 5280 section 4.1.2.4). */
export function readDistinguishedName(node: DerNode | undefined): DistinguishedName {
  const attributes = children(node, 'a distinguished name').flatMap((set) => children(set, 'a relative distinguished name').map((pair) => {
    const [type, value] = children(pair, 'a name attribute');
    return { type: objectIdentifier(type, 'a name attribute type'), value: directoryString(value) };
  }));
  return {
    commonNames: attributes.filter(({ type }) => type === '2.5.4.3').map(({ value }) => value),
    text: attributes.map(({ type, value }) => `${shortNames[type] ?? type}=${value}`).join(', '),
  };
}

/** UTF8String as UTF-8, BMPString as node-forge decoded it, every other string type as latin1. */
function directoryString(node: DerNode | undefined): string {
  const bytes = content(node, 'a name attribute value');
  return node !== undefined && isUniversal(node, Type.UTF8) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
}
