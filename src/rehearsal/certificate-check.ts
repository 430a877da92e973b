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
  checks: z.array(checkSchema).describe('every check, passed or not, but for those that cannot be judged: `trust` and `chain-complete` where no roots were given'),
});

/** What to change so that everybody asked accepts. */
export const changeSchema = z.strictObject({
  sentences: z.array(z.string()).describe('what has to be different, one matter each'),
  commands: z.array(z.string()).describe('what asks for the new certificate and installs it'),
});

/** What `lpe check --json` writes: every check of every build for every host. */
export const certificateReportSchema = z.strictObject({
  schema: z.literal(1),
  certificate: certificateDescriptionSchema.extend({
    kind: z.enum(['certificate', 'request']), issuer: z.string().nullable(), notBefore: z.iso.datetime().nullable(), notAfter: z.iso.datetime().nullable(),
    fingerprint256: z.string().nullable(),
  }).describe('of a request only subject and names are known'),
  notJudged: z.array(z.enum(checkRules)).describe('what is left open: for want of roots, or because a CA decides it later'),
  results: z.array(certificateResultSchema),
  change: changeSchema.nullable().describe('the shortest change that makes all accept; null: they do'),
});
export type CertificateReport = z.output<typeof certificateReportSchema>;
export type CertificateDescription = z.output<typeof certificateDescriptionSchema>;
export type Change = z.output<typeof changeSchema>;
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
  /** The rules to go by; default: all that can be judged. */
  rules?: ReadonlySet<CheckRule> | undefined;
}

/** Would these builds accept this certificate for these names? Offline; every check, every build. */
export function checkCertificate(input: CertificateCheckInput): CertificateReport['results'] {
  return input.hosts.flatMap((host) => input.profiles.map((loaded) => {
    const verdict = verifyServerCertificate({
      chain: input.chain, host, service: input.service, profile: loaded.profile, publicRoots: loaded.publicRoots, now: input.at,
      roots: input.roots ?? [], ...(input.sipDomain === undefined ? {} : { sipDomain: input.sipDomain }),
    });
    // Where nobody said what the phone trusts, that is left open instead of refused.
    const checks = verdict.checks.filter(({ rule }) => (input.rules?.has(rule) ?? true) && (input.roots !== undefined || !trustRules.has(rule)));
    return {
      firmware: loaded.profile.build, host, accepted: checks.every((check) => check.passed),
      checks: checks.map(({ rule, passed, sentence, confidence }) => ({ rule, passed, sentence, confidence })),
    };
  }));
}

const trustRules: ReadonlySet<CheckRule> = new Set(['trust', 'chain-complete']);

/** The rules that `checkCertificate` leaves open with this input. */
export function rulesLeftOpen({ roots, rules }: Pick<CertificateCheckInput, 'roots' | 'rules'>): CheckRule[] {
  // The version of TLS is no matter of a certificate.
  return checkRules.filter((rule) => rule !== 'tls-version' && ((rules !== undefined && !rules.has(rule)) || (roots === undefined && trustRules.has(rule))));
}

/** A certificate in short. */
export function describeCertificate(certificate: CertificateFacts): CertificateDescription {
  return {
    subject: certificate.subjectText, issuer: certificate.issuerText,
    names: [...certificate.dnsNames, ...certificate.ipAddresses],
    notBefore: new Date(certificate.notBefore).toISOString(), notAfter: new Date(certificate.notAfter).toISOString(),
    fingerprint256: certificate.fingerprint,
  };
}
