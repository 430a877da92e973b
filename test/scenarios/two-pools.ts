import type { Topology } from '../../src/lab/topology-schema.js';
import { topology } from './sign-in.js';

export const domain = 'contoso.example';
export const name = (host: string) => `${host}.${domain}`;
export const user = (alias: string, extension: number, rest: object = {}) => ({
  sipUri: `sip:${alias}@${domain}`, displayName: alias, lineUri: `tel:+15550${extension};ext=${extension}`, pin: '48213', account: `LAB\\${alias}`, password: 'lab-Password-1', ...rest,
});

/** Two pools at 10.0.0.11 and .12; the web services stand apart. What more the first pool and the domain controller have, and what DNS and DHCP lead to, is the caller's. */
export function twoPools(own: { firstRegistrar?: object; dc?: object; dns: object[]; option120: string | null; users: object[] }): Topology {
  return topology({
    schema: 1, name: domain, sipDomains: [domain],
    authorities: { root: { commonName: 'Scenario Root CA' } },
    certificates: { all: { commonName: name('pool01'), subjectAlternativeNames: ['pool01', 'pool02', 'web'].map(name), issuer: 'root' } },
    servers: [
      { fqdn: name('pool01'), address: '10.0.0.11', registrar: { certificate: 'all', ...own.firstRegistrar } },
      { fqdn: name('pool02'), address: '10.0.0.12', registrar: { certificate: 'all' } },
      { fqdn: name('web'), address: '10.0.0.13', web: { certificate: 'all' } },
      { fqdn: name('dc'), address: '10.0.0.2', dns: {}, dhcp: {}, ...own.dc },
    ],
    dns: [...own.dns, ...['pool01', 'pool02', 'web'].map((host, index) => ({ name: name(host), type: 'A', address: `10.0.0.${11 + index}` }))],
    dhcp: { domainName: domain, option43: { webServerFqdn: name('web') }, option120: own.option120 },
    users: own.users,
  });
}
