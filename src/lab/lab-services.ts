import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { systemClock } from '../clock.js';
import { startDhcpServer } from './dhcp-server.js';
import { startDirectoryServer } from './directory-server.js';
import { startDnsServer } from './dns-server.js';
import type { LabService, RunningContext, ServiceContext, ServiceName } from './lab-service.js';
import { startNtpServer } from './ntp-server.js';
import { startOutside } from './outside.js';
import { Forwarding } from './registrar/forwarding.js';
import { startEdge, startRegistrar, startRegistrarTcp } from './sip-services.js';
import { listenForConnections } from './tcp-listener.js';
import { presenter, tlsServerOptions, traceHandshakes } from './tls-listener.js';
import type { Topology } from './topology-schema.js';
import { createWebRequestListener } from './web/listener.js';

type Server = Topology['servers'][number];

/** Starts every service of every server. Rejects with the first Failure (`lab/port-in-use`, `lab/cannot-listen`), having closed the others. */
export async function startServices(options: ServiceContext): Promise<LabService[]> {
  const context: RunningContext = {
    ...options, registrars: new Map(), forwarding: new Forwarding({ users: options.deployment.users, clock: systemClock }),
  };
  const starting = [...context.deployment.topology.servers.flatMap((server) => startServer(server, context)), ...startOutside(context)];
  const results = await Promise.allSettled(starting);
  const started = results.flatMap((result) => result.status === 'fulfilled' ? [result.value] : []);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed === undefined) return started;
  await Promise.all(started.map((service) => service.close()));
  throw failed.reason;
}

function startServer(server: Server, context: RunningContext): Promise<LabService>[] {
  const { registrar, director, edge, web, exchange, directory, dns, dhcp, ntp } = server;
  return [
    ...(registrar ? [startRegistrar('registrar', server, registrar, context)] : []),
    ...(registrar?.tcpPort === undefined ? [] : [startRegistrarTcp(server, registrar.tcpPort, context)]),
    ...(registrar?.EnableDHCPServer === true ? [startRegistrarDhcp(server, context)] : []),
    ...(director ? [startRegistrar('director', server, director, context)] : []),
    ...(edge ? [startEdge(server, edge, context)] : []),
    ...(web ? [startTlsSite('https', 'web', server, web, context), startHttp(server, web, context)] : []),
    ...(exchange ? [startTlsSite('exchange', 'exchange', server, exchange, context)] : []),
    ...(directory ? [startDirectory(server, directory, context)] : []),
    ...(dns ? [startDns(server, dns, context)] : []),
    ...(dhcp ? [startDhcp(server, dhcp, context)] : []),
    ...(ntp ? [startNtp(server, ntp, context)] : []),
  ];
}

async function startTlsSite(
  site: 'https' | 'exchange', actor: string, { fqdn, address }: Server, { httpsPort, certificate, minimumTls }: NonNullable<Server['exchange']>, context: ServiceContext,
): Promise<LabService> {
  const { deployment } = context;
  const identity = deployment.certificate(certificate);
  const options = { ...tlsServerOptions(identity, minimumTls), ...httpOptions };
  const server = createHttpsServer(options, createWebRequestListener(deployment, fqdn, site));
  traceHandshakes(server, deployment.trace, actor);
  return {
    service: site, fqdn, declared: { address, port: httpsPort }, transport: 'tcp', tls: { certificate, present: presenter(server, { identity, minimumTls }) },
    ...await listen(site, fqdn, server, context),
  };
}

async function startHttp({ fqdn, address }: Server, { httpPort }: NonNullable<Server['web']>, context: ServiceContext): Promise<LabService> {
  const server = createHttpServer(httpOptions, createWebRequestListener(context.deployment, fqdn, 'http'));
  return { service: 'http', fqdn, declared: { address, port: httpPort }, transport: 'tcp', ...await listen('http', fqdn, server, context) };
}

async function startDirectory({ fqdn, address }: Server, { port, publishedRoots }: NonNullable<Server['directory']>, context: ServiceContext): Promise<LabService> {
  const { deployment: { trace, users, authorities, now }, bindAddress } = context;
  const roots = () => publishedRoots.flatMap((name) => authorities.get(name)?.certificate ?? []);
  const running = await startDirectoryServer({ fqdn, roots, users, now, trace, bindAddress, port: context.portOf(fqdn, 'directory') });
  return { service: 'directory', fqdn, declared: { address, port }, transport: 'tcp', ...running };
}

async function startDns({ fqdn, address }: Server, { port }: NonNullable<Server['dns']>, context: ServiceContext): Promise<LabService> {
  const { deployment, bindAddress } = context;
  const running = await startDnsServer({ records: () => deployment.dnsRecords(), trace: deployment.trace, bindAddress, port: context.portOf(fqdn, 'dns') });
  return { service: 'dns', fqdn, declared: { address, port }, transport: 'udp', ...running };
}

async function startDhcp({ fqdn, address }: Server, { port }: NonNullable<Server['dhcp']>, context: ServiceContext): Promise<LabService> {
  const { deployment, bindAddress } = context;
  const running = await startDhcpServer({
    settings: () => deployment.dhcpSettings(), nameServers: () => deployment.nameServers, leases: deployment.leases,
    trace: deployment.trace, bindAddress, port: context.portOf(fqdn, 'dhcp'), address,
  });
  return { service: 'dhcp', fqdn, declared: { address, port }, transport: 'udp', ...running };
}

/** The responder inside a Registrar (Set-CsRegistrarConfiguration -EnableDHCPServer). */
async function startRegistrarDhcp({ fqdn, address }: Server, context: ServiceContext): Promise<LabService> {
  const { deployment, bindAddress } = context;
  const running = await startDhcpServer({
    settings: () => deployment.registrarDhcpSettings(fqdn), nameServers: () => [], leases: deployment.leases,
    trace: deployment.trace, bindAddress, port: context.portOf(fqdn, 'registrar-dhcp'), address,
  });
  return { service: 'registrar-dhcp', fqdn, declared: { address, port: 67 }, transport: 'udp', ...running };
}

async function startNtp({ fqdn, address }: Server, { port, skewSeconds }: NonNullable<Server['ntp']>, context: ServiceContext): Promise<LabService> {
  const { deployment: { now, trace }, bindAddress } = context;
  const running = await startNtpServer({ now, skewSeconds, trace, bindAddress, port: context.portOf(fqdn, 'ntp') });
  return { service: 'ntp', fqdn, declared: { address, port }, transport: 'udp', ...running };
}

/** Head within 20 s; an idle connection is kept for two minutes, as IIS does. */
const httpOptions = { headersTimeout: 20_000, keepAliveTimeout: 120_000, noDelay: true };

function listen(service: ServiceName, fqdn: string, server: Parameters<typeof listenForConnections>[0], { bindAddress, portOf }: ServiceContext) {
  return listenForConnections(server, { name: `${service} service of ${fqdn}`, bindAddress, port: portOf(fqdn, service) });
}
