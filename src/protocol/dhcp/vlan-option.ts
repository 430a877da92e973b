import { Failure } from '../../failure.js';
import { readTriples } from './options.js';

/**
 * Vendor class under which a phone asks for its VLAN (Microsoft, "Configuring DHCP for Lync Phone Edition"). Older release notes print `CPE-OCPhone`:
 * a server answers either.
 */
export const vlanVendorClass = 'CPE-OCPHONE';

/** Documented for the phone's predecessor and by another maker; inferred for Lync Phone Edition. */
const vlanSubOption = 10;
const lastVlan = 4094;

export function asksForVlan(vendorClass: string): boolean {
  return vendorClass.toUpperCase() === vlanVendorClass;
}

/** Option 43's value for that class. ASSUMED: the VLAN is two bytes, big-endian; no document tells its encoding. */
export function encodeVlanOption(vlan: number): Buffer {
  if (!isVlan(vlan)) throw new Failure('dhcp/option', `${vlan} is not the number of a VLAN, 1 to ${lastVlan}.`);
  return Buffer.of(vlanSubOption, 2, vlan >> 8, vlan & 0xff);
}

/**
 * Reads option 43's value; undefined where it tells no VLAN. ASSUMED: one, two or four bytes, or ASCII digits. Only one digit alone could
 * be either, and is read as a byte. Throws `dhcp/malformed`.
 */
export function decodeVlanOption(option: Buffer): number | undefined {
  const value = readTriples(option, 'option 43, sub-option').find(([code]) => code === vlanSubOption)?.[1];
  if (value === undefined) return undefined;
  const digits = value.toString('latin1').replace(/\0$/, '');
  const numbers = [
    ...([1, 2, 4].includes(value.length) ? [value.readUIntBE(0, value.length)] : []),
    ...(/^\d{1,4}$/.test(digits) ? [Number(digits)] : []),
  ];
  const vlan = numbers.find(isVlan);
  if (vlan === undefined) throw new Failure('dhcp/malformed', `Sub-option ${vlanSubOption} of DHCP option 43 tells no VLAN: its bytes are ${value.toString('hex', 0, 16) || 'missing'}.`);
  return vlan;
}

function isVlan(number: number): boolean {
  return number >= 1 && number <= lastVlan;
}
