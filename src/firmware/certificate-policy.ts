import { Failure, understood } from '../failure.js';
import { readCertificate, type CertificateFacts } from '../protocol/x509/certificate.js';
import { bareCommonNameCheck } from './bare-common-name.js';
import { buildChain } from './chain-building.js';
import { check, standard, type Check, type CheckRule } from './certificate-check.js';
import { fieldChecks } from './field-checks.js';
import { nameChecks, type NameInput } from './name-check.js';
import { trustChecks } from './trust-check.js';

export type { Check, CheckRule } from './certificate-check.js';

/** What a client knows when a server presents its certificate. */
export interface CertificateInput extends NameInput {
  /** DER as presented, leaf first. */
  chain: readonly Buffer[];
  /** Roots the client has learnt, DER: from the downloaded chain and from the directory. */
  roots: readonly Buffer[];
  /** Intermediates that came with the downloaded chain, DER. */
  intermediates?: readonly Buffer[] | undefined;
  /** The build's own store, DER. */
  publicRoots: readonly Buffer[];
  /** As Node names it: `TLSv1`, `TLSv1.2`. Not checked when absent. */
  tlsVersion?: string | undefined;
  /** The client's clock, milliseconds since 1970. */
  now: number;
}

/** What came of judging a server's certificate. */
export interface CertificateVerdict<Rule extends string = CheckRule> {
  accepted: boolean;
  /** Every check, passed or not; without a readable leaf only `well-formed` and `tls-version`. */
  checks: readonly Check<Rule>[];
  /** What this build does when it refuses. */
  onRefusal: 'silent-close' | 'alert' | 'reboot';
}

/**
 * How a client judges what a server presents; `verifyServerCertificate` is one. It must be pure: it is asked a second time, with the right time, where
 * the phone's clock may be to blame for a refusal. Checks that did not pass become the sentence of the failure.
 */
export type CertificatePolicy = (input: CertificateInput) => CertificateVerdict<string>;

/** A peer may present what it likes; no chain comes near this. */
const mostCertificates = 32;

/**
 * Whether this build accepts this chain for this host. Pure: no sockets, no clock of its own, nothing fetched; never throws, whatever
 * is presented.
 */
export function verifyServerCertificate(input: CertificateInput): CertificateVerdict {
  const { profile, now } = input;
  const { certificates, check: wellFormed } = readPresented(input.chain);
  const [leaf, ...others] = certificates;
  const checks = [wellFormed];
  if (leaf !== undefined) {
    const chain = buildChain({
      leaf, now,
      pool: [...others.filter((each) => each !== undefined), ...readKnown(input.intermediates ?? [])],
      learnt: readKnown(input.roots),
      publicRoots: readKnown(input.publicRoots),
    });
    checks.push(...nameChecks(leaf, input), ...(input.service === 'exchange' ? [bareCommonNameCheck(leaf, input)] : []), ...trustChecks(chain, profile), ...fieldChecks(chain, profile.certificate, now));
  }
  if (input.tlsVersion !== undefined) checks.push(tlsVersionCheck(input.tlsVersion, input));
  return { accepted: checks.every(({ passed }) => passed), checks, onRefusal: refusal(input) };
}

/** The presented certificates in their places, undefined where one cannot be read. */
function readPresented(chain: readonly Buffer[]): { certificates: (CertificateFacts | undefined)[]; check: Check } {
  const faults: string[] = chain.length === 0 ? ['The server presented no certificate.'] : [];
  if (chain.length > mostCertificates) faults.push(`The server presented ${chain.length} certificates; only the first ${mostCertificates} were read.`);
  const certificates = chain.slice(0, mostCertificates).map((der, index) => {
    try {
      return readCertificate(der);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      faults.push(`Certificate ${index + 1} of the ${chain.length} presented cannot be read. ${error.message}`);
      return undefined;
    }
  });
  const good = chain.length === 1 ? 'The presented certificate can be read.' : `The ${chain.length} presented certificates can be read.`;
  const sentence = faults[0] ?? good;
  return { certificates, check: check('well-formed', faults.length === 0, sentence, standard, { facts: { presented: chain.length, faults } }) };
}

/** What the client holds already; one it could not read would not have been kept. */
function readKnown(ders: readonly Buffer[]): CertificateFacts[] {
  return ders.flatMap((der) => understood(() => readCertificate(der)) ?? []);
}

function tlsVersionCheck(version: string, { profile: { tls } }: CertificateInput): Check {
  const name = version.replace(/^TLSv1$/, 'TLSv1.0').replace('TLSv', 'TLS ');
  const known = tls.versions.value.some((each) => each === version);
  // TLS 1.0 is what every build speaks.
  return check('tls-version', known, `The server speaks ${name}, which this build ${known ? 'speaks' : 'does not speak'}.`, tls.versions, {
    decisive: version !== 'TLSv1', facts: { version, known: tls.versions.value },
  });
}

function refusal({ service, method, profile: { certificate } }: CertificateInput): CertificateVerdict['onRefusal'] {
  return ((service === 'web' && method === 'tethered' ? certificate.onRefusalTetheredWeb : undefined) ?? certificate.onRefusal[service]).value;
}
