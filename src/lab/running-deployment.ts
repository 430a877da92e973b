import { certProvPath } from '../protocol/certprov/path.js';
import { sameName } from '../protocol/dns/name.js';
import { ewsPath } from '../protocol/exchange/get-folder.js';
import type { Trace } from '../trace/trace.js';
import type { CertificateAuthority, ServerCertificate } from './certificate-authority.js';
import type { ClientCertificateStore, Deployment } from './deployment.js';
import { DhcpLeases } from './dhcp-leases.js';
import type { KeySource } from './key-pair.js';
import type { DnsRecord, LabPolicy, Topology } from './topology-schema.js';
import { LabUsers } from './user-store.js';

/** Where clients outside of the lab's own network reach its services. */
export interface Advertised {
  address: string;
  /** The real port behind a port that the topology declares; undefined where nothing listens. */
  portOf(address: string, port: number): number | undefined;
}

export interface RunningDeploymentOptions {
  topology: Topology;
  authorities: ReadonlyMap<string, CertificateAuthority>;
  certificates: ReadonlyMap<string, ServerCertificate>;
  clientCertificates: ClientCertificateStore;
  trace: Trace;
  now: () => number;
  keySource: KeySource;
}

/** The state of a running lab. Its services read it at each request; a change counts from then on. */
export class RunningDeployment implements Deployment {
  readonly users: LabUsers;
  readonly leases: DhcpLeases;
  readonly clientCertificates: ClientCertificateStore;
  readonly trace: Trace;
  readonly now: () => number;
  /** Of the certificates that are issued again. */
  readonly keySource: KeySource;
  readonly authorities: ReadonlyMap<string, CertificateAuthority>;
  /** By the names of the topology; replaced when a certificate is issued again. */
  readonly certificates: Map<string, ServerCertificate>;
  topology: Topology;
  readonly #stopped = new Set<string>();
  /** Set once everything listens, where names and URLs are to be reachable from outside. */
  advertised: Advertised | undefined;

  constructor({ topology, authorities, certificates, clientCertificates, trace, now, keySource }: RunningDeploymentOptions) {
    this.topology = topology;
    this.authorities = authorities;
    this.certificates = new Map(certificates);
    this.clientCertificates = clientCertificates;
    this.trace = trace;
    this.now = now;
    this.leases = new DhcpLeases(now);
    this.keySource = keySource;
    this.users = new LabUsers(topology.users);
  }

  get policy(): LabPolicy {
    return this.topology.policy;
  }

  /** Of a server certificate by its name in the topology. Throws a RangeError for an unknown one: the topology was checked. */
  certificate(name: string): ServerCertificate {
    const certificate = this.certificates.get(name);
    if (certificate === undefined) throw new RangeError(`There is no certificate "${name}" in this lab.`);
    return certificate;
  }

  /** Whether a server is switched off. */
  isStopped(fqdn: string): boolean {
    return this.#stopped.has(fqdn.toLowerCase());
  }

  setStopped(fqdn: string, stopped: boolean): void {
    if (stopped) this.#stopped.add(fqdn.toLowerCase());
    else this.#stopped.delete(fqdn.toLowerCase());
  }

  /** Where clients reach a server's registrar: its name, or the advertised address with its real port. */
  registrarAddress({ fqdn, address, registrar }: Topology['servers'][number]): { host: string; port: number } {
    const port = registrar?.port ?? 5061;
    const real = this.advertised?.portOf(address, port);
    return real === undefined ? { host: fqdn, port } : { host: this.advertised?.address ?? fqdn, port: real };
  }

  baseUrl(fqdn: string, scheme: 'http' | 'https'): string {
    const server = this.#webServer(fqdn);
    const port = (scheme === 'https' ? server?.web?.httpsPort : server?.web?.httpPort) ?? (scheme === 'https' ? 443 : 80);
    const real = server && this.advertised?.portOf(server.address, port);
    return real === undefined ? `${scheme}://${fqdn}:${port}` : `${scheme}://${this.advertised?.address}:${real}`;
  }

  webIssuerChain(fqdn: string): readonly Buffer[] {
    const name = this.#webServer(fqdn)?.web?.certificate;
    return name === undefined ? [] : this.certificate(name).issuerChain;
  }

  authorityChain(name: string): readonly Buffer[] | undefined {
    return this.authorities.get(name)?.chain;
  }

  ewsUrl(fqdn: string): string {
    const server = this.topology.servers.find((each) => each.exchange !== undefined && sameName(each.fqdn, fqdn));
    const port = server?.exchange?.httpsPort ?? 443;
    const real = server && this.advertised?.portOf(server.address, port);
    return `https://${real === undefined ? fqdn : this.advertised?.address}:${real ?? port}${ewsPath}`;
  }

  /** What the name server answers from: the topology's records, or their advertised counterparts. */
  dnsRecords(): readonly DnsRecord[] {
    const { advertised, topology: { dns } } = this;
    if (advertised === undefined) return dns;
    return dns.map((record) => record.type === 'A'
      ? { ...record, address: advertised.address } : { ...record, port: this.#realPort(record.target, record.port) });
  }

  /** Addresses of the servers that answer for names, as a lease tells them. */
  get nameServers(): readonly string[] {
    return this.topology.servers.flatMap(({ address, dns }) => (dns === undefined ? [] : [address]));
  }

  /** What the DHCP server tells; on a network that is not the lab's own, it hands out no address. Option 120 has no place for a port, so a client outside needs the registrar at its own port for it. */
  dhcpSettings(dhcp = this.topology.dhcp): Topology['dhcp'] {
    const { advertised } = this;
    if (advertised === undefined) return dhcp;
    if (dhcp.option43 === null) return { ...dhcp, lease: null };
    const { webServerFqdn, webServerPort } = dhcp.option43;
    return { ...dhcp, lease: null, option43: { ...dhcp.option43, webServerFqdn: advertised.address, webServerPort: this.#realPort(webServerFqdn, webServerPort ?? 443) } };
  }

  /** What a Registrar tells phones itself: its own name, and the web services of its pool, or of the first that has some. */
  registrarDhcpSettings(fqdn: string): Topology['dhcp'] {
    const server = this.#webServer(fqdn) ?? this.topology.servers.find(({ web }) => web !== undefined);
    const option43 = server?.web === undefined ? null
      : { webServerFqdn: server.fqdn, urlScheme: 'https', webServerPort: server.web.httpsPort, certProvRelPath: certProvPath };
    return this.dhcpSettings({ domainName: this.topology.dhcp.domainName, option43, option120: fqdn, lease: null });
  }

  /** The real port behind a name and a declared port, by the name's A records; the declared one where there is none. */
  #realPort(name: string, port: number): number {
    for (const record of this.topology.dns) {
      if (record.type !== 'A' || !sameName(record.name, name)) continue;
      const real = this.advertised?.portOf(record.address, port);
      if (real !== undefined) return real;
    }
    return port;
  }

  #webServer(fqdn: string): Topology['servers'][number] | undefined {
    return this.topology.servers.find((server) => server.web !== undefined && sameName(server.fqdn, fqdn));
  }
}
