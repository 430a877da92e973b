import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { vlanVendorClass } from '../../protocol/dhcp/vlan-option.js';
import { option120, option43, vlanOption43, type PhoneOptions } from './phone-options.js';

/** Commands for RouterOS 7.16 and later, whose generic matcher tells clients by their class (RouterOS documentation, "DHCP": "DHCP Options", "Generic matcher"). */
export function mikrotikConfiguration(options: PhoneOptions): string[] {
  const vlan = vlanOption43(options);
  const hex = (bytes: Buffer) => `0x${bytes.toString('hex')}`;
  const matcher = (name: string, vendorClass: string) => `add name=${name} server=all code=60 matching-type=exact value="${vendorClass}" option-set=${name}`;
  return [
    '/ip dhcp-server option',
    `add name=lync-43 code=43 value=${hex(option43(options))}`,
    `add name=lync-120 code=120 value=${hex(option120(options))}`,
    ...(vlan === undefined ? [] : [`add name=lync-vlan-43 code=43 value=${hex(vlan)}`]),
    '/ip dhcp-server option sets',
    'add name=lync options=lync-43,lync-120',
    ...(vlan === undefined ? [] : ['add name=lync-vlan options=lync-vlan-43']),
    '/ip dhcp-server matcher',
    matcher('lync', provisioningVendorClass),
    ...(vlan === undefined ? [] : [matcher('lync-vlan', vlanVendorClass)]),
  ];
}
