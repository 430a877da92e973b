import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { upperHex } from './hex.js';
import { option120, option43, type PhoneOptions } from './phone-options.js';

/**
 * A client class for `kea-dhcp4.conf` (Kea Administrator Reference Manual, "DHCPv4 Vendor-Specific Options" and "Client Classification"): option
 * 43 is defined as plain bytes there, since each class of client has its own.
 */
export function keaConfiguration(options: PhoneOptions): string[] {
  const provisioning = {
    'name': provisioningVendorClass,
    'test': `option[60].hex == '${provisioningVendorClass}'`,
    'option-def': [{ name: 'vendor-encapsulated-options', code: 43, type: 'binary' }],
    'option-data': [
      { 'name': 'vendor-encapsulated-options', 'code': 43, 'csv-format': false, 'data': upperHex(option43(options)) },
      { 'code': 120, 'csv-format': false, 'data': upperHex(option120(options)) },
    ],
  };
  return JSON.stringify({ Dhcp4: { 'client-classes': [provisioning] } }, null, 2).split('\n');
}
