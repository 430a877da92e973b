import { z } from 'zod';
import { checkRules, type CheckRule } from '../firmware/certificate-check.js';
import { verifyServerCertificate } from '../firmware/certificate-policy.js';
import type { LoadedProfile } from '../firmware/loader.js';
import type { Service } from '../firmware/schema.js';
import { confidences } from '../firmware/sourced.js';
import type { CertificateFacts } from '../protocol/x509/certificate.js';

const checkSchema = z.strictObject({
  rule: z.enum(checkRules), passed: z.boolean(), sentence: z.string(),
  confidence: z.enum(confidences).describe('how well the rule behind the result is known'),
});

export const certificateDescriptionSchema = z.strictObject({
  subject: z.string(), names: z.array(z.string()).describe('subject alternative names: dNSName, then iPAddress'), issuer: z.string(),
  notBefore: z.iso.datetime(), notAfter: z.iso.datetime(), fingerprint256: z.string().describe('SHA-256 of the DER, lower-case hex'),
});

export const certificateResultSchema = z.strictObject({
  firmware: z.string(), host: z.string(), accepted: z.boolean(),
  checks: z.array(checkSchema).describe('every check, passed or not; without `trust` and `chain-complete` where no roots were given'),
});

/** What `lpe check --json` writes: every check of every build for every host. */
export const certificateReportSchema = z.strictObject({
  schema: z.literal(1), certificate: certificateDescriptionSchema, results: z.array(certificateResultSchema),
});
export type CertificateReport = z.output<typeof certificateReportSchema>;
export type CertificateDescription = z.output<typeof certificateDescriptionSchema>;
export type CertificateResult = z.output<typeof certificateResultSchema>;

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
    // Where nobody said what the phone trusts, that is left open instead of refused.
    const checks = input.roots === undefined ? verdict.checks.filter(({ rule }) => !trustRules.has(rule)) : verdict.checks;
    return {
      firmware: loaded.profile.build, host, accepted: checks.every((check) => check.passed),
      checks: checks.map(({ rule, passed, sentence, confidence }) => ({ rule, passed, sentence, confidence })),
    };
  }));
}

const trustRules: ReadonlySet<CheckRule> = new Set(['trust', 'chain-complete']);

/** A certificate in short. */
export function describeCertificate(certificate: CertificateFacts): CertificateDescription {
  return {
    subject: certificate.subjectText, issuer: certificate.issuerText,
    names: [...certificate.dnsNames, ...certificate.ipAddresses],
    notBefore: new Date(certificate.notBefore).toISOString(), notAfter: new Date(certificate.notAfter).toISOString(),
    fingerprint256: certificate.fingerprint,
  };
}
