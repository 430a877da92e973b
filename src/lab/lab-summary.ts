import { resolve } from 'node:path';
import { writeWholeFile } from '../whole-file.js';
import type { LabService, ServiceName } from './lab-services.js';
import type { Topology } from './topology-schema.js';

/** What someone needs to use a lab from outside. Users' secrets are in it: it is a lab. */
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

/**
 * Writes the summary as JSON, readable by its owner only, with `rootCertificates` replaced by `rootCertificate`, the absolute path of a PEM file beside
 * it: `lab.json` -> `lab.root.pem`. That file is there before the JSON is. Fails with `output/unwritable`.
 */
export function writeSummary({ rootCertificates, ...summary }: LabSummary, file: string): void {
  const rootCertificate = resolve(`${file.replace(/\.json$/, '')}.root.pem`);
  writeWholeFile(rootCertificate, rootCertificates.map(({ pem }) => pem).join(''));
  writeWholeFile(file, `${JSON.stringify({ ...summary, rootCertificate }, null, 2)}\n`, { secret: true });
}
