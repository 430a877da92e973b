import type { Topology } from '../../src/lab/topology-schema.js';
import { topology } from './sign-in.js';

export interface DeploymentNames {
  sipDomain: string;
  /** Pool and web services, in one server. */
  pool: string;
  /** Target of `_sipinternaltls._tcp.<sipDomain>`. */
  srvTarget: string;
  /** SAN of the certificate that the registrar shows. */
  registrarNames: string[];
  /** CN of it; default: the pool. */
  registrarCommonName?: string;
  /** SAN of the certificate that the web services show; default: the registrar's. */
  webNames?: string[];
  /** Default: the SRV target. */
  option120?: string;
  /** Version that the update service has approved for the CX600. */
  approvedVersion?: string;
  /** Whether `ucupdates-r2` is published in the domain of the lease. */
  publishesUpdates?: boolean;
}

/** A small deployment of 2011 whose names are the point: one Front End, one directory, SHA-1, option 43 naming the pool. */
export function deployment(names: DeploymentNames): Topology {
  const { sipDomain, pool, srvTarget, registrarNames, registrarCommonName = pool, webNames = registrarNames, option120 = srvTarget, approvedVersion, publishesUpdates = false } = names;
  const leaseDomain = pool.slice(pool.indexOf('.') + 1);
  const names120 = new Set([pool, srvTarget, option120]);
  return topology({
    schema: 1,
    name: sipDomain,
    sipDomains: [sipDomain],
    // No phone judges it, and a short key is quick to make.
    clientAuthority: { commonName: 'Communications Server', keyBits: 1024 },
    authorities: { root: { commonName: 'Scenario Root CA' } },
    certificates: {
      registrar: { commonName: registrarCommonName, subjectAlternativeNames: registrarNames, issuer: 'root' },
      web: { commonName: pool, subjectAlternativeNames: webNames, issuer: 'root' },
    },
    servers: [
      { fqdn: pool, address: '10.0.0.10', registrar: { certificate: 'registrar' }, web: { certificate: 'web' } },
      { fqdn: `dc.${leaseDomain}`, address: '10.0.0.2', dns: {}, dhcp: {}, directory: { publishedRoots: ['root'] } },
    ],
    dns: [
      { name: `_sipinternaltls._tcp.${sipDomain}`, type: 'SRV', target: srvTarget, port: 5061 },
      ...[...names120].map((name) => ({ name, type: 'A' as const, address: '10.0.0.10' })),
      ...(publishesUpdates ? [{ name: `ucupdates-r2.${leaseDomain}`, type: 'A' as const, address: '10.0.0.10' }] : []),
      ...directoryRecords(leaseDomain),
    ],
    updates: { rules: approvedVersion === undefined ? [] : [{ model: 'CX600', approvedVersion }] },
    dhcp: { domainName: leaseDomain, option43: { webServerFqdn: pool }, option120 },
    users: [{
      sipUri: `sip:alice@${sipDomain}`, displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '48213', account: 'LAB\\alice', password: 'lab-Password-1',
    }],
  });
}

function directoryRecords(domain: string) {
  return [
    { name: `_ldap._tcp.dc._msdcs.${domain}`, type: 'SRV' as const, target: `dc.${domain}`, port: 389 },
    { name: `dc.${domain}`, type: 'A' as const, address: '10.0.0.2' },
  ];
}
