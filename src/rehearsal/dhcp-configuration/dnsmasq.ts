import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { subOptions, type PhoneOptions } from './phone-options.js';

/** Lines of `dnsmasq.conf` (dnsmasq(8), --dhcp-option): dnsmasq packs the sub-options into 43 and the labels into 120 itself. */
export function dnsmasqConfiguration(options: PhoneOptions): string[] {
  return [
    ...subOptions(options).map(({ code, value }) => `dhcp-option=vendor:${provisioningVendorClass},${code},"${value}"`),
    `dhcp-option=option:sip-server,${options.registrar}`,
  ];
}
