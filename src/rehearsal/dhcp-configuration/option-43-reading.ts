import { Failure } from '../../failure.js';
import { toHostName } from '../../firmware/host-name.js';
import { certProvPath } from '../../protocol/certprov/path.js';
import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { decodeVlanOption } from '../../protocol/dhcp/vlan-option.js';
import { longestCiscoOption } from './cisco.js';
import { asText, upperHex } from './hex.js';
import type { OptionReading } from './option-reading.js';

const labels: Readonly<Record<number, string>> = { 1: 'UCIdentifier', 2: 'URLScheme', 3: 'WebServerFqdn', 4: 'WebServerPort', 5: 'CertProvRelPath' };

/** What a phone makes of option 43's value: for the class MS-UC-Client, or, where there is nothing but a VLAN, for CPE-OCPHONE. */
export function readOption43(value: Buffer): OptionReading {
  const reading: OptionReading = { option: 43, bytes: value.length, says: [], faults: [] };
  const { faults, says } = reading;
  const text = asText(value);
  if (text !== undefined) {
    says.push(['text', text]);
    faults.push(/^(?:0x)?[0-9a-f]+$/i.test(text)
      ? 'These bytes are hexadecimal digits as text: the server was given the digits as a string. Enter them as binary.'
      : 'These bytes are one text, not sub-options: each value needs its code and length in front (RFC 2132 section 8.4).');
    return reading;
  }
  const found = subOptionsOf(value, faults);
  if (found.size === 1 && found.has(43)) {
    faults.push('Option 43 is wrapped in itself: the server adds code and length on its own, so give it the value without them.');
    return reading;
  }
  for (const [code, bytes] of found) says.push([`${code} ${labels[code] ?? (code === 10 ? 'VLAN' : 'unknown')}`, code === 10 ? vlanIn(bytes, faults) : asText(bytes) ?? shown(bytes)]);
  // What follows from a value that is cut off is not told one by one.
  if (faults.length > 0 || (found.has(10) && ![1, 2, 3, 4, 5].some((code) => found.has(code)))) return reading;
  for (const [code, bytes] of found) if (code in labels) faults.push(...textFaults(code, bytes));
  faults.push(...addressFaults(found));
  return reading;
}

/** The VLAN's number, as phones read it. */
function vlanIn(bytes: Buffer, faults: string[]): string {
  try {
    return String(decodeVlanOption(Buffer.concat([Buffer.of(10, bytes.length), bytes])));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    faults.push(error.message);
    return shown(bytes);
  }
}

/** As printable text where it nearly is, so that a NUL at the end can be seen. */
function shown(bytes: Buffer): string {
  const text = bytes.toString('latin1');
  return /^[!-~]+\0+$/.test(text) ? text.replace(/\0/g, '\\0') : upperHex(bytes) || '(empty)';
}

function subOptionsOf(value: Buffer, faults: string[]): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at < value.length;) {
    const code = value[at] as number;
    if (code === 255) break;
    if (code === 0) {
      at += 1;
      continue;
    }
    const length = value[at + 1] ?? 0;
    const bytes = value.subarray(at + 2, at + 2 + length);
    if (found.has(code)) faults.push(`Sub-option ${code} is there twice.`);
    found.set(code, bytes);
    if (at + 1 >= value.length || bytes.length < length) {
      const router = value.length === longestCiscoOption ? ` It ends at ${longestCiscoOption} bytes, where Cisco IOS cuts "option 43 hex" off since 15.1(3)S: use "option ext 43 hex".` : '';
      faults.push(`Sub-option ${code} claims ${length} bytes, and ${bytes.length} are left: a phone cannot read the option at all.${router}`);
      break;
    }
    at += 2 + length;
  }
  return found;
}

function textFaults(code: number, bytes: Buffer): string[] {
  const name = `Sub-option ${code} (${labels[code]})`;
  if (bytes.length === 0) return [`${name} is empty.`];
  if (asText(bytes) !== undefined) return [];
  if (/^[!-~]+\0+$/.test(bytes.toString('latin1'))) return [`${name} ends with a NUL byte: a string option of some servers adds it. Enter the value as binary.`];
  if (code === 4 && bytes.length === 2) return [`${name} is the number ${bytes.readUInt16BE(0)} in binary; a phone wants it in digits, ${upperHex(Buffer.from(String(bytes.readUInt16BE(0))))}.`];
  return [`${name} holds bytes that are no text.`];
}

/** What is wrong with the address that the sub-options make. */
function addressFaults(found: ReadonlyMap<number, Buffer>): string[] {
  const faults: string[] = [];
  const textOf = (code: number) => found.get(code)?.toString('latin1').replace(/\0+$/, '');
  const missing = [2, 3, 5].filter((code) => !found.has(code)).map((code) => `${code} (${labels[code]})`);
  if (missing.length > 0) faults.push(`Sub-option ${missing.join(', ')} is missing: without it there is no address of the web services.`);
  const [identifier, scheme, host, port, path] = [1, 2, 3, 4, 5].map(textOf);
  if (identifier !== provisioningVendorClass) {
    faults.push(identifier === undefined ? `Sub-option 1 (UCIdentifier) is missing; DHCPUtil writes ${provisioningVendorClass}.`
      : `Sub-option 1 (UCIdentifier) is ${quoted(identifier)} instead of ${provisioningVendorClass}.`);
  }
  if (scheme !== undefined && scheme !== 'https') faults.push(`Sub-option 2 (URLScheme) is ${quoted(scheme)} instead of https.`);
  if (host !== undefined && (toHostName(host) === undefined || !host.includes('.'))) {
    faults.push(`Sub-option 3 (WebServerFqdn) is ${quoted(host)}: it has to be a full name, without scheme, port or path.`);
  }
  if (port !== undefined && found.get(4)?.length !== 2 && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)) {
    faults.push(`Sub-option 4 (WebServerPort) is ${quoted(port)}, which is no port.`);
  }
  if (path !== undefined && !path.startsWith('/')) faults.push(`Sub-option 5 (CertProvRelPath) is ${quoted(path)}: it has to begin with a slash, as in ${certProvPath}.`);
  else if (path !== undefined && path.toLowerCase() !== certProvPath.toLowerCase()) {
    faults.push(`Sub-option 5 (CertProvRelPath) is ${quoted(path)}; Lync has the service at ${certProvPath}.`);
  }
  return faults;
}

const quoted = (text: string) => `"${text.replace(/[^ -~]/g, '?').slice(0, 100)}"`;
