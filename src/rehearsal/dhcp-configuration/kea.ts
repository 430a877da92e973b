import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { vlanVendorClass } from '../../protocol/dhcp/vlan-option.js';
import { upperHex } from './hex.js';
import { option120, option43, vlanOption43, type PhoneOptions } from './phone-options.js';

/**
 * A client class for `kea-dhcp4.conf` (Kea Administrator Reference Manual, "DHCPv4 Vendor-Specific Options" and "Client Classification"): option
 * 43 is defined as plain bytes there, since each class of client has its own.
 */
export function keaConfiguration(options: PhoneOptions): string[] {
  const vlan = vlanOption43(options);
  const classes = [
    clientClass(provisioningVendorClass, option43(options), [{ 'code': 120, 'csv-format': false, 'data': upperHex(option120(options)) }]),
    ...(vlan === undefined ? [] : [clientClass(vlanVendorClass, vlan, [])]),
  ];
  return JSON.stringify({ Dhcp4: { 'client-classes': classes } }, null, 2).split('\n');
}

function clientClass(name: string, value: Buffer, more: readonly object[]): object {
  return {
    name,
    'test': `option[60].hex == '${name}'`,
    'option-def': [{ name: 'vendor-encapsulated-options', code: 43, type: 'binary' }],
    'option-data': [{ 'name': 'vendor-encapsulated-options', 'code': 43, 'csv-format': false, 'data': upperHex(value) }, ...more],
  };
}
