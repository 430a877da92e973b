import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { colonHex } from './hex.js';
import { option120, subOptions, type PhoneOptions } from './phone-options.js';

/** A class for ISC's `dhcpd.conf` (dhcp-options(5), "VENDOR ENCAPSULATED OPTIONS"); option 120 has no definition of its own there. */
export function iscConfiguration(options: PhoneOptions): string[] {
  const named = subOptions(options).map((each) => ({ ...each, name: `MSUCClient.${each.name}` }));
  return [
    'option space MSUCClient;',
    ...named.map(({ code, name }) => `option ${name} code ${code} = text;`),
    'option UCSipServer code 120 = string;',
    '',
    `class "${provisioningVendorClass}" {`,
    `  match if option vendor-class-identifier = "${provisioningVendorClass}";`,
    '  vendor-option-space MSUCClient;',
    ...named.map(({ name, value }) => `  option ${name} "${value}";`),
    `  option UCSipServer ${colonHex(option120(options))};`,
    '}',
  ];
}
