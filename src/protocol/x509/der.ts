import forge from 'node-forge';

/** A node of a DER structure (ITU-T X.690), as node-forge parses it. */
export type DerNode = forge.asn1.Asn1;

/** The structure is not what X.509 says it is. Turned into a `Failure` by whoever knows what was being read. */
export class UnexpectedDer extends Error {}

const { Class, Type } = forge.asn1;

/** Parses exactly one DER value; bytes left over are an error. Depth is bounded by node-forge (256). */
export function parseDer(der: Buffer): DerNode {
  return forge.asn1.fromDer(der.toString('latin1'));
}

/** The bytes of a node, encoded again. */
export function encodeDer(node: DerNode): Buffer {
  return Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');
}

/** Children of a SEQUENCE or SET. */
export function children(node: DerNode | undefined, what: string): DerNode[] {
  if (node === undefined || !Array.isArray(node.value) || !(isUniversal(node, Type.SEQUENCE) || isUniversal(node, Type.SET))) {
    throw new UnexpectedDer(`${what} is not a sequence`);
  }
  return node.value;
}

/** Content of a primitive node as bytes in a latin1 string. */
export function content(node: DerNode | undefined, what: string): string {
  if (node === undefined || typeof node.value !== 'string') throw new UnexpectedDer(`${what} is not a primitive value`);
  return node.value;
}

export function objectIdentifier(node: DerNode | undefined, what: string): string {
  if (node === undefined || !isUniversal(node, Type.OID)) throw new UnexpectedDer(`${what} is not an object identifier`);
  const bytes = content(node, what);
  if (bytes.length === 0) throw new UnexpectedDer(`${what} is an empty object identifier`);
  return forge.asn1.derToOid(bytes);
}

/** A small non-negative INTEGER. */
export function smallInteger(node: DerNode | undefined, what: string): number {
  if (node === undefined || !isUniversal(node, Type.INTEGER)) throw new UnexpectedDer(`${what} is not an integer`);
  const bytes = content(node, what);
  const value = bytes.length > 0 && bytes.length <= 4 ? forge.asn1.derToInteger(bytes) : -1;
  if (value < 0) throw new UnexpectedDer(`${what} is out of range`);
  return value;
}

/** `Time` of RFC 5280 section 4.1.2.5: UTCTime (years 1950 to 2049) or GeneralizedTime, both in Zulu with seconds. In milliseconds since 1970. */
export function time(node: DerNode | undefined, what: string): number {
  const text = content(node, what);
  const isUtcTime = node !== undefined && isUniversal(node, Type.UTCTIME) && text.length === 13;
  const isGeneralizedTime = node !== undefined && isUniversal(node, Type.GENERALIZEDTIME);
  const century = Number(text.slice(0, 2)) < 50 ? '20' : '19';
  const digits = isUtcTime ? century + text : isGeneralizedTime ? text : '';
  const parts = digits.match(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/);
  const milliseconds = parts == null ? NaN : Date.parse(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}Z`);
  if (Number.isNaN(milliseconds)) throw new UnexpectedDer(`${what} is not a time as RFC 5280 writes it`);
  return milliseconds;
}

export function isUniversal(node: DerNode, type: forge.asn1.Type): boolean {
  return node.tagClass === Class.UNIVERSAL && node.type === type;
}

/** The tag number of a context-specific node; undefined for any other. */
export function contextTag(node: DerNode | undefined): number | undefined {
  return node?.tagClass === Class.CONTEXT_SPECIFIC ? node.type : undefined;
}
