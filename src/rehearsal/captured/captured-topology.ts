import type { z } from 'zod';
import type { topologySchema } from '../../lab/topology-schema.js';
import { domainOf, userAtDomain } from '../../protocol/sip/name-address.js';
import type { PresentedInTrace } from '../../trace/event.js';
import type { PlanAccount } from '../plan-schema.js';
import { CertificateCatalogue, type Remark } from './certificate-catalogue.js';
import { addressOf, type Observations, type Place, type TlsService } from './observations.js';

export interface CapturedFrom {
  observed: Observations;
  /** Of the target, as the plan calls it. */
  name: string;
  sipDomains: readonly string[];
  /** As the plan gives it. */
  domainName: string | undefined;
  accounts: Readonly<Record<string, PlanAccount>>;
  /** Whether a phone was told that there is no chain to download. */
  noChain: boolean;
}

/** A deployment as the phones found it, in the shape of a topology file, and what there is to say about its parts. */
export interface CapturedTopology {
  topology: z.input<typeof topologySchema>;
  remarks: readonly Remark[];
}

type Server = z.input<typeof topologySchema>['servers'][number];

/** Where the name server and the rest that no phone could place go: a network for benchmarks (RFC 2544), never a real one. */
const standInAddress = '198.18.255.1';
/** What users of the lab get in place of secrets that nobody writes down. */
const invented = { pin: '71936', password: 'lab-password' };

/** What the phones observed as a topology. Roles, policies and secrets that no client sees are the lab's own, and remarked on. */
export function capturedTopology(from: CapturedFrom): CapturedTopology {
  const { observed, sipDomains } = from;
  const catalogue = new CertificateCatalogue([
    ...observed.tls.flatMap(({ chain }) => chain), ...observed.learnt['certificate-service'] ?? [], ...observed.learnt.directory ?? [],
  ].filter((each): each is PresentedInTrace => each !== undefined));
  const domainName = from.domainName ?? sipDomains[0] ?? 'invalid';
  const rootNames = (roots: readonly PresentedInTrace[] = []) => roots.filter(({ subject, issuer }) => subject === issuer).map(({ subject }) => catalogue.authority(subject));
  const servers = serversOf(observed, catalogue);
  const dns = dnsRecords(observed);
  const remarks: Remark[] = [];
  const infrastructure = infrastructureOf(servers, observed, domainName);
  const directoryRoots = rootNames(observed.learnt.directory);
  if (observed.learnt.directory !== undefined && observed.directories.length === 0) {
    infrastructure.directory = { publishedRoots: directoryRoots };
    const directory = `_ldap._tcp.dc._msdcs.${domainName}`;
    dns.push({ name: directory, type: 'SRV', target: infrastructure.fqdn, port: 389 }, { name: infrastructure.fqdn, type: 'A', address: infrastructure.address });
    remarks.push({ path: ['servers', servers.indexOf(infrastructure)], text: 'The plan names the roots of the directory; here a directory publishes them.' });
  }
  for (const { host, port } of observed.directories) {
    const address = addressOf(host, observed);
    const server = servers.find((each) => each.address === address);
    if (server !== undefined) server.directory = { port, publishedRoots: directoryRoots };
  }
  const { policy, remarks: ofPolicy } = policyOf(from, servers, catalogue, rootNames(observed.learnt['certificate-service']));
  if (from.domainName === undefined) remarks.push({ path: ['dhcp', 'domainName'], text: 'Assumed: the plan has no domainName.' });
  if (observed.dhcp === undefined) remarks.push({ path: ['dhcp', 'option43'], text: 'No DHCP server told the phones anything; here one answers them, and has nothing to tell.' });
  return {
    topology: {
      schema: 1, name: from.name, description: `As phones found it on ${new Date().toISOString().slice(0, 10)}.`, sipDomains: [...sipDomains],
      authorities: catalogue.authorities, certificates: catalogue.certificates, servers, dns, dhcp: { domainName, ...optionsOf(observed) },
      users: usersOf(from), ...(policy === undefined ? {} : { policy }),
    },
    remarks: [...catalogue.remarks, ...remarks, ...ofPolicy],
  };
}

/** A server for each address that a phone spoke to. */
function serversOf(observed: Observations, catalogue: CertificateCatalogue): Server[] {
  const servers = new Map<string, Server>();
  const at = (host: string): Server | undefined => {
    const address = addressOf(host, observed);
    if (address === undefined) return undefined;
    const server = servers.get(address) ?? { fqdn: nameOf(address, host, [...servers.values()], observed), address };
    servers.set(address, server);
    return server;
  };
  const taken = new Set<string>();
  const free = ({ host, port }: Place) => {
    const place = `${addressOf(host, observed)}:${port}`;
    return !taken.has(place) && taken.add(place).has(place);
  };
  // What answered goes first, since phones also try ports that are another service's; then what was seen: a certificate that was not borrows its
  // issuer from one that was.
  const byWorth = [...observed.tls].sort((a, b) => Number(b.answered) - Number(a.answered) || b.chain.length - a.chain.length || b.port - a.port);
  for (const service of byWorth) {
    const server = at(service.host);
    if (server !== undefined && free(service)) addTls(server, service, catalogue, observed.redirecting.has(service.host));
  }
  for (const { host, port } of observed.plainWeb) {
    const server = at(host);
    if (server !== undefined && free({ host, port })) server.web = { ...server.web ?? { certificate: catalogue.unseen(server.fqdn) }, httpPort: port };
  }
  for (const { host } of observed.directories) at(host);
  for (const address of observed.timeServers) servers.set(address, { ...servers.get(address) ?? { fqdn: nameOf(address, address, [...servers.values()], observed), address }, ntp: {} });
  return [...servers.values()];
}

