import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { option120, option43, type PhoneOptions } from './phone-options.js';

/** Commands for RouterOS 7.16 and later, whose generic matcher (RouterOS documentation, "DHCP": Generic matcher) tells clients by their class. */
export function mikrotikConfiguration(options: PhoneOptions): string[] {
  return [
    '/ip dhcp-server option',
    `add name=lync-43 code=43 value=0x${option43(options).toString('hex')}`,
    `add name=lync-120 code=120 value=0x${option120(options).toString('hex')}`,
    '/ip dhcp-server option sets',
    'add name=lync options=lync-43,lync-120',
    '/ip dhcp-server matcher',
    `add name=lync server=all code=60 matching-type=exact value="${provisioningVendorClass}" option-set=lync`,
  ];
}
