import { Failure } from '../../failure.js';

/** RFC 2132, RFC 3361. */
export const optionCodes = {
  subnetMask: 1,
  router: 3,
  nameServers: 6,
  domainName: 15,
  vendorSpecific: 43,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  serverIdentifier: 54,
  parameterRequestList: 55,
  renewalTime: 58,
  rebindingTime: 59,
  vendorClass: 60,
  clientIdentifier: 61,
  sipServers: 120,
} as const;

const pad = 0;
const end = 255;
const longestPart = 255;

export type DhcpOptions = ReadonlyMap<number, Buffer>;

/** The options field after the magic cookie, closed by the end option. Values over 255 bytes go out in parts (RFC 3396). */
export function encodeOptions(options: DhcpOptions): Buffer {
  const parts: Buffer[] = [];
  for (const [code, value] of options) {
    if (code <= pad || code >= end) throw new Failure('dhcp/option', `${code} is not the number of a DHCP option with a value.`);
    for (let at = 0; at === 0 || at < value.length; at += longestPart) {
      const part = value.subarray(at, at + longestPart);
      parts.push(Buffer.of(code, part.length), part);
    }
  }
  return Buffer.concat([...parts, Buffer.of(end)]);
}

/** Reads an options field; repeated options are joined in order (RFC 3396). Throws `dhcp/malformed` where a value is cut off. */
export function decodeOptions(field: Buffer): Map<number, Buffer> {
  const options = new Map<number, Buffer>();
  for (const [code, value] of readTriples(field, 'option')) options.set(code, Buffer.concat([options.get(code) ?? Buffer.alloc(0), value]));
  return options;
}

/**
 * The `<code><length><value>` triples of RFC 2132, of a whole options field or of what option 43 holds. Pads are skipped, and
 * the end option ends it; a field without one ends where it ends.
 */
export function readTriples(field: Buffer, called: string): [code: number, value: Buffer][] {
  const triples: [number, Buffer][] = [];
  for (let at = 0; at < field.length;) {
    const code = field[at] as number;
    if (code === end) break;
    at += 1;
    if (code === pad) continue;
    const length = field[at] ?? Infinity;
    if (at + 1 + length > field.length) {
      throw new Failure('dhcp/malformed', `DHCP ${called} ${code} claims more bytes than the message has.`, { facts: { code } });
    }
    triples.push([code, field.subarray(at + 1, at + 1 + length)]);
    at += 1 + length;
  }
  return triples;
}
