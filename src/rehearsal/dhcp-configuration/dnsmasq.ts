import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { vlanVendorClass } from '../../protocol/dhcp/vlan-option.js';
import { colonHex } from './hex.js';
import { subOptions, vlanOption43, type PhoneOptions } from './phone-options.js';

/** Lines of `dnsmasq.conf` (dnsmasq(8), --dhcp-option): dnsmasq packs the sub-options into 43 and the labels into 120 itself. */
export function dnsmasqConfiguration(options: PhoneOptions): string[] {
  const vlan = vlanOption43(options);
  return [
    ...subOptions(options).map(({ code, value }) => `dhcp-option=vendor:${provisioningVendorClass},${code},"${value}"`),
    `dhcp-option=option:sip-server,${options.registrar}`,
    ...(vlan === undefined ? [] : [`dhcp-option=vendor:${vlanVendorClass},${vlan[0]},${colonHex(vlan.subarray(2))}`]),
  ];
}