function addTls(server: Server, { host, port, service, chain, tooNew }: TlsService, catalogue: CertificateCatalogue, redirects: boolean): void {
  const certificate = catalogue.server(chain) ?? catalogue.unseen(host);
  const secured = { certificate, ...(tooNew ? { minimumTls: 'TLSv1.2' as const } : {}) };
  switch (service) {
    case 'sip':
      if (redirects) server.director ??= { port, ...secured };
      else server.registrar ??= { port, ...secured };
      break;
    case 'web': case 'update': server.web ??= { httpsPort: port, ...secured }; break;
    case 'exchange': server.exchange ??= { httpsPort: port, ...secured }; break;
  }
}

/** What a server is called: what its web services or its registrar call it, else the name it was found by. */
function nameOf(address: string, host: string, others: readonly Server[], observed: Observations): string {
  const here = [...observed.addresses].flatMap(([name, [first]]) => (first === address ? [name] : []));
  const own = [observed.webNames.findLast((name) => here.includes(name)), ...here.map((name) => observed.registrarNames.get(name)), host, here[0]];
  const leadsElsewhere = (name: string) => { const [first] = observed.addresses.get(name.toLowerCase()) ?? []; return first !== undefined && first !== address; };
  return own.find((name) => name !== undefined && name !== '' && !leadsElsewhere(name) && !others.some(({ fqdn }) => fqdn.toLowerCase() === name.toLowerCase())) ?? `server-${address.replaceAll('.', '-')}`;
}

/** The server that answers DNS and DHCP, which is added where none of the others does. */
function infrastructureOf(servers: Server[], observed: Observations, domainName: string): Server {
  const [address = standInAddress] = observed.nameServers;
  let server = servers.find((each) => each.address === address);
  if (server === undefined) {
    const [known] = [...observed.addresses].find(([name, [first]]) => first === address && !servers.some(({ fqdn }) => fqdn === name)) ?? [];
    servers.push(server = { fqdn: known ?? `name-server.${domainName}`, address });
  }
  if (observed.nameServers.length > 0) server.dns = {};
  server.dhcp = {};
  return server;
}

function dnsRecords({ addresses, services }: Observations): z.input<typeof topologySchema>['dns'] {
  return [
    ...[...addresses].flatMap(([name, own]) => own.map((address) => ({ name, type: 'A' as const, address }))),
    // A target of `.` says that there is no such service (RFC 2782).
    ...[...services].flatMap(([name, own]) => own.filter(({ target, port }) => target !== '' && target !== '.' && port > 0).map((record) => ({ name, ...record }))),
  ];
}

function optionsOf({ dhcp }: Observations): Pick<z.input<typeof topologySchema>['dhcp'], 'option43' | 'option120'> {
  const [, urlScheme, webServerFqdn, port, certProvRelPath] = /^(https?):\/\/([^/:]+)(?::(\d+))?(\/.*)$/i.exec(dhcp?.certProvUrl ?? '') ?? [];
  return {
    option43: webServerFqdn === undefined || urlScheme === undefined || certProvRelPath === undefined ? null
      : { webServerFqdn, urlScheme, webServerPort: port === undefined ? null : Number(port), certProvRelPath },
    option120: dhcp?.sipServer ?? null,
  };
}

/** What of the policy shows from outside; undefined where that is as the lab has it anyway. */
function policyOf(
  { observed, noChain }: CapturedFrom, servers: readonly Server[], catalogue: CertificateCatalogue, handedOut: readonly string[],
): { policy: z.input<typeof topologySchema>['policy']; remarks: Remark[] } {
  const ofWeb = new Set(servers.flatMap(({ web }) => (web === undefined ? [] : [catalogue.rootOf(web.certificate)])));
  const further = handedOut.filter((name) => !ofWeb.has(name));
  const policy = {
    ...(noChain ? { EnableCertChainDownload: false } : {}),
    ...(further.length === 0 ? {} : { InferCertChainFromSSL: false, TrustedCACerts: [...handedOut] }),
    ...(observed.offered === undefined || observed.offered.has('TLS-DSK') ? {} : { UseCertificateForClientToProxyAuth: false }),
    ...(observed.offered === undefined || observed.offered.has('NTLM') ? {} : { UseNtlmForClientToProxyAuth: false }),
  };
  if (Object.keys(policy).length === 0) return { policy: undefined, remarks: [] };
  return { policy, remarks: [{ path: ['policy'], text: 'What phones saw of it; the rest is assumed to be as a lab has it.' }] };
}

function usersOf({ accounts, sipDomains }: CapturedFrom): z.input<typeof topologySchema>['users'] {
  const here = Object.entries(accounts).filter(([, { sipUri }]) => sipDomains.some((domain) => domain.toLowerCase() === domainOf(sipUri).toLowerCase()));
  // Accounts that differ in their secrets only are one user.
  const users = new Map(here.map(([name, account]) => [account.sipUri.toLowerCase(), { name, ...account }]));
  return [...users.values()].map(({ name, sipUri, number, logon }) => ({
    sipUri, displayName: name, ...(number === undefined || !/\d/.test(number) ? {} : { lineUri: `tel:${number.replace(/[^\d+]/g, '')}`, pin: invented.pin }),
    account: logon ?? `LAB\\${userAtDomain(sipUri).replace(/@.*$/, '')}`, password: invented.password,
  }));
}
