import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { vlanVendorClass } from '../../protocol/dhcp/vlan-option.js';
import { colonHex } from './hex.js';
import { option120, option43, vlanOption43, type PhoneOptions } from './phone-options.js';

/**
 * What to enter in the Grid Manager of Infoblox NIOS: an option filter, which it writes into the `dhcpd.conf` of its own ISC server (Infoblox NIOS
 * documentation, "About DHCP Option Filters" and "Applying Filters to DHCP Objects").
 */
export function infobloxConfiguration(options: PhoneOptions): string[] {
  const vlan = vlanOption43(options);
  return [
    '# Grid Manager, Data Management > DHCP > IPv4 Filters: an option filter',
    `#   rule: vendor-class-identifier (60) equals ${provisioningVendorClass}`,
    '# Its options (120 needs a custom option of the type string in the option space DHCP first):',
    `vendor-encapsulated-options (43) string  ${colonHex(option43(options))}`,
    `UCSipServer (120) string                 ${colonHex(option120(options))}`,
    ...(vlan === undefined ? [] : [
      '# A second option filter, for the VLAN where phones start',
      `#   rule: vendor-class-identifier (60) equals ${vlanVendorClass}`,
      `vendor-encapsulated-options (43) string  ${colonHex(vlan)}`,
    ]),
    '# Then add the filters to the ranges or networks of the phones as logic filters.',
  ];
}
