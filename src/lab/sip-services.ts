import { createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { homeFor } from './home-server.js';
import type { LabService, RunningContext } from './lab-service.js';
import { Registrar } from './registrar/registrar.js';
import type { RemoteAccess } from './registrar/connection.js';
import { listenForConnections } from './tcp-listener.js';
import { presenter, tlsServerOptions, traceHandshakes } from './tls-listener.js';
import type { Topology } from './topology-schema.js';

type Server = Topology['servers'][number];
type SipService = 'registrar' | 'director' | 'edge';

/** The registrar of a Front End over plain TCP, too. Where it sends clients elsewhere it names TLS all the same. */
export async function startRegistrarTcp({ fqdn, address }: Server, port: number, { deployment, registrars, bindAddress, portOf }: RunningContext): Promise<LabService> {
  const server = createTcpServer({ noDelay: true }, (socket) => {
    const registrar = registrars.get(fqdn.toLowerCase());
    if (registrar === undefined || deployment.isStopped(fqdn)) socket.destroy();
    else registrar.accept(socket, peerOf(socket));
  });
  return {
    service: 'registrar-tcp', fqdn, declared: { address, port }, transport: 'tcp',
    ...await listenForConnections(server, { name: `registrar service of ${fqdn} over TCP`, bindAddress, port: portOf(fqdn, 'registrar-tcp') }),
  };
}

/**
 * An Access Edge: TLS with a certificate of its own, and behind it the next hop, which serves who comes in this way without sending them on, as it
 * would have to reach their home server for them.
 */
export function startEdge(server: Server, edge: NonNullable<Server['edge']>, context: RunningContext): Promise<LabService> {
  const remote: RemoteAccess = { webServer: edge.webServer };
  return listen('edge', server, edge, context, (socket) => {
    const nextHop = context.registrars.get(edge.nextHop.toLowerCase());
    if (nextHop === undefined || context.deployment.isStopped(edge.nextHop)) socket.destroy();
    else nextHop.accept(socket, peerOf(socket), remote);
  });
}

/** The registrar of a Front End; or a Director, which authenticates as a registrar does, and homes nobody. */
export async function startRegistrar(
  service: 'registrar' | 'director', server: Server, where: Listening & Pick<Partial<NonNullable<Server['registrar']>>, 'authenticationVersion'>, context: RunningContext,
): Promise<LabService> {
  const { deployment, registrars, forwarding } = context;
  const { fqdn } = server;
  const registrar = new Registrar({
    deployment, fqdn, forwarding, port: where.port, authenticationVersion: where.authenticationVersion ?? 4, identity: () => deployment.certificate(where.certificate), homeOf: (aor) => homeFor(aor, fqdn, deployment),
  });
  registrars.set(fqdn.toLowerCase(), registrar);
  const listening = await listen(service, server, where, context, (socket) => { registrar.accept(socket, peerOf(socket)); });
  return {
    ...listening, registrar,
    close: async () => {
      registrar.close();
      await listening.close();
    },
  };
}

type Listening = Pick<NonNullable<Server['registrar']>, 'port' | 'certificate' | 'minimumTls'>;

async function listen(
  service: SipService, { fqdn, address }: Server, { port, certificate, minimumTls }: Listening, { deployment, bindAddress, portOf }: RunningContext,
  accept: (socket: TLSSocket) => void,
): Promise<LabService> {
  const identity = deployment.certificate(certificate);
  const server = createTlsServer({ ...tlsServerOptions(identity, minimumTls), noDelay: true }, accept);
  traceHandshakes(server, deployment.trace, service);
  return {
    service, fqdn, declared: { address, port }, transport: 'tcp',
    tls: { certificate, present: presenter(server, { identity, minimumTls }) },
    ...await listenForConnections(server, { name: `${service} service of ${fqdn}`, bindAddress, port: portOf(fqdn, service) }),
  };
}

function peerOf({ remoteAddress = '', remotePort = 0 }: Socket): { address: string; port: number } {
  return { address: remoteAddress, port: remotePort };
}
