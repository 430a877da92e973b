import { Failure } from '../../failure.js';

/** Nearest bridge, the group address that no bridge passes on (IEEE 802.1AB-2009 section 7.1). */
const lldpGroupAddress = '01-80-C2-00-00-0E';

export const tlvTypes = { end: 0, chassisId: 1, portId: 2, timeToLive: 3, systemName: 5, organisation: 127 } as const;

export interface LldpTlv {
  /** 7 bits. */
  type: number;
  /** Up to 511 bytes. */
  value: Buffer;
}

/** An LLDPDU in its Ethernet frame (IEEE 802.1AB-2009 sections 8 and 9). */
export interface LldpFrame {
  /** Of the port that sent it: `00-1B-54-00-00-01`. */
  source: string;
  /** Chassis id, port id and time to live first, as the standard orders them; without the end. */
  tlvs: readonly LldpTlv[];
}

const etherType = 0x88cc;
const headerLength = 14;
const longestFrame = 1514;
const longestValue = 511;
const mandatory = [tlvTypes.chassisId, tlvTypes.portId, tlvTypes.timeToLive];

/** The frame as it goes over the wire, without its checksum. */
export function encodeLldpFrame({ source, tlvs }: LldpFrame): Buffer {
  const parts = [...tlvs, { type: tlvTypes.end, value: Buffer.alloc(0) }].map(({ type, value }) => {
    if (value.length > longestValue || type < 0 || type > 127) throw new Failure('lldp/tlv', `LLDP has no TLV of type ${type} with ${value.length} bytes.`);
    const head = Buffer.alloc(2);
    head.writeUInt16BE((type << 9) | value.length);
    return Buffer.concat([head, value]);
  });
  const header = Buffer.concat([addressBytes(lldpGroupAddress), addressBytes(source), Buffer.of(etherType >> 8, etherType & 0xff)]);
  return Buffer.concat([header, ...parts]);
}

/**
 * Reads a frame; what comes after the end TLV is padding. Throws `lldp/malformed` for what is no LLDP frame, where a TLV is cut off, and where the three
 * that every LLDPDU begins with are missing, which IEEE 802.1AB-2009 section 9.2.7.7 says to discard.
 */
export function decodeLldpFrame(frame: Buffer): LldpFrame {
  if (frame.length < headerLength || frame.length > longestFrame) throw malformed(`it has ${frame.length} bytes`);
  if (frame.readUInt16BE(12) !== etherType) throw malformed('its EtherType is another');
  const tlvs: LldpTlv[] = [];
  for (let at = headerLength; ;) {
    if (at + 2 > frame.length) throw malformed('it ends without an end TLV');
    const head = frame.readUInt16BE(at);
    const [type, length] = [head >> 9, head & longestValue];
    if (type === tlvTypes.end) break;
    if (at + 2 + length > frame.length) throw malformed(`its TLV of type ${type} claims more bytes than the frame has`);
    tlvs.push({ type, value: frame.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  if (mandatory.some((type, index) => tlvs[index]?.type !== type)) throw malformed('it does not begin with chassis id, port id and time to live');
  return { source: addressText(frame.subarray(6, 12)), tlvs };
}

/** The name that the sender gives itself, or else its address; without what would garble a terminal. */
export function senderOf({ source, tlvs }: LldpFrame): string {
  const name = tlvs.find(({ type }) => type === tlvTypes.systemName)?.value.toString('utf8', 0, 64).replace(/[^ -~]/g, '?') ?? '';
  return name === '' ? source : name;
}

/** An Ethernet address written `00-1B-54-00-00-01`, in bytes. */
export function addressBytes(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('-', ''), 'hex');
  if (bytes.length !== 6) throw new Failure('lldp/address', `'${text}' is not an Ethernet address like 00-1B-54-00-00-01.`);
  return bytes;
}

function addressText(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase().replace(/..(?!$)/g, '$&-');
}

function malformed(what: string): Failure {
  return new Failure('lldp/malformed', `An LLDP frame could not be read: ${what}.`);
}
