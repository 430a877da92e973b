import { Failure } from '../../failure.js';
import { readTriples } from './options.js';

/** Vendor class under which Lync devices ask for provisioning; case-sensitive (Microsoft, "DHCPUtil": option 60). */
export const provisioningVendorClass = 'MS-UC-Client';

const subOptions = { ucIdentifier: 1, urlScheme: 2, webServerFqdn: 3, webServerPort: 4, certProvRelPath: 5 } as const;

/** What option 43 tells the class MS-UC-Client, under Microsoft's names for the sub-options. Any of them may be missing. */
export interface ProvisioningOption {
  ucIdentifier: string | undefined;
  urlScheme: string | undefined;
  webServerFqdn: string | undefined;
  webServerPort: number | undefined;
  certProvRelPath: string | undefined;
}

/** Option 43's value: RFC 2132 section 8.4 encapsulation, ASCII values, the port in digits, nothing at the end. */
export function encodeProvisioningOption(option: ProvisioningOption): Buffer {
  const values: [number, string | undefined][] = [
    [subOptions.ucIdentifier, option.ucIdentifier],
    [subOptions.urlScheme, option.urlScheme],
    [subOptions.webServerFqdn, option.webServerFqdn],
    [subOptions.webServerPort, option.webServerPort?.toString()],
    [subOptions.certProvRelPath, option.certProvRelPath],
  ];
  return Buffer.concat(values.flatMap(([code, value]) => {
    if (value === undefined) return [];
    if (value.length > 255 || !isText(value)) throw new Failure('dhcp/option', `Sub-option ${code} of DHCP option 43 cannot carry '${value}'.`);
    return [Buffer.of(code, value.length), Buffer.from(value, 'latin1')];
  }));
}

/** Reads option 43's value. Sub-options of other numbers are passed over. Throws `dhcp/malformed` for bytes that are no text, or no port. */
export function decodeProvisioningOption(value: Buffer): ProvisioningOption {
  const texts = new Map<number, string>();
  for (const [code, bytes] of readTriples(value, 'option 43, sub-option')) {
    const text = bytes.toString('latin1');
    if (code <= subOptions.certProvRelPath && !isText(text)) throw malformed(code, 'holds bytes that are not printable ASCII');
    texts.set(code, text);
  }
  const port = texts.get(subOptions.webServerPort);
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)) {
    throw malformed(subOptions.webServerPort, `holds '${port}', which is no port`);
  }
  return {
    ucIdentifier: texts.get(subOptions.ucIdentifier),
    urlScheme: texts.get(subOptions.urlScheme),
    webServerFqdn: texts.get(subOptions.webServerFqdn),
    webServerPort: port === undefined ? undefined : Number(port),
    certProvRelPath: texts.get(subOptions.certProvRelPath),
  };
}

function isText(value: string): boolean {
  return /^[!-~]+$/.test(value);
}

function malformed(code: number, what: string): Failure {
  return new Failure('dhcp/malformed', `Sub-option ${code} of DHCP option 43 ${what}.`, { facts: { subOption: code } });
}
