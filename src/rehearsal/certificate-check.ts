import { z } from 'zod';
import { verifyServerCertificate, type Check } from '../firmware/certificate-policy.js';
import type { LoadedProfile } from '../firmware/loader.js';
import type { Service } from '../firmware/schema.js';
import { confidences } from '../firmware/sourced.js';

const checkSchema = z.strictObject({ rule: z.string(), passed: z.boolean(), sentence: z.string(), confidence: z.enum(confidences) });

/** What `lpe check --json` writes: every check of every build for every host. */
export const certificateReportSchema = z.strictObject({
  schema: z.literal(1),
  certificate: z.strictObject({
    subject: z.string(), names: z.array(z.string()), issuer: z.string(),
    notBefore: z.iso.datetime(), notAfter: z.iso.datetime(), fingerprint256: z.string(),
  }),
  results: z.array(z.strictObject({ firmware: z.string(), host: z.string(), accepted: z.boolean(), checks: z.array(checkSchema) })),
});
export type CertificateReport = z.output<typeof certificateReportSchema>;

export interface CertificateCheckInput {
  /** DER, leaf first, then what the server would send with it. */
  chain: readonly Buffer[];
  hosts: readonly string[];
  profiles: readonly LoadedProfile[];
  service: Service;
  sipDomain: string | undefined;
  /** DER of the roots the phone has learnt; undefined: trust is not judged. */
  roots: readonly Buffer[] | undefined;
  /** Milliseconds since 1970. */
  at: number;
}

/** Would these builds accept this certificate for these names? Offline; every check, every build. */
export function checkCertificate(input: CertificateCheckInput): CertificateReport['results'] {
  return input.hosts.flatMap((host) => input.profiles.map((loaded) => {
    const verdict = verifyServerCertificate({
      chain: input.chain, host, service: input.service, profile: loaded.profile, publicRoots: loaded.publicRoots, now: input.at,
      roots: input.roots ?? [], ...(input.sipDomain === undefined ? {} : { sipDomain: input.sipDomain }),
    });
    const checks = input.roots === undefined ? withoutTrust(verdict.checks) : verdict.checks;
    return {
      firmware: loaded.profile.build, host, accepted: checks.every((check) => check.passed),
      checks: checks.map(({ rule, passed, sentence, confidence }) => ({ rule, passed, sentence, confidence })),
    };
  }));
}

const trustRules = new Set(['trust', 'chain-complete']);

/** Nobody said what the phone trusts, so that is left open instead of refused. */
function withoutTrust(checks: readonly Check[]): Check[] {
  return checks.map((check) => (trustRules.has(check.rule)
    ? { ...check, passed: true, confidence: 'assumed', sentence: 'Not judged: no roots were given, so the phone is taken to have learnt this CA.' } : check));
}
