import { sameName } from '../protocol/dns/name.js';
import { DhcpLeases } from './dhcp-leases.js';
import { startDhcpServer } from './dhcp-server.js';
import { startDnsServer } from './dns-server.js';
import type { LabService, ServiceContext } from './lab-service.js';
import type { Topology } from './topology-schema.js';

/** Where the router of a phone outside is, on a network of its own. */
const router = { fqdn: 'router', address: '192.168.1.1' };
const lease = { firstAddress: '192.168.1.100', addresses: 100, subnetMask: '255.255.255.0', router: router.address, nameServers: [router.address], seconds: 86_400 };

/** Of a server that phones outside reach, all but what nobody publishes. */
const neverPublished: readonly string[] = ['dns', 'dhcp', 'registrar-dhcp', 'directory'];

/** What a phone outside the office gets from the router there: a lease without options for phones, and the external names. Nothing where the topology has no outside. */
export function startOutside({ deployment, bindAddress, portOf }: ServiceContext): Promise<LabService>[] {
  const { outside } = deployment.topology;
  if (outside === undefined) return [];
  const { trace } = deployment;
  const leases = new DhcpLeases(deployment.now);
  const settings = (): Topology['dhcp'] => ({ domainName: outside.domainName, option43: null, option120: null, lease });
  return [
    startDnsServer({ records: () => outside.dns, trace, bindAddress, port: portOf(router.fqdn, 'outside-dns') })
      .then((running) => ({ service: 'outside-dns', fqdn: router.fqdn, declared: { address: router.address, port: 53 }, transport: 'udp', ...running })),
    startDhcpServer({ settings, nameServers: () => [router.address], leases, trace, bindAddress, port: portOf(router.fqdn, 'outside-dhcp'), address: router.address })
      .then((running) => ({ service: 'outside-dhcp', fqdn: router.fqdn, declared: { address: router.address, port: 67 }, transport: 'udp', ...running })),
  ];
}

/** Whether a phone, in the office or outside, reaches a service. */
export function isReachable({ service, fqdn }: LabService, { outside }: Topology, fromOutside: boolean): boolean {
  if (service === 'outside-dns' || service === 'outside-dhcp') return fromOutside;
  return !fromOutside || (outside !== undefined && outside.servers.some((name) => sameName(name, fqdn)) && !neverPublished.includes(service));
}
