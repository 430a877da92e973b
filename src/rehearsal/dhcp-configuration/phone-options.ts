import { certProvPath } from '../../protocol/certprov/path.js';
import { encodeProvisioningOption, provisioningVendorClass } from '../../protocol/dhcp/provisioning-option.js';
import { encodeSipServersOption } from '../../protocol/dhcp/sip-servers-option.js';
import { encodeVlanOption } from '../../protocol/dhcp/vlan-option.js';

/** What phones are to be told by DHCP. */
export interface PhoneOptions {
  /** FQDN of the internal web services: the pool, or the web services' own where they have one. */
  web: string;
  /** FQDN of the first logon server: the Director where there is one, else the Front End pool. */
  registrar: string;
  /** Of the phones, where DHCP is to tell it: leave it out where LLDP does, or where there is none (Microsoft, "Configuring DHCP Options to Enable Sign-in for IP Phones"). */
  vlan?: number | undefined;
}

/** A sub-option of option 43 under Microsoft's name for it. */
export interface SubOption {
  code: number;
  /** `UCIdentifier`; as `DHCPConfigScript.bat` defines it. */
  name: string;
  /** ASCII. */
  value: string;
}

const port = 443;

export function certificateServiceUrl({ web }: Pick<PhoneOptions, 'web'>): string {
  return `https://${web}:${port}${certProvPath}`;
}

/** What option 43 holds for the class MS-UC-Client. */
export function subOptions({ web }: PhoneOptions): SubOption[] {
  return [
    { code: 1, name: 'UCIdentifier', value: provisioningVendorClass },
    { code: 2, name: 'URLScheme', value: 'https' },
    { code: 3, name: 'WebServerFqdn', value: web },
    { code: 4, name: 'WebServerPort', value: String(port) },
    { code: 5, name: 'CertProvRelPath', value: certProvPath },
  ];
}

/** Option 43's value for the class MS-UC-Client, as DHCPUtil computes it. */
export function option43({ web }: PhoneOptions): Buffer {
  return encodeProvisioningOption({ ucIdentifier: provisioningVendorClass, urlScheme: 'https', webServerFqdn: web, webServerPort: port, certProvRelPath: certProvPath });
}

/** Option 43's value for the class CPE-OCPHONE; undefined where DHCP does not tell the VLAN. */
export function vlanOption43({ vlan }: PhoneOptions): Buffer | undefined {
  return vlan === undefined ? undefined : encodeVlanOption(vlan);
}

/** Option 120's value. */
export function option120({ registrar }: PhoneOptions): Buffer {
  return encodeSipServersOption(registrar);
}
