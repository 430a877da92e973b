import { checkDeclaration } from '../declaration-file.js';
import { Failure } from '../failure.js';
import type { Endpoint, Network } from '../network/network.js';
import { UnaddressedNetwork } from '../network/unaddressed-network.js';
import { Trace } from '../trace/trace.js';
import { createAuthorities, type ServerCertificate } from './certificate-authority.js';
import { IssuedClientCertificates } from './client-certificates.js';
import { generateKeys, type KeySource } from './key-pair.js';
import type { LabService, ServiceName } from './lab-service.js';
import { startServices } from './lab-services.js';
import { voiceVlanFrame } from './switch-port.js';
import { isReachable } from './outside.js';
import { summarise, type LabSummary } from './lab-summary.js';
import { certificatesPem } from './pem.js';
import { pinLocksOf } from './web/pin-locks.js';
import { setPin } from './web/pin-policy.js';
import { RunningDeployment } from './running-deployment.js';
import { certificateSchema, faultsSchema, policySchema, serverChangeSchema, topologySchema, userSchema, type CertificateSpec, type DnsRecord, type LabPolicy, type LabUser, type MinimumTls, type Topology } from './topology-schema.js';
import { updatesSchema } from './updates-schema.js';
import { updateAuditOf } from './web/device-update-service.js';

/** How a lab is started. */
export interface LabOptions {
  /** Default 127.0.0.1; anything else lets others in. */
  bindAddress?: string;
  /** Makes advertised names and URLs (DNS answers, MEX, sts-uri, option 43) this address with the real ports, for clients that use the host's own resolver. */
  advertise?: string;
  trace?: Trace;
  /** Time of day, milliseconds since 1970. */
  now?: () => number;
  /** Ports to listen on instead of free ones, by `lync.contoso.lab/registrar`. */
  ports?: Readonly<Partial<Record<`${string}/${ServiceName}`, number>>>;
  /** Default: a fresh key for each authority and certificate. @internal */
  keySource?: KeySource;
  /** Ends the starting, with the signal's reason; nothing is left running then. A lab that has started is ended by `close`. */
  signal?: AbortSignal;
}

/** A Lync deployment in one process: everything in memory, fresh keys each time, real sockets. */
export class Lab implements AsyncDisposable {
  /** @internal */
  readonly deployment: RunningDeployment;
  readonly services: readonly LabService[];
  readonly #address: string;
  #closing: Promise<unknown> | undefined;

  private constructor(deployment: RunningDeployment, services: readonly LabService[], address: string) {
    this.deployment = deployment;
    this.services = services;
    this.#address = address;
  }

  /**
   * Makes the keys, issues the certificates and starts every service. Rejects with a Failure `lab/port-in-use`, `lab/cannot-listen`
   * or, where a certificate cannot be made as declared, `pkcs/...`; nothing is left running then.
   */
  static async start(topology: Topology, options: LabOptions = {}): Promise<Lab> {
    const { bindAddress = '127.0.0.1', advertise, now = Date.now, trace = new Trace({ now }), ports = {}, keySource = generateKeys } = options;
    options.signal?.throwIfAborted();
    const deployment = await issue({ topology, trace, now, keySource });
    options.signal?.throwIfAborted();
    const services = await startServices({ deployment, bindAddress, portOf: (fqdn, service) => ports[`${fqdn}/${service}`] ?? 0 });
    if (advertise !== undefined) {
      deployment.advertised = {
        address: advertise,
        portOf: (address, port) => services.find(({ declared }) => declared.address === address && declared.port === port)?.port,
      };
    }
    // A wildcard address is one to listen on, not one to connect to.
    const address = advertise ?? (bindAddress === '0.0.0.0' ? '127.0.0.1' : bindAddress);
    const lab = new Lab(deployment, services, address);
    if (options.signal?.aborted === true) await lab.close();
    options.signal?.throwIfAborted();
    return lab;
  }

  get trace(): Trace {
    return this.deployment.trace;
  }

  get topology(): Topology {
    return this.deployment.topology;
  }

