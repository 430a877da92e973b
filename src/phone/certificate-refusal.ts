import { understood } from '../failure.js';
import type { CertificatePolicy, Check } from '../firmware/certificate-policy.js';
import type { FirmwareProfile, Service } from '../firmware/schema.js';
import type { ScreenId } from '../firmware/screen-ids.js';
import type { Judgement } from '../protocol/tls/certificate-gate.js';
import { readCertificate } from '../protocol/x509/certificate.js';
import { StageFailure } from './stage-failure.js';

/** unknown_ca, RFC 5246 section 7.2.2. */
const unknownAuthority = 48;

type Verdict = ReturnType<CertificatePolicy>;

/** How a refusing phone leaves the connection. One that restarts just drops it. */
export function judgementOf(verdict: Verdict): Judgement {
  if (verdict.accepted) return { accept: true };
  if (verdict.onRefusal !== 'alert') return { accept: false, how: 'silent-close' };
  return { accept: false, how: 'alert', ...(failed(verdict).some((check) => check.rule === 'trust') ? { alert: unknownAuthority } : {}) };
}

/** The failure that follows from a refused certificate, with every failed check, the names it presented and what is known about each rule. */
export function certificateRefusal(
  verdict: Verdict, at: { host: string; port: number; service: Service; chain: readonly Buffer[] }, profile: FirmwareProfile,
): StageFailure {
  const checks = failed(verdict);
  const reboots = verdict.onRefusal === 'reboot';
  const reasons = checks.map((check) => check.sentence.replace(/\.$/, '')).join('; ');
  return new StageFailure(
    'certificate-refused', reboots ? 'reboot' : 'retry', `The phone refused the certificate of ${at.host}:${at.port}: ${reasons}.`, {
      facts: {
        host: at.host, port: at.port, service: at.service, presentedNames: presentedNames(at.chain[0]),
        failedChecks: checks.map(({ rule, sentence, facts }) => ({ rule, sentence, facts })),
      },
      because: [...checks.map(({ confidence, evidence, disputed, note }) => ({ confidence, evidence, disputed, note })),
        ...(reboots ? [profile.certificate.onRefusal[at.service]] : [])],
      screen: screenOf(checks, at.service, profile),
    });
}

function screenOf(checks: readonly Check<string>[], service: Service, { certificate: { screenOnDistrust } }: FirmwareProfile): ScreenId {
  // Observed with it: the message that speaks of credentials.
  if (checks.every(({ rule }) => rule === 'bare-common-name')) return 'exchange-credentials';
  if (service !== 'sip') return 'certificate-problem';
  const onlyDistrust = checks.every(({ rule }) => rule === 'trust' || rule === 'chain-complete');
  return (onlyDistrust ? screenOnDistrust?.value : undefined) ?? 'cannot-connect-retrying';
}

function failed(verdict: Verdict): Check<string>[] {
  return verdict.checks.filter((check) => !check.passed);
}

/** dNSNames and common names, as written; none when the certificate cannot be read. */
function presentedNames(leaf: Buffer | undefined): string[] {
  const facts = leaf && understood(() => readCertificate(leaf));
  return facts === undefined ? [] : [...new Set([...facts.subjectCommonNames, ...facts.dnsNames])];
}
