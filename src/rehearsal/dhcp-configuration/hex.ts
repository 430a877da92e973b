import { provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { vlanVendorClass } from '../../protocol/dhcp/vlan-option.js';
import { certificateServiceUrl, option120, option43, subOptions, vlanOption43, type PhoneOptions } from './phone-options.js';

/** `01:0c:4d`, as dhcpd and others write bytes. */
export function colonHex(bytes: Buffer): string {
  return bytes.toString('hex').replace(/..(?!$)/g, '$&:');
}

export function upperHex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

/** Bytes that are printable ASCII throughout, as text. */
export function asText(bytes: Buffer): string | undefined {
  const text = bytes.toString('latin1');
  return /^[!-~]+$/.test(text) ? text : undefined;
}

/** What Microsoft's DHCPUtil prints, in its order: for a server of any make. */
export function hexValues(options: PhoneOptions): string[] {
  const vlan = vlanOption43(options);
  return [
    `SIP Server FQDN: ${options.registrar}`,
    `Certificate Provisioning Service URL: ${certificateServiceUrl(options)}`,
    '',
    'Option 120:',
    `  ${upperHex(option120(options))}`,
    '',
    `Vendor Class Identifier: ${provisioningVendorClass}`,
    `Option 43 (for vendor=${provisioningVendorClass}):`,
    `  ${upperHex(option43(options))}`,
    ...subOptions(options).map(({ code, name, value }) => `  sub-option ${code} <${name}>: ${upperHex(Buffer.from(value, 'latin1'))}`),
    ...(vlan === undefined ? [] : ['', `Vendor Class Identifier: ${vlanVendorClass}`, `Option 43 (for vendor=${vlanVendorClass}):`, `  ${upperHex(vlan)}`]),
  ];
}
