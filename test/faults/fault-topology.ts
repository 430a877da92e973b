import type { Topology } from '../../src/lab/topology-schema.js';
import { topologySchema } from '../../src/lab/topology-schema.js';
import { smallTopology } from '../lab/small-topology.js';

/** The small deployment with everything else that a phone asks: a VLAN for phones, Exchange, time, updates, the directory by its records. */
export function faultTopology(): Topology {
  const small = smallTopology();
  const a = (host: string, address: string) => ({ name: `${host}.contoso.lab`, type: 'A' as const, address });
  return topologySchema.parse({
    ...small,
    // Untagged, a phone gets an address and reaches nothing with it.
    vlans: [{ id: 0, routed: false }, { id: 100 }],
    dhcp: { ...small.dhcp, vlan: 100 },
    certificates: { pool: { ...small.certificates['pool'], subjectAlternativeNames: ['lync', 'mail', 'autodiscover'].map((host) => `${host}.contoso.lab`) } },
    servers: [
      ...small.servers.map((server) => (server.dns === undefined ? server : { ...server, ntp: {} })),
      { fqdn: 'mail.contoso.lab', address: '10.0.0.11', exchange: { certificate: 'pool' } },
    ],
    dns: [
      ...small.dns, a('mail', '10.0.0.11'), a('autodiscover', '10.0.0.11'), a('ucupdates-r2', '10.0.0.10'), a('dc', '10.0.0.2'),
      { name: '_ntp._udp.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 123 },
      { name: '_ldap._tcp.dc._msdcs.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 389 },
    ],
  });
}
