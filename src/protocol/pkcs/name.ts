import { children, dottedOid, oid, sequence, set, text, utf8String, type Asn1 } from './asn1.js';

const commonNameType = '2.5.4.3';

/** A distinguished name of one common name, or of nothing. */
export function commonNameOnly(commonName: string | undefined): Asn1 {
  return commonName === undefined ? sequence() : sequence(set(sequence(oid(commonNameType), utf8String(commonName))));
}

/** First common name of a distinguished name. */
export function readCommonName(name: Asn1 | undefined): string | undefined {
  for (const attribute of children(name).flatMap((relative) => children(relative))) {
    const [type, value] = children(attribute);
    if (dottedOid(type) === commonNameType) return text(value);
  }
  return undefined;
}
