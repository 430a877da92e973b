import { z } from 'zod';
import { services } from '../../firmware/schema.js';
import { certificateDescriptionSchema, certificateResultSchema, changeSchema } from '../certificate-check.js';

/** What one server answers to phones, and what they make of it. */
export const endpointReportSchema = z.strictObject({
  server: z.string().describe('as asked for: host and port'),
  address: z.string().nullable().describe('where that is, with the port; null: DNS gives none'),
  service: z.enum(services),
  host: z.string().describe('the name that phones connect to, which the certificate is held against'),
  unreachable: z.string().nullable().describe('why there was no connection at all'),
  versions: z.array(z.strictObject({
    version: z.enum(['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3']), accepted: z.boolean(), cipherSuite: z.string().nullable(), sentence: z.string(),
  })).describe('each offered alone; 1.0 as phones offer it'),
  serverNameIndication: z.strictObject({ needed: z.boolean().nullable().describe('null: not known'), sentence: z.string() }).nullable(),
  clock: z.strictObject({ aheadSeconds: z.number().nullable().describe('of this machine; null: not known'), sentence: z.string() }),
  handshakes: z.array(z.strictObject({
    firmware: z.array(z.string()).describe('builds that speak TLS alike'),
    serverNameSent: z.boolean(), completed: z.boolean(), version: z.string().nullable(), cipherSuite: z.string().nullable(), sentence: z.string(),
    chain: z.array(certificateDescriptionSchema.nullable()).describe("as sent, the server's own first; null in the place of one that cannot be read"),
  })),
  results: z.array(certificateResultSchema).describe('what each build makes of the chain that it was sent, or, where its handshake ends before, of the one that newer clients are sent'),
  accepting: z.array(z.string()).describe('builds that connect and accept'),
  refusing: z.array(z.string()).describe('builds that do not'),
  change: changeSchema.nullable().describe('what makes all accept; null: they do'),
});
export type EndpointReport = z.output<typeof endpointReportSchema>;

/** What `lpe probe --json` prints. */
export const probeReportSchema = z.strictObject({ schema: z.literal(1), endpoints: z.array(endpointReportSchema) });
export type ProbeReport = z.output<typeof probeReportSchema>;
