import type { LabService, ServiceName } from './lab-services.js';
import type { Topology } from './topology-schema.js';

/** What `lpe lab --json` writes. Users' secrets are in it: it is a lab. */
export interface LabSummary {
  schema: 1;
  name: string;
  services: { service: ServiceName; fqdn: string; address: string; port: number; transport: 'tcp' | 'udp'; tls: boolean }[];
  rootCertificates: { name: string; pem: string }[];
  users: { sipUri: string; account: string; password: string; lineUri: string | undefined; pin: string | undefined }[];
  control: { url: string; token: string };
}

export interface SummaryInput {
  topology: Topology;
  services: readonly LabService[];
  /** Where the services are reached. */
  address: string;
  roots: LabSummary['rootCertificates'];
  control: LabSummary['control'];
}

export function summarise({ topology, services, address, roots, control }: SummaryInput): LabSummary {
  return {
    schema: 1,
    name: topology.name,
    services: services.map(({ service, fqdn, port, transport, tls }) => ({ service, fqdn, address, port, transport, tls: tls !== undefined })),
    rootCertificates: roots,
    users: topology.users.map(({ sipUri, account, password, lineUri, pin }) => ({ sipUri, account, password, lineUri, pin })),
    control: { url: control.url, token: control.token },
  };
}