  /**
   * The lab's own network, as a phone sees it that was just plugged in, in the office or outside: the topology's addresses and ports, and a DHCP server to ask for
   * its own. Throws a Failure `lab/no-outside` where the topology has none.
   */
  network({ outside = false }: { outside?: boolean } = {}): Network {
    if (outside && this.topology.outside === undefined) throw new Failure('lab/no-outside', `The topology ${this.topology.name} does not say what a phone outside meets.`);
    const forward = new Map<string, Endpoint[]>();
    const add = (address: string, port: number, { transport, port: real }: LabService) => {
      const key = `${address}:${port}/${transport}`;
      forward.set(key, [...forward.get(key) ?? [], { address: this.#address, port: real }]);
    };
    for (const service of this.services.filter((each) => isReachable(each, this.topology, outside))) {
      add(service.declared.address, service.declared.port, service);
      if (/(?:^|-)dhcp$/.test(service.service)) add('255.255.255.255', 67, service);
      if (this.deployment.advertised !== undefined) add(this.#address, service.port, service);
    }
    const onSilence = (listener: (port: number) => void) => {
      const stops = this.services.flatMap((service) => service.onSilence?.(listener) ?? []);
      return () => { for (const stop of stops) stop(); };
    };
    if (outside) return new UnaddressedNetwork({ forward, onSilence });
    const { lldp, vlans } = this.topology;
    return new UnaddressedNetwork({ forward, onSilence, vlans, frames: () => (lldp === undefined ? [] : [voiceVlanFrame(lldp.voiceVlan)]) });
  }

  /** The root authorities, as someone would install them by hand. */
  rootCertificates(): { name: string; pem: string }[] {
    return [...this.deployment.authorities].filter(([, authority]) => authority.chain.length === 1)
      .map(([name, authority]) => ({ name, pem: certificatesPem(authority.certificate) }));
  }

  /**
   * Issues a server certificate again, with a fresh key and what `change` says; its services show it from the next handshake on.
   * Rejects with `lab/unknown-certificate`, `lab/unknown-authority`, `lab/invalid` or `pkcs/...`; nothing is changed then.
   */
  async setCertificate(name: string, change: unknown): Promise<void> {
    const current = Object.hasOwn(this.topology.certificates, name) ? this.topology.certificates[name] : undefined;
    if (current === undefined) throw new Failure('lab/unknown-certificate', `This lab has no certificate "${name}".`);
    const spec = checkDeclaration(merged(current, change), `certificate ${name}`, certificateSchema, 'lab', 'change to');
    const certificate = await issueServer(spec, this.deployment);
    this.deployment.certificates.set(name, certificate);
    this.#change({ certificates: { ...this.topology.certificates, [name]: spec } }, `Certificate ${name} was issued again.`, change);
    for (const { tls } of this.services) if (tls?.certificate === name) tls.present({ identity: certificate });
  }

  /** Replaces every record of the name server; throws a Failure `lab/invalid`. */
  setDnsRecords(records: unknown): void {
    const dns: DnsRecord[] = checkDeclaration(records, 'DNS records', topologySchema.shape.dns, 'lab', 'change to');
    this.#change({ dns }, 'The DNS records were replaced.', records);
  }

  /** Changes what the DHCP server tells (`domainName`, `option43`, `option120`); what is not named stays. Throws a Failure `lab/invalid`. */
  setDhcp(change: unknown): void {
    const dhcp = checkDeclaration(merged(this.topology.dhcp, change), 'DHCP settings', topologySchema.shape.dhcp, 'lab', 'change to');
    this.#change({ dhcp }, 'The DHCP settings were changed.', change);
  }

  /** Changes server switches; what is not named stays. Throws a Failure `lab/invalid` or `lab/unknown-authority`. */
  setPolicy(change: unknown): void {
    const policy: LabPolicy = checkDeclaration(merged(this.topology.policy, change), 'policy', policySchema, 'lab', 'change to');
    const unknown = policy.TrustedCACerts.find((name) => !this.deployment.authorities.has(name));
    if (unknown !== undefined) throw unknownAuthority(unknown);
    this.#change({ policy }, 'The policy was changed.', change);
  }

  /** Switches faults on and off; what is not named stays. Throws a Failure `lab/invalid`. */
  setFaults(change: unknown): void {
    const faults = checkDeclaration(merged(this.topology.faults, change), 'faults', faultsSchema, 'lab', 'change to');
    this.#change({ faults }, 'The faults were changed.', change);
  }

  /**
   * Changes a user; what is not named stays. A new `pin` counts as set now, unless `pinSetAt` comes with it; `pinLocked: false` also ends the locks
   * that wrong PINs have brought (Unlock-CsClientPin). Who is disabled or moved to another pool is told so and signed out (registration-notify, ids 4141 and 4142).
   * Throws a Failure `lab/unknown-user`, `lab/invalid` or, for a PIN that the policy does not allow, `lab/pin-refused`.
   */
  setUser(sipUri: string, change: unknown): void {
    const current = this.#user(sipUri);
    const named = typeof change === 'object' && change !== null ? change : {};
    const setNow = 'pin' in named ? { pinSetAt: new Date(this.deployment.now()).toISOString() } : {};
    const user = checkDeclaration(merged({ ...current, ...setNow }, change), `user ${current.sipUri}`, userSchema, 'lab', 'change to');
    if ('pin' in named && user.pin !== undefined) setPin(this.deployment, current, user.pin);
    const users = this.topology.users.map((each) => (each === current ? user : each));
    if ('pinLocked' in named && user.pinLocked === false) pinLocksOf(this.deployment).unlock(user);
    this.deployment.users.replace(users);
    this.#change({ users }, `The user ${current.sipUri} was changed.`, Object.keys(named));
    const ended = user.enabled === false ? 'rejected' : user.registrarPool !== current.registrarPool ? 'deactivated' : undefined;
    for (const { registrar } of this.services) {
      if (ended !== undefined) registrar?.deregister(user.sipUri, ended);
      else registrar?.contactsChanged(current);
    }
  }

  /** Unpublishes the client certificates of a user (Revoke-CsClientCertificate). Throws a Failure `lab/unknown-user`. */
  revokeClientCertificates(sipUri: string): void {
    const user = this.#user(sipUri);
    this.deployment.clientCertificates.revoke(user.sipUri);
    this.trace.record('lab', { layer: 'note', summary: `The client certificates of ${user.sipUri} were revoked.` });
  }

  /** What someone needs to use the lab from outside: addresses, ports, roots, users with their secrets. */
  summary(): LabSummary {
    return summarise({ topology: this.topology, services: this.services, address: this.#address, roots: this.rootCertificates() });
  }

  /** Switches a server off, as by pulling its plug: what it offers over TCP is refused from then on. Throws a Failure `lab/unknown-server`. */
  async stopServer(fqdn: string): Promise<void> {
    const services = this.#tcpServicesOf(fqdn);
    this.deployment.setStopped(fqdn, true);
    await Promise.all(services.map((service) => service.close()));
    this.trace.record('lab', { layer: 'note', summary: `The server ${fqdn} was switched off.` });
  }

  /**
   * Switches it on again, on the same ports; backup registrars send home whom they served for it. Rejects with a Failure `lab/unknown-server`,
   * `lab/port-in-use` or `lab/cannot-listen`.
   */
  async startServer(fqdn: string): Promise<void> {
    const services = this.#tcpServicesOf(fqdn);
    if (!this.deployment.isStopped(fqdn)) return;
    await Promise.all(services.map(async (service) => { await service.reopen?.(); }));
    this.deployment.setStopped(fqdn, false);
    this.trace.record('lab', { layer: 'note', summary: `The server ${fqdn} was switched on.` });
    for (const { registrar } of this.services) registrar?.sendHome();
  }

  /**
   * Changes a server: `running` as `stopServer` and `startServer` do, `minimumTls` of each of its services (as SCHANNEL's settings are those of a whole
   * machine), from the next handshake on. What is not named stays. Rejects as those two, and with `lab/invalid`.
   */
  async setServer(fqdn: string, change: unknown): Promise<void> {
    const { running, minimumTls } = checkDeclaration(change, `server ${fqdn.slice(0, 200)}`, serverChangeSchema, 'lab', 'change to');
    const services = this.#tcpServicesOf(fqdn);
    if (minimumTls !== undefined) {
      for (const { tls } of services) tls?.present({ minimumTls });
      const servers = this.topology.servers.map((server) => (server.fqdn.toLowerCase() === fqdn.toLowerCase() ? takingAtLeast(server, minimumTls) : server));
      this.#change({ servers }, `The server ${fqdn} takes ${minimumTls === 'TLSv1.2' ? 'TLSv1.2 only' : `${minimumTls} and newer`}.`, { minimumTls });
    }
    if (running !== undefined) await (running ? this.startServer(fqdn) : this.stopServer(fqdn));
  }

  /** Stops everything and ends every connection, at once. */
  async close(): Promise<void> {
    this.#closing ??= Promise.all(this.services.map((service) => service.close()));
    await this.#closing;
  }

  /** Changes what the update service has for phones (`rules`, `testDevices`, `store`), as an approval does; what is not named stays. Throws a Failure `lab/invalid`. */
  setUpdates(change: unknown): void {
    const updates = checkDeclaration(merged(this.topology.updates, change), 'updates', updatesSchema, 'lab', 'change to');
    this.#change({ updates }, 'The device updates were changed.', change);
  }

  /** The update service's audit log, a line a request, oldest first. */
  get updateAudit(): readonly string[] {
    return updateAuditOf(this.deployment);
  }

  /** As `close`: `await using lab = await Lab.start(...)`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tcpServicesOf(fqdn: string): LabService[] {
    const known = this.topology.servers.some((server) => server.fqdn.toLowerCase() === fqdn.toLowerCase());
    if (!known) throw new Failure('lab/unknown-server', `This lab has no server "${fqdn.slice(0, 200)}".`);
    return this.services.filter((service) => service.reopen !== undefined && service.fqdn.toLowerCase() === fqdn.toLowerCase());
  }

  #user(sipUri: string): LabUser {
    const user = this.deployment.users.bySipUri(sipUri);
    if (user === undefined) throw new Failure('lab/unknown-user', `This lab has no user "${sipUri.slice(0, 200)}".`);
    return user;
  }

  #change(change: Partial<Topology>, summary: string, detail: unknown): void {
    this.deployment.topology = { ...this.topology, ...change };
    this.trace.record('lab', { layer: 'note', summary, detail: { change: detail } });
  }
}

/** The keys, made in parallel, and every certificate of the topology. */
async function issue({ topology, trace, now, keySource }: Required<Pick<LabOptions, 'trace' | 'now' | 'keySource'>> & { topology: Topology }): Promise<RunningDeployment> {
  const [authorities, clientCertificates, keys] = await Promise.all([
    createAuthorities(topology.authorities, now(), keySource),
    IssuedClientCertificates.create(now, topology.clientAuthority, keySource),
    Promise.all(Object.entries(topology.certificates).map(async ([name, spec]) => ({ name, spec, keys: await keySource(spec) }))),
  ]);
  const certificates = new Map(keys.map(({ name, spec, keys: own }) => [name, authorities.get(spec.issuer)?.issueServer(spec, own, now())] as const)
    .filter((entry): entry is [string, ServerCertificate] => entry[1] !== undefined));
  return new RunningDeployment({ topology, authorities, certificates, clientCertificates, trace, now, keySource });
}

async function issueServer(spec: CertificateSpec, { authorities, now, keySource }: RunningDeployment): Promise<ServerCertificate> {
  const authority = authorities.get(spec.issuer);
  if (authority === undefined) throw unknownAuthority(spec.issuer);
  return authority.issueServer(spec, await keySource(spec), now());
}

/** A server as its declaration would have it. */
function takingAtLeast({ registrar, director, edge, web, exchange, ...rest }: Topology['servers'][number], minimumTls: MinimumTls): Topology['servers'][number] {
  return {
    ...rest, ...(registrar && { registrar: { ...registrar, minimumTls } }), ...(director && { director: { ...director, minimumTls } }),
    ...(edge && { edge: { ...edge, minimumTls } }), ...(web && { web: { ...web, minimumTls } }), ...(exchange && { exchange: { ...exchange, minimumTls } }),
  };
}

const unknownAuthority = (name: string) => new Failure('lab/unknown-authority', `This lab has no authority "${name}".`);

/** The current value with a change laid over it; anything but an object is left for the schema to refuse. */
function merged(current: object, change: unknown): unknown {
  return typeof change === 'object' && change !== null && !Array.isArray(change) ? { ...current, ...change } : change;
}
