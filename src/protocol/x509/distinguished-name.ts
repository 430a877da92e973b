import { children, oid, readOid, readText, sequence, set, utf8String, type DerNode } from '../asn1/der.js';

const commonName = '2.5.4.3';

/** Attribute types that have a short name in RFC 4514 section 3, and the two that certificates add in practice. */
const shortNames: Readonly<Record<string, string>> = {
  [commonName]: 'CN', '2.5.4.6': 'C', '2.5.4.7': 'L', '2.5.4.8': 'ST', '2.5.4.9': 'STREET', '2.5.4.10': 'O', '2.5.4.11': 'OU',
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
    return { type: readOid(type, 'a name attribute type'), value: readText(value, 'a name attribute value') };
  }));
  return {
    commonNames: attributes.filter(({ type }) => type === commonName).map(({ value }) => value),
    text: attributes.map(({ type, value }) => `${shortNames[type] ?? type}=${value}`).join(', '),
  };
}

/** A `Name` of one common name, or of nothing. */
export function commonNameOnly(text: string | undefined): DerNode {
  return text === undefined ? sequence() : sequence(set(sequence(oid(commonName), utf8String(text))));
}
