import { programOrSkip, startDaemon } from './debian-program.js';

/** The program's path; the test is skipped with a sentence where it is missing, or does not serve DHCP. */
export function dnsmasqOrSkip(context: Mocha.Context): string {
  const path = programOrSkip(context, 'dnsmasq', 'dnsmasq-base');
  if (process.getuid?.() === 0) return path;
  console.log('    Skipped: dnsmasq serves DHCP only when it is started by root.');
  return context.skip();
}

/** What phones are told, as an administrator writes it: dnsmasq makes the sub-options of 43 and the labels of 120 itself. */
export const phoneOptions = `
domain=contoso.lab
dhcp-option=vendor:MS-UC-Client,1,"MS-UC-Client"
dhcp-option=vendor:MS-UC-Client,2,"https"
dhcp-option=vendor:MS-UC-Client,3,"lync.contoso.lab"
dhcp-option=vendor:MS-UC-Client,4,"443"
dhcp-option=vendor:MS-UC-Client,5,"/CertProv/CertProvisioningService.svc"
dhcp-option=option:sip-server,sip.contoso.lab
`;

export interface DnsmasqOptions {
  /** Its configuration. */
  file?: string;
  /** Where it answers for names; default: it does not. */
  dnsPort?: number;
  /** Where it serves DHCP and where its clients listen; default: it does not. */
  dhcpPorts?: readonly [server: number, client: number];
  /** Default: it tells options and hands out no address. */
  dhcpRange?: string;
  more?: readonly string[];
}

/** Runs it on loopback alone, without anything of this host. */
export function startDnsmasq(path: string, { file = '/dev/null', dnsPort = 0, dhcpPorts, dhcpRange = '127.0.0.0,static,255.0.0.0', more = [] }: DnsmasqOptions): ReturnType<typeof startDaemon> {
  return startDaemon(path, [
    '--keep-in-foreground', '--log-facility=-', '--no-resolv', '--no-hosts', '--bind-interfaces', '--interface=lo', '--listen-address=127.0.0.1', '--pid-file=', '--no-ping', '--leasefile-ro',
    `--conf-file=${file}`, `--port=${dnsPort}`, ...(dhcpPorts === undefined ? [] : [`--dhcp-alternate-port=${dhcpPorts.join(',')}`, `--dhcp-range=${dhcpRange}`]), ...more,
  ], dhcpPorts === undefined ? /started, version/ : /started, version[^]*DHCP, (IP range|static leases only)/);
}
