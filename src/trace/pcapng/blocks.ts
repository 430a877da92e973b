/** Block types and codes of the pcapng format (draft-ietf-opsawg-pcapng). */
const blockTypes = { sectionHeader: 0x0a0d0d0a, interfaceDescription: 1, enhancedPacket: 6, decryptionSecrets: 10 } as const;
const byteOrderMagic = 0x1a2b3c4d;
/** What a packet begins with: its IP header (LINKTYPE_RAW), or that of Ethernet. */
const linkTypes = { ip: 101, ethernet: 1 } as const;
/** The interfaces in the order they are described. */
const interfaces = ['ip', 'ethernet'] as const;
export type Interface = (typeof interfaces)[number];
/** `TLSK`: a TLS key log. */
const tlsKeyLog = 0x544c534b;
const optionCodes = { end: 0, comment: 1, application: 4 } as const;

const u16 = (value: number) => { const bytes = Buffer.alloc(2); bytes.writeUInt16LE(value); return bytes; };
const u32 = (value: number) => { const bytes = Buffer.alloc(4); bytes.writeUInt32LE(value); return bytes; };

/** A block: type, length, body padded to 32 bits, length again. */
function block(type: number, body: Buffer): Buffer {
  const padded = pad(body);
  const length = u32(padded.length + 12);
  return Buffer.concat([u32(type), length, padded, length]);
}

const pad = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - bytes.length % 4) % 4)]);

function option(code: number, value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([u16(code), u16(bytes.length), pad(bytes)]);
}

/** Section Header Block (section 4.1), little-endian, of unknown length. */
export function sectionHeader(application: string, comment: string): Buffer {
  return block(blockTypes.sectionHeader, Buffer.concat([
    u32(byteOrderMagic), u16(1), u16(0), Buffer.alloc(8, 0xff),
    option(optionCodes.comment, comment), option(optionCodes.application, application), option(optionCodes.end, ''),
  ]));
}

/** An Interface Description Block (section 4.2) for each: no limit to a packet, times in microseconds. */
export function interfaceDescriptions(): Buffer {
  return Buffer.concat(interfaces.map((name) => block(blockTypes.interfaceDescription, Buffer.concat([u16(linkTypes[name]), u16(0), u32(0)]))));
}

/** Decryption Secrets Block (section 4.7) of TLS key log lines; it stands before the packets that it decrypts. */
export function decryptionSecrets(lines: readonly string[]): Buffer {
  const data = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
  return block(blockTypes.decryptionSecrets, Buffer.concat([u32(tlsKeyLog), u32(data.length), data]));
}

/** Enhanced Packet Block (section 4.3). @param time microseconds since 1970 */
export function enhancedPacket(packet: Buffer, time: number, on: Interface): Buffer {
  return block(blockTypes.enhancedPacket, Buffer.concat([
    u32(interfaces.indexOf(on)), u32(Math.floor(time / 2 ** 32)), u32(time % 2 ** 32 >>> 0), u32(packet.length), u32(packet.length), packet,
  ]));
}
