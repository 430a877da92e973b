import forge from 'node-forge';
import { Failure } from '../../failure.js';

const { Class, Type } = forge.asn1;

/** A node of DER, as node-forge holds it. */
export type Asn1 = forge.asn1.Asn1;

const binary = (bytes: Buffer) => bytes.toString('latin1');
const primitive = (type: forge.asn1.Type, bytes: Buffer | string) =>
  forge.asn1.create(Class.UNIVERSAL, type, false, typeof bytes === 'string' ? bytes : binary(bytes));

export const sequence = (...items: Asn1[]): Asn1 => forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, items);
/** For one item, or items already in DER order. */
export const set = (...items: Asn1[]): Asn1 => forge.asn1.create(Class.UNIVERSAL, Type.SET, true, items);
export const oid = (dotted: string): Asn1 => primitive(Type.OID, forge.asn1.oidToDer(dotted).getBytes());
/** From a number, or from big-endian two's-complement bytes. */
export const integer = (value: number | Buffer): Asn1 =>
  primitive(Type.INTEGER, typeof value === 'number' ? forge.asn1.integerToDer(value).getBytes() : value);
export const boolean = (value: boolean): Asn1 => primitive(Type.BOOLEAN, value ? '\xff' : '\0');
export const nullValue = (): Asn1 => primitive(Type.NULL, '');
export const utf8String = (text: string): Asn1 => primitive(Type.UTF8, Buffer.from(text, 'utf8'));
export const octetString = (bytes: Buffer): Asn1 => primitive(Type.OCTETSTRING, bytes);
/** BIT STRING of whole bytes, or with `unusedBits` at its end. */
export const bitString = (bytes: Buffer, unusedBits = 0): Asn1 => primitive(Type.BITSTRING, Buffer.concat([Buffer.from([unusedBits]), bytes]));
/** UTCTime from 1950 to 2049, GeneralizedTime otherwise (RFC 5280 section 4.1.2.5). */
export function time(milliseconds: number): Asn1 {
  const date = new Date(milliseconds);
  const year = date.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? primitive(Type.UTCTIME, forge.asn1.dateToUtcTime(date))
    : primitive(Type.GENERALIZEDTIME, forge.asn1.dateToGeneralizedTime(date));
}
/** `[tag]` around nodes (constructed) or in place of a primitive's own tag. */
export const tagged = (tag: number, content: readonly Asn1[] | Buffer): Asn1 => Buffer.isBuffer(content)
  ? forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, false, binary(content))
  : forge.asn1.create(Class.CONTEXT_SPECIFIC, tag, true, [...content]);

export const encode = (node: Asn1): Buffer => Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');

/** Throws a Failure `asn1/malformed` unless the bytes are exactly one DER value. */
export function decode(der: Buffer): Asn1 {
  try {
    return forge.asn1.fromDer(binary(der));
  } catch (error) {
    throw new Failure('asn1/malformed', `${der.length} bytes were to be read as DER and are not.`, { cause: error });
  }
}

/** What a SEQUENCE, SET or constructed tag holds; throws a Failure `asn1/malformed` on a primitive. */
export function children(node: Asn1 | undefined): readonly Asn1[] {
  if (node === undefined || !Array.isArray(node.value)) throw new Failure('asn1/malformed', 'A DER value that should hold others does not.');
  return node.value;
}

/** Content octets of a primitive; throws a Failure `asn1/malformed` on anything else. */
function content(node: Asn1 | undefined): Buffer {
  if (typeof node?.value !== 'string') throw new Failure('asn1/malformed', 'A DER value that should be primitive is missing or is not.');
  return Buffer.from(node.value, 'latin1');
}

/** An OBJECT IDENTIFIER in dotted form; undefined when the node is another type. */
export function dottedOid(node: Asn1 | undefined): string | undefined {
  if (node?.type !== Type.OID || node.tagClass !== Class.UNIVERSAL || content(node).length === 0) return undefined;
  return forge.asn1.derToOid(binary(content(node)));
}

/** A character string of any of the types that directory names use. */
export function text(node: Asn1 | undefined): string {
  const bytes = content(node);
  if (node?.type === Type.UTF8) return bytes.toString('utf8');
  return node?.type === Type.BMPSTRING && bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : bytes.toString('latin1');
}

/** The bits of a BIT STRING of whole bytes, also where node-forge took them for DER and opened them. */
export function bits(node: Asn1 | undefined): Buffer {
  const contents = node as (Asn1 & { bitStringContents?: string }) | undefined;
  const bytes = contents?.bitStringContents === undefined ? content(node) : Buffer.from(contents.bitStringContents, 'latin1');
  return bytes.subarray(1);
}
