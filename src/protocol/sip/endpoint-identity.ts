import { createHash } from 'node:crypto';
import { addressOfRecord } from './name-address.js';

/** Name space {fcacfb03-8a73-46ef-91b1-e5ebeeaba4fe} of MS-SIPRE 3.2, in the memory layout of a Windows GUID (first three fields little-endian). */
const nameSpace = Buffer.from('03fbacfc738aef4691b1e5ebeeaba4fe', 'hex');

function endpointBytes(epid: string): Buffer {
  const bytes = createHash('sha1').update(nameSpace).update(epid, 'utf8').digest().subarray(0, 16);
  // Version 5 stands in byte 7, not 6, because the third field is little-endian here.
  bytes.writeUInt8((bytes.readUInt8(7) & 0x0f) | 0x50, 7);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes;
}

/** The UUID in `+sip.instance` that belongs to an epid (case kept), in lower case without braces (MS-SIPRE 3.2). */
export function endpointUuid(epid: string): string {
  const bytes = endpointBytes(epid);
  const hex = (start: number, end: number) => bytes.toString('hex', start, end);
  const littleEndian = (start: number, end: number) => Buffer.from(bytes.subarray(start, end)).reverse().toString('hex');
  return [littleEndian(0, 4), littleEndian(4, 6), littleEndian(6, 8), hex(8, 10), hex(10, 16)].join('-');
}

/** The opaque id of the endpoint's GRUU: 24 characters of base64url (MS-SIPRE 2.2.3). */
export function gruuIdentifier(epid: string): string {
  return Buffer.concat([endpointBytes(epid), Buffer.alloc(2)]).toString('base64url');
}

/** `sip:alice@contoso.lab;opaque=user:epid:...;gruu`. */
export function endpointGruu(sipUri: string, epid: string): string {
  return `${sipUri};opaque=user:epid:${gruuIdentifier(epid)};gruu`;
}

/**
 * The epid of one device and user: ten lower-case hex digits that survive restarts. How a phone derives its own is not known;
 * SHA-1 over `MAC:AOR` is this project's convention.
 */
export function deviceEpid(macAddress: string, sipUri: string): string {
  return createHash('sha1').update(`${macAddress.toUpperCase()}:${addressOfRecord(sipUri)}`).digest('hex').slice(0, 10);
}
