import { topologySchema, type Topology } from '../../src/lab/topology-schema.js';

/** One server with everything and an intermediate authority; short keys, so that tests are quick. */
export function smallTopology(): Topology {
  return topologySchema.parse({
    schema: 1, name: 'small', sipDomains: ['contoso.lab'],
    authorities: {
      issuing: { commonName: 'Contoso Issuing', issuer: 'root', keyBits: 1024 },
      root: { commonName: 'Contoso Root', keyBits: 1024 },
    },
    certificates: { pool: { commonName: 'lync.contoso.lab', subjectAlternativeNames: ['lync.contoso.lab'], issuer: 'issuing', keyBits: 1024 } },
    clientAuthority: { commonName: 'Communications Server', keyBits: 1024 },
    servers: [
      { fqdn: 'lync.contoso.lab', address: '10.0.0.10', registrar: { certificate: 'pool' }, web: { certificate: 'pool' } },
      { fqdn: 'dc.contoso.lab', address: '10.0.0.2', dns: {}, dhcp: {}, directory: { publishedRoots: ['root'] } },
    ],
    dns: [
      { name: 'lync.contoso.lab', type: 'A', address: '10.0.0.10' },
      { name: '_sipinternaltls._tcp.contoso.lab', type: 'SRV', target: 'lync.contoso.lab', port: 5061 },
    ],
    dhcp: { domainName: 'contoso.lab', option43: { webServerFqdn: 'lync.contoso.lab' }, option120: 'lync.contoso.lab' },
    // A PIN so long that no port, time or random number looks like it.
    users: [{
      sipUri: 'sip:alice@contoso.lab', displayName: 'Alice Archer', lineUri: 'tel:+15550100;ext=100', pin: '482135790264',
      account: String.raw`CONTOSO\alice`, password: 'lab-password-alice',
    }],
  });
}
