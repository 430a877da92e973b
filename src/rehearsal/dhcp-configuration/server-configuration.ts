import { ciscoConfiguration } from './cisco.js';
import { dnsmasqConfiguration } from './dnsmasq.js';
import { hexValues } from './hex.js';
import { infobloxConfiguration } from './infoblox.js';
import { iscConfiguration } from './isc.js';
import { keaConfiguration } from './kea.js';
import { mikrotikConfiguration } from './mikrotik.js';
import type { PhoneOptions } from './phone-options.js';
import { windowsConfiguration } from './windows.js';

/** Makes of DHCP server, each with what makes it tell phones the options; `hex` are the bare values. */
const writers = {
  hex: hexValues,
  dnsmasq: dnsmasqConfiguration,
  kea: keaConfiguration,
  isc: iscConfiguration,
  windows: windowsConfiguration,
  cisco: ciscoConfiguration,
  infoblox: infobloxConfiguration,
  mikrotik: mikrotikConfiguration,
} satisfies Record<string, (options: PhoneOptions) => string[]>;

export type DhcpServerMake = keyof typeof writers;
export const dhcpServerMakes = Object.keys(writers) as DhcpServerMake[];

/** The configuration as text, to be pasted. Throws `dhcp/option` or `dns/name` for names that the options cannot carry. */
export function serverConfiguration(make: DhcpServerMake, options: PhoneOptions): string {
  return `${writers[make](options).join('\n')}\n`;
}
