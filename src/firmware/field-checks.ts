import type { CertificateFacts } from '../protocol/x509/certificate.js';
import { called, check, printable, type Check, type CheckRule } from './certificate-check.js';
import type { BuiltChain } from './chain-building.js';
import type { FirmwareProfile } from './schema.js';
import type { Provenance } from './sourced.js';

const serverAuthentication = '1.3.6.1.5.5.7.3.1';
const anyUsage = '2.5.29.37.0';
/** Every build takes these, so that a chain made of them says nothing about the build. */
const everyBuildsHash = 'sha1';
const everyBuildsKey = 'rsa';
const everyBuildsBits = 2048;

type Rules = FirmwareProfile['certificate'];

/** What the chain's certificates say, field by field: length, validity, signatures, keys, usage and constraints. */
export function fieldChecks(chain: BuiltChain, rules: Rules, now: number): Check[] {
  const { path } = chain;
  const leaf = path[0] as CertificateFacts;
  // A trusted root is taken as it is: nobody verifies its own signature.
  const signed = chain.anchor === undefined ? path : path.slice(0, -1);
  const authorities = path.slice(1);
  return [
    chainLength(path, rules.maximumChainLength),
    validity(path, rules.validity, now),
    all('signature-hash', signed, rules.signatureHashes, ({ signature }) => hashFault(signature, rules.signatureHashes.value), 'Every signature of the chain uses a hash this build knows.',
      signed.some(({ signature }) => signature.hash !== everyBuildsHash)),
    all('key-type', path, rules.keyTypes, (certificate) => keyFault(certificate, signed.includes(certificate), rules.keyTypes.value), 'Every key of the chain is of a type this build knows.',
      path.some((certificate) => keyFamilies(certificate, true).some((family) => family !== everyBuildsKey))),
    all('key-size', path, rules.minimumRsaBits, ({ key: { type, bits } }) => (isRsa(type) && bits !== undefined && bits < rules.minimumRsaBits.value
      ? `has an RSA key of ${bits} bits, where this build wants ${rules.minimumRsaBits.value} at least` : undefined), 'Every RSA key of the chain is long enough.',
      path.some(({ key: { type, bits } }) => isRsa(type) && bits !== undefined && bits < everyBuildsBits)),
    all('rsa-pss', signed, rules.rsaPss, ({ signature, key }) => ((signature.algorithm === 'rsa-pss' || key.type === 'rsa-pss') && !rules.rsaPss.value
      ? 'uses RSASSA-PSS (the alternate signature format), which this build does not know' : undefined),
      rules.rsaPss.value ? 'This build knows RSASSA-PSS.' : 'No certificate of the chain uses RSASSA-PSS.', signed.some(({ signature }) => signature.algorithm === 'rsa-pss')),
    extendedKeyUsage(leaf, rules.extendedKeyUsage),
    all('basic-constraints', authorities, rules.basicConstraints, (certificate) => {
      // A root of version 1 has no extensions at all and is trusted as it is.
      const mayIssue = certificate.basicConstraints?.ca ?? (certificate === path.at(-1) && chain.anchor !== undefined);
      return mayIssue ? undefined : 'issued the next certificate without being an authority (basicConstraints)';
    }, 'Every issuer of the chain is an authority.'),
    all('path-length', authorities, rules.basicConstraints, (certificate) => {
      const allowed = certificate.basicConstraints?.pathLength;
      const below = path.slice(1, path.indexOf(certificate)).filter(({ selfIssued }) => !selfIssued).length;
      return allowed !== undefined && below > allowed ? `allows ${allowed} intermediate authorities below it, and the chain has ${below}` : undefined;
    }, 'No authority of the chain has more intermediates below it than it allows.'),
  ];
}

