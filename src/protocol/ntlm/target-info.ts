import { Failure } from '../../failure.js';

/** AvId values (MS-NLMP 2.2.2.1). */
const AvId = { EOL: 0, NbComputerName: 1, NbDomainName: 2, DnsComputerName: 3, DnsDomainName: 4, DnsTreeName: 5, Timestamp: 7 } as const;

/** How an NTLM server names itself in its challenge. */
export interface NtlmServerNames {
  /** `CONTOSO` */
  netbiosDomain: string;
  /** `contoso.lab` */
  dnsDomain: string;
  /** `SE01` */
  computer: string;
  /** `se01.contoso.lab`; without it, `computer` in lower case within `dnsDomain`. */
  dnsComputer?: string;
}

/** A sequence of AV_PAIRs, in the order Windows servers send them. `timestamp` is a FILETIME, 8 bytes. */
export function encodeTargetInfo(names: NtlmServerNames, timestamp?: Buffer): Buffer {
  const pair = (id: number, value: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(id, 0);
    head.writeUInt16LE(value.length, 2);
    return Buffer.concat([head, value]);
  };
  const text = (id: number, value: string) => pair(id, Buffer.from(value, 'utf16le'));
  return Buffer.concat([
    text(AvId.NbDomainName, names.netbiosDomain),
    text(AvId.NbComputerName, names.computer),
    text(AvId.DnsDomainName, names.dnsDomain),
    text(AvId.DnsComputerName, names.dnsComputer ?? `${names.computer.toLowerCase()}.${names.dnsDomain}`),
    text(AvId.DnsTreeName, names.dnsDomain),
    ...(timestamp === undefined ? [] : [pair(AvId.Timestamp, timestamp)]),
    pair(AvId.EOL, Buffer.alloc(0)),
  ]);
}

/** The server's FILETIME (8 bytes) out of its target info, if it sent one. Throws a Failure `ntlm/malformed` on a broken list. */
export function readTimestamp(targetInfo: Buffer): Buffer | undefined {
  if (targetInfo.length === 0) return undefined;
  for (let offset = 0; offset + 4 <= targetInfo.length;) {
    const id = targetInfo.readUInt16LE(offset);
    const end = offset + 4 + targetInfo.readUInt16LE(offset + 2);
    if (end > targetInfo.length) break;
    if (id === AvId.EOL) return undefined;
    if (id === AvId.Timestamp && end - offset === 12) return targetInfo.subarray(offset + 4, end);
    offset = end;
  }
  throw new Failure('ntlm/malformed', 'The target info of the NTLM challenge is cut short.');
}

/** Milliseconds since 1970 as a FILETIME: 100 ns since 1601, little endian (MS-DTYP 2.3.3). */
export function fileTime(milliseconds: number): Buffer {
  const result = Buffer.alloc(8);
  result.writeBigUInt64LE((BigInt(Math.trunc(milliseconds)) + 11_644_473_600_000n) * 10_000n);
  return result;
}
