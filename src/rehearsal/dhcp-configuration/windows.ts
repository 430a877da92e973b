import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { vlanVendorClass } from '../../protocol/dhcp/vlan-option.js';
import { upperHex } from './hex.js';
import { option120, subOptions, vlanOption43, type PhoneOptions } from './phone-options.js';

const vendor = 'MSUCClient';

/**
 * Commands for a Windows DHCP server: the classes, definitions and values that Lync's own `DHCPConfigScript.bat` makes, under its names, for the whole
 * server (Microsoft, Lync Server 2010, "Using DHCPUtil", which prints the script; `Binary` is what it uses, though the help of netsh does not list it).
 */
export function windowsConfiguration(options: PhoneOptions): string[] {
  const vlan = vlanOption43(options);
  return [
    `netsh dhcp server add class ${vendor} "UC Vendor Class Id" "${provisioningVendorClass}" 1`,
    'netsh dhcp server add optiondef 120 UCSipServer Binary 0 comment="Sip Server Fqdn"',
    `netsh dhcp server set optionvalue 120 Binary ${upperHex(option120(options))}`,
    ...subOptions(options).flatMap(({ code, name, value }) => [
      `netsh dhcp server add optiondef ${code} ${name} Binary 0 vendor=${vendor}`,
      `netsh dhcp server set optionvalue ${code} Binary vendor=${vendor} ${upperHex(Buffer.from(value, 'latin1'))}`,
    ]),
    ...(vlan === undefined ? [] : [
      `netsh dhcp server add class CPEOCPHONE "UC VLAN Class Id" "${vlanVendorClass}" 1`,
      `netsh dhcp server add optiondef ${vlan[0]} VLANID Binary 0 vendor=CPEOCPHONE`,
      `netsh dhcp server set optionvalue ${vlan[0]} Binary vendor=CPEOCPHONE ${upperHex(vlan.subarray(2))}`,
    ]),
  ];
}