/** One check over several certificates; the first fault is the sentence, all of them are facts. */
function all(
  rule: CheckRule, certificates: readonly CertificateFacts[], because: Provenance & { value?: unknown },
  fault: (certificate: CertificateFacts) => string | undefined, good: string, decisive = false,
): Check {
  const faults = certificates.flatMap((certificate) => {
    const what = fault(certificate);
    return what === undefined ? [] : [`The certificate ${called(certificate)} ${what}.`];
  });
  const [first] = faults;
  // Where the profile ignores the matter, a fault is reported but does not count.
  if (first !== undefined && because.value === 'ignored') return check(rule, true, `${first.slice(0, -1)}, which this build ignores.`, because, { decisive: true, facts: { faults } });
  return first === undefined ? check(rule, true, good, because, { decisive }) : check(rule, false, first, because, { facts: { faults } });
}

function chainLength(path: readonly CertificateFacts[], rule: Rules['maximumChainLength']): Check {
  const count = path.length === 1 ? 'one certificate' : `${path.length} certificates`;
  const facts = { length: path.length, maximum: rule.value };
  if (rule.value === null) return check('chain-length', true, `The chain has ${count}; no limit of this build is known.`, rule, { facts });
  return check('chain-length', path.length <= rule.value, `The chain has ${count}; this build takes ${rule.value}.`, rule, { facts });
}

function validity(path: readonly CertificateFacts[], rule: Rules['validity'], now: number): Check {
  return all('validity', path, rule, ({ notBefore, notAfter }) => {
    if (now < notBefore) return `is not valid before ${day(notBefore)}, and the clock says ${day(now)}`;
    return now > notAfter ? `expired on ${day(notAfter)}, and the clock says ${day(now)}` : undefined;
  }, `Every certificate of the chain is valid on ${day(now)}.`);
}

function hashFault({ algorithm, hash }: CertificateFacts['signature'], known: readonly string[]): string | undefined {
  if (hash === undefined) return algorithm === 'ed25519' ? undefined : `is signed with the unknown algorithm ${printable(algorithm)}`;
  return known.includes(hash) ? undefined : `is signed with ${hash.replace(/^(md|sha)/, (name) => `${name.toUpperCase()}${name === 'sha' ? '-' : ''}`)}, which this build does not know`;
}

function keyFault(certificate: CertificateFacts, signatureCounts: boolean, known: readonly string[]): string | undefined {
  const family = keyFamilies(certificate, signatureCounts).find((each) => !known.includes(each));
  if (family === undefined) return undefined;
  const { key } = certificate;
  const own = family === keyFamilies(certificate, false)[0];
  return `${own ? `has a key of the type ${family}${key.curve === undefined ? '' : ` (${key.curve})`}` : `is signed by a key of the type ${family}`}, which this build does not know`;
}

/** Types of the certificate's own key and, by the signature, of its issuer's, which may not be at hand. */
function keyFamilies({ key, signature }: CertificateFacts, signatureCounts: boolean): string[] {
  const signer = { 'rsa-pkcs1': 'rsa', 'rsa-pss': 'rsa', ecdsa: 'ec' }[signature.algorithm] ?? signature.algorithm;
  // An algorithm by its number is the affair of the hash check.
  return [isRsa(key.type) ? 'rsa' : key.type, ...(signatureCounts && !/^\d/.test(signer) ? [signer] : [])];
}

function extendedKeyUsage({ extendedKeyUsage: usages }: CertificateFacts, rule: Rules['extendedKeyUsage']): Check {
  const facts = { extendedKeyUsage: usages };
  if (usages?.some((usage) => usage === serverAuthentication || usage === anyUsage) === true) {
    return check('extended-key-usage', true, 'The certificate is meant for server authentication.', rule, { facts });
  }
  const fault = usages === undefined ? 'The certificate has no extended key usage' : 'The certificate is not meant for server authentication';
  const passed = rule.value === 'ignored' || (rule.value === 'if-present' && usages === undefined);
  return check('extended-key-usage', passed, `${fault}, ${passed ? 'which this build takes' : 'which this build wants'}.`, rule, { decisive: true, facts });
}

const isRsa = (type: string) => type === 'rsa' || type === 'rsa-pss';
const day = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ') + ' UTC';
