import { resolve } from 'node:path';
import { z } from 'zod';
import { writeWholeFile } from '../whole-file.js';
import { serviceNames, type LabService } from './lab-service.js';
import type { Topology } from './topology-schema.js';

/** What `lpe lab --json` writes. Users' secrets are in it: it is a lab. */
export const labFileSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  services: z.array(z.strictObject({
    service: z.enum(serviceNames), fqdn: z.string(), address: z.string().describe('where it is reached, not what the topology calls it'),
    port: z.int(), transport: z.enum(['tcp', 'udp']), tls: z.boolean(),
  })),
  rootCertificate: z.string().describe('absolute path of a PEM file with the root authorities'),
  users: z.array(z.strictObject({
    sipUri: z.string(), account: z.string(), password: z.string(), lineUri: z.string().optional(), pin: z.string().optional(),
  })),
  control: z.strictObject({ url: z.string(), token: z.string().describe('for `Authorization: Bearer`') }).describe('the control API'),
});

/** What someone needs to use a lab from outside: as in its file, but with the roots themselves, and without the control API, which is started apart. */
export type LabSummary = Omit<z.output<typeof labFileSchema>, 'rootCertificate' | 'control'> & { rootCertificates: { name: string; pem: string }[] };

export interface SummaryInput {
  topology: Topology;
  services: readonly LabService[];
  /** Where the services are reached. */
  address: string;
  roots: LabSummary['rootCertificates'];
}

export function summarise({ topology, services, address, roots }: SummaryInput): LabSummary {
  return {
    schema: 1,
    name: topology.name,
    services: services.map(({ service, fqdn, port, transport, tls }) => ({ service, fqdn, address, port, transport, tls: tls !== undefined })),
    rootCertificates: roots,
    users: topology.users.map(({ sipUri, account, password, lineUri, pin }) => ({ sipUri, account, password, lineUri, pin })),
  };
}

/**
 * Writes the summary as JSON, readable by its owner only, with `rootCertificates` replaced by `rootCertificate`, the absolute path of a PEM file beside
 * it: `lab.json` -> `lab.root.pem`. That file is there before the JSON is. Fails with `output/unwritable`.
 */
export function writeSummary({ rootCertificates, ...summary }: LabSummary, { url, token }: z.output<typeof labFileSchema>['control'], file: string): void {
  const rootCertificate = resolve(`${file.replace(/\.json$/, '')}.root.pem`);
  writeWholeFile(rootCertificate, rootCertificates.map(({ pem }) => pem).join(''));
  const content: z.output<typeof labFileSchema> = { ...summary, rootCertificate, control: { url, token } };
  writeWholeFile(file, `${JSON.stringify(content, null, 2)}\n`, { secret: true });
}
