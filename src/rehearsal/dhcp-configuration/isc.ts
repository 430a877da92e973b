import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { vlanVendorClass } from '../../protocol/dhcp/vlan-option.js';
import { colonHex } from './hex.js';
import { option120, subOptions, vlanOption43, type PhoneOptions } from './phone-options.js';

/** A class for ISC's `dhcpd.conf` (dhcp-options(5), "VENDOR ENCAPSULATED OPTIONS"); option 120 has no definition of its own there. */
export function iscConfiguration(options: PhoneOptions): string[] {
  const vlan = vlanOption43(options);
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
    ...(vlan === undefined ? [] : ['', `class "${vlanVendorClass}" {`, `  match if option vendor-class-identifier = "${vlanVendorClass}";`, `  option vendor-encapsulated-options ${colonHex(vlan)};`, '}']),
  ];
}
