import type { CheckRule } from '../firmware/certificate-check.js';
import { isPlainName } from '../firmware/host-name.js';
import type { FirmwareProfile, Service } from '../firmware/schema.js';
import type { CertificateResult, Change } from './certificate-check.js';
import { requestCertificate, setCertificate } from './diagnosis/certificate-commands.js';
import { folded } from './folded-text.js';

/** Long enough for every build known, and for every CA of today. */
const usualKeyBits = 2048;
/** Stronger first. */
const hashes = ['sha512', 'sha384', 'sha256', 'sha1', 'md5'] as const;

type Rules = FirmwareProfile['certificate'];

export interface ChangeInput {
  profiles: readonly FirmwareProfile[];
  service: Service;
  /** The names that the certificate has and keeps, as far as they are names: commands are pasted. */
  names: readonly string[];
}

/**
 * The shortest change to a certificate, and to what stands around it, that makes all of `profiles` accept it for all hosts it was held against;
 * undefined where they do. A new certificate is asked for at most once, with everything that is wrong with the present one put right.
 */
export function shortestChange(results: readonly CertificateResult[], { profiles, service, names: present }: ChangeInput): Change | undefined {
  const failed = new Map<CheckRule, CertificateResult[]>();
  for (const result of results) for (const { rule, passed } of result.checks) if (!passed) failed.set(rule, [...failed.get(rule) ?? [], result]);
  if (failed.size === 0) return undefined;
  const names = [...new Set([...failed.get('name') ?? [], ...failed.get('name-in-sip-domain') ?? []].map(({ host }) => host))];
  const rules = profiles.map(({ certificate }) => certificate);
  const sentences = [...failed].flatMap(([rule]) => sentenceFor(rule, names, rules));
  const reissued = [...failed.keys()].some((rule) => !aroundIt.has(rule));
  return { sentences: [...new Set(sentences)], commands: reissued ? commandsFor(new Set(failed.keys()), [...new Set([...present, ...names])].filter(isPlainName), service) : [] };
}

/** Rules that no new certificate for the server helps against. */
const aroundIt: ReadonlySet<CheckRule> = new Set(['trust', 'chain-complete', 'basic-constraints', 'path-length', 'chain-length', 'tls-version']);

function sentenceFor(rule: CheckRule, names: readonly string[], rules: readonly Rules[]): string[] {
  switch (rule) {
    case 'name': case 'name-in-sip-domain':
      return [`Spell out ${names.join(', ')} as ${names.length === 1 ? 'a subject alternative name' : 'subject alternative names'}.`];
    case 'key-type': case 'key-size': {
      const bits = Math.max(usualKeyBits, ...rules.map(({ minimumRsaBits }) => minimumRsaBits.value));
      return [`Make a new key: RSA with ${bits} bits.`];
    }
    case 'signature-hash': {
      const common = hashes.find((hash) => rules.every(({ signatureHashes }) => signatureHashes.value.includes(hash)));
      return [common === undefined ? 'No hash is known to all of these builds: bring the older ones to a newer build first.'
        : `Have every certificate of the chain signed with ${common.toUpperCase().replace('SHA', 'SHA-')}, the strongest hash that all of these builds know, or bring the older ones to a newer build first.`];
    }
    case 'rsa-pss': return ['Have the CA sign with PKCS #1 v1.5 instead of RSASSA-PSS (certutil -setreg CA\\csp\\AlternateSignatureAlgorithm 0).'];
    case 'extended-key-usage': return ['Use a template that allows server authentication (1.3.6.1.5.5.7.3.1).'];
    case 'validity': return ['Renew what has expired, or is not valid yet; where the dates are right, set the clock.'];
    case 'trust': return ['Let the phones learn the root: publish it in Active Directory for tethered phones, list it for the certificate web service for PIN phones.'];
    case 'chain-complete': return ['Have the server send its intermediates with the certificate.'];
    case 'basic-constraints': case 'path-length': case 'chain-length': return ['Have it issued by an authority whose chain is well formed: CA certificates marked as such, path lengths kept.'];
    case 'bare-common-name': return ['Name the subject (CN) for a host of the certificate instead of the bare domain.'];
    case 'well-formed': return ['Take a certificate that can be read.'];
    case 'tls-version': return ['Leave TLS 1.0 switched on for phones, on the server and on every proxy in front of it: their system has nothing newer.'];
  }
}

function commandsFor(failed: ReadonlySet<CheckRule>, names: readonly string[], service: Service): string[] {
  const key = failed.has('key-type') || failed.has('key-size') ? ` -KeySize ${usualKeyBits}` : '';
  if (service === 'exchange') {
    return [`New-ExchangeCertificate -GenerateRequest -DomainName ${names.join(',') || '<names>'}${key}   (Exchange Management Shell; add the names it has now)`];
  }
  const template = failed.has('extended-key-usage') ? ' -Template WebServer' : '';
  return [requestCertificate({ names: names.join(','), more: `${key}${template}` }), setCertificate];
}

/** As lines of text. Commands are not folded: they are there to be pasted. */
export function renderChange({ sentences, commands }: Change, width: number): string[] {
  return [...sentences.flatMap((sentence) => folded('  - ', sentence, width)), ...commands.map((command) => `    ${command}`)];
}
