import forge from 'node-forge';

const { Class, Type } = forge.asn1;

/** A node of a DER structure (ITU-T X.690), as node-forge holds it. */
export type DerNode = forge.asn1.Asn1;

/** The structure is not what it should be. Its message, half a sentence, goes into the `Failure` of whoever knows what was being read. */
export class UnexpectedDer extends Error {}

/** Parses exactly one DER value; bytes left over are an error. Depth is bounded by node-forge (256). Throws `UnexpectedDer`, as all readers do. */
export function parseDer(der: Buffer): DerNode {
  try {
    return forge.asn1.fromDer(der.toString('latin1'));
  } catch (error) {
    throw new UnexpectedDer('they are not DER', { cause: error });
  }
}

/** The bytes of a node. */
export function encodeDer(node: DerNode): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
}

/** What a SEQUENCE, a SET or a context-specific tag holds. */
export function children(node: DerNode | undefined, what: string): DerNode[] {
  const holdsOthers = node !== undefined && (isUniversal(node, 'SEQUENCE') || isUniversal(node, 'SET') || contextTag(node) !== undefined);
  if (!holdsOthers || !Array.isArray(node.value)) throw new UnexpectedDer(`${what} is not a sequence`);
  return node.value;
}

/** Content octets of a primitive node. */
export function content(node: DerNode | undefined, what: string): Buffer {
  return Buffer.from(primitive(node, what), 'latin1');
}

/** An OBJECT IDENTIFIER in dotted form. */
export function readOid(node: DerNode | undefined, what: string): string {
  if (node === undefined || !isUniversal(node, 'OID')) throw new UnexpectedDer(`${what} is not an object identifier`);
  const bytes = primitive(node, what);
  if (bytes.length === 0) throw new UnexpectedDer(`${what} is an empty object identifier`);
  return forge.asn1.derToOid(bytes);
}

/** A small non-negative INTEGER. */
export function readInteger(node: DerNode | undefined, what: string): number {
  if (node === undefined || !isUniversal(node, 'INTEGER')) throw new UnexpectedDer(`${what} is not an integer`);
  const bytes = primitive(node, what);
  const value = bytes.length > 0 && bytes.length <= 4 ? forge.asn1.derToInteger(bytes) : -1;
  if (value < 0) throw new UnexpectedDer(`${what} is out of range`);
  return value;
}

/** A character string: UTF8String, BMPString, and every other type as latin1. */
export function readText(node: DerNode | undefined, what: string): string {
  const text = primitive(node, what);
  // node-forge has already made a string of a BMPString.
  return node !== undefined && isUniversal(node, 'UTF8') ? Buffer.from(text, 'latin1').toString('utf8') : text;
}

/** The bytes of a BIT STRING, also where node-forge took them for DER and opened them. */
export function readBitString(node: (DerNode & { bitStringContents?: string }) | undefined, what: string): Buffer {
  if (node === undefined || !isUniversal(node, 'BITSTRING')) throw new UnexpectedDer(`${what} is not a bit string`);
  return Buffer.from(node.bitStringContents ?? primitive(node, what), 'latin1').subarray(1);
}

/** `Time` of RFC 5280 section 4.1.2.5: UTCTime (years 1950 to 2049) or GeneralizedTime, both in Zulu with seconds. In milliseconds since 1970. */
export function readTime(node: DerNode | undefined, what: string): number {
  const text = primitive(node, what);
  const isUtcTime = node !== undefined && isUniversal(node, 'UTCTIME') && text.length === 13;
  const isGeneralizedTime = node !== undefined && isUniversal(node, 'GENERALIZEDTIME');
  const century = Number(text.slice(0, 2)) < 50 ? '20' : '19';
  const digits = isUtcTime ? century + text : isGeneralizedTime ? text : '';
  const parts = digits.match(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/);
  const milliseconds = parts == null ? NaN : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
  if (Number.isNaN(milliseconds)) throw new UnexpectedDer(`${what} is not a time as RFC 5280 writes it`);
  return milliseconds;
}

export function isUniversal(node: DerNode, type: keyof typeof Type): boolean {
  return node.tagClass === Class.UNIVERSAL && node.type === Type[type];
}

/** The tag number of a context-specific node; undefined for any other. */
export function contextTag(node: DerNode | undefined): number | undefined {
  return node?.tagClass === Class.CONTEXT_SPECIFIC ? node.type : undefined;
}

function primitive(node: DerNode | undefined, what: string): string {
  if (node === undefined || typeof node.value !== 'string') throw new UnexpectedDer(`${what} is not a primitive value`);
  return node.value;
}

const make = (type: forge.asn1.Type, bytes: Buffer | string): DerNode =>
  forge.asn1.create(Class.UNIVERSAL, type, false, typeof bytes === 'string' ? bytes : bytes.toString('latin1'));

export const sequence = (...items: DerNode[]): DerNode => forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, items);
/** Of one item, or of items already in DER order. */
export const set = (...items: DerNode[]): DerNode => forge.asn1.create(Class.UNIVERSAL, Type.SET, true, items);
export const oid = (dotted: string): DerNode => make(Type.OID, forge.asn1.oidToDer(dotted).getBytes());
/** Of a number, or of big-endian two's-complement bytes. */
export const integer = (value: number | Buffer): DerNode => make(Type.INTEGER, typeof value === 'number' ? forge.asn1.integerToDer(value).getBytes() : value);
export const boolean = (value: boolean): DerNode => make(Type.BOOLEAN, value ? '\xff' : '\0');
export const nullValue = (): DerNode => make(Type.NULL, '');
export const utf8String = (text: string): DerNode => make(Type.UTF8, Buffer.from(text, 'utf8'));
export const octetString = (bytes: Buffer): DerNode => make(Type.OCTETSTRING, bytes);
/** BIT STRING of whole bytes, or with `unusedBits` at its end. */
export const bitString = (bytes: Buffer, unusedBits = 0): DerNode => make(Type.BITSTRING, Buffer.concat([Buffer.of(unusedBits), bytes]));
/** `[tag]` around nodes (constructed) or in place of a primitive's own tag. */
export const tagged = (tag: number, inside: readonly DerNode[] | Buffer): DerNode => Buffer.isBuffer(inside)
  ? forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, false, inside.toString('latin1'))
  : forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [...inside]);
/** The form of RFC 5280 that `readTime` reads, of milliseconds since 1970. */
export function dateTime(milliseconds: number): DerNode {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? make(Type.UTCTIME, forge.asn1.dateToUtcTime(date))
    : make(Type.GENERALIZEDTIME, forge.asn1.dateToGeneralizedTime(date));
}
