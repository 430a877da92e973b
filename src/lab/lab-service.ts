import type { Endpoint } from '../network/network.js';
import type { Forwarding } from './registrar/forwarding.js';
import type { Registrar } from './registrar/registrar.js';
import type { RunningDeployment } from './running-deployment.js';
import type { TlsFace } from './tls-listener.js';

export const serviceNames = [
  'registrar', 'registrar-tcp', 'registrar-dhcp', 'outside-dns', 'outside-dhcp', 'director', 'edge', 'https', 'http', 'exchange', 'directory', 'dns', 'dhcp', 'ntp',
] as const;
/** What a service of a lab is. */
export type ServiceName = (typeof serviceNames)[number];

/** One service of a lab while it runs. */
export interface LabService {
  service: ServiceName;
  /** Of the server it runs on. */
  fqdn: string;
  /** As the topology has it: where phones on the lab's own network find it. */
  declared: Endpoint;
  transport: 'tcp' | 'udp';
  /** Where it really listens. */
  port: number;
  /** For a service with TLS. @internal */
  tls?: {
    /** Its name in the topology. */
    certificate: string;
    /** Shows another certificate, or takes another oldest version, from the next handshake on. */
    present(change: Partial<TlsFace>): void;
  };
  /** Of a service over UDP: as `DatagramService` has it. @internal */
  onSilence?(listener: (port: number) => void): () => void;
  /** @internal */
  registrar?: Registrar;
  /** Ends what is connected and listens no more. */
  close(): Promise<void>;
  /** Of a service over TCP: listens again, on the same port. */
  reopen?(): Promise<void>;
}

export interface ServiceContext {
  deployment: RunningDeployment;
  bindAddress: string;
  /** The port a service is to listen on; 0 takes a free one. */
  portOf: (fqdn: string, service: ServiceName) => number;
}

/** What the services of one lab have in common. */
export interface RunningContext extends ServiceContext {
  /** Of Front Ends and Directors, by their FQDN in lower case. */
  registrars: Map<string, Registrar>;
  /** What their users say to each other. */
  forwarding: Forwarding;
}
