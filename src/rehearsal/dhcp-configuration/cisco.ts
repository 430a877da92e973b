import { option120, option43, vlanOption43, type PhoneOptions } from './phone-options.js';

/** What `option ... hex` keeps since IOS 15.1(3)S; the rest is dropped without a word (Cisco IOS IP Addressing Services Command Reference, "option"). */
export const longestCiscoOption = 90;

/** Lines of an IOS pool. IOS tells every client the same option 43, whatever its class. */
export function ciscoConfiguration(options: PhoneOptions): string[] {
  const value = option43(options);
  const vlan = vlanOption43(options);
  const long = value.length > longestCiscoOption;
  return [
    ...(long ? [`! Option 43 has ${value.length} bytes. "option 43 hex" cuts them off behind ${longestCiscoOption} without a word since IOS 15.1(3)S;`,
      '! "option ext" (IOS XE 3.2.1S) takes 255. Compare with "show running-config", or use a shorter name.'] : []),
    'ip dhcp pool <pool of the phones>',
    ` option ${long ? 'ext ' : ''}43 hex ${value.toString('hex')}`,
    ` option 120 hex ${option120(options).toString('hex')}`,
    ...(vlan === undefined ? [] : ['ip dhcp pool <pool of the VLAN where phones start>', ` option 43 hex ${vlan.toString('hex')}`]),
  ];
}
