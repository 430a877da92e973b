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
  // A trusted root is taken as it is: nobody verifies its own signature.
  const signed = chain.anchor === undefined ? path : path.slice(0, -1);
  return [
    chainLength(path, rules.maximumChainLength),
    validity(path, rules.validity, now),
    signatureHash(signed, rules.signatureHashes),
    keyType(path, signed, rules.keyTypes),
    keySize(path, rules.minimumRsaBits),
    rsaPss(signed, rules.rsaPss),
    extendedKeyUsage(path[0] as CertificateFacts, rules.extendedKeyUsage),
    basicConstraints(chain, rules.basicConstraints),
    pathLength(path, rules.basicConstraints),
  ];
}

interface FieldCheck {
  rule: CheckRule;
  because: Provenance & { value: unknown };
  certificates: readonly CertificateFacts[];
  /** What is wrong with one of them: `expired on ...`. */
  fault: (certificate: CertificateFacts) => string | undefined;
  /** The sentence when nothing is. */
  good: string;
  decisive?: boolean;
}

/** One check over several certificates; the first fault is the sentence, all of them are facts. */
function eachOf({ rule, because, certificates, fault, good, decisive = false }: FieldCheck): Check {
  const faults = certificates.flatMap((certificate) => {
    const what = fault(certificate);
    return what === undefined ? [] : [`The certificate ${called(certificate)} ${what}`];
  });
  const [first] = faults;
  const facts = { faults };
  if (first === undefined) return check(rule, true, good, because, { decisive });
  // Where the profile ignores the matter, a fault is reported but does not count.
  if (because.value === 'ignored') return check(rule, true, `${first}, which this build ignores.`, because, { decisive: true, facts });
  return check(rule, false, `${first}.`, because, { facts });
}

function chainLength(path: readonly CertificateFacts[], rule: Rules['maximumChainLength']): Check {
  const count = path.length === 1 ? 'one certificate' : `${path.length} certificates`;
  const facts = { length: path.length, maximum: rule.value };
  if (rule.value === null) return check('chain-length', true, `The chain has ${count}; no limit of this build is known.`, rule, { facts });
  return check('chain-length', path.length <= rule.value, `The chain has ${count}; this build takes ${rule.value}.`, rule, { facts });
}

function validity(path: readonly CertificateFacts[], rule: Rules['validity'], now: number): Check {
  return eachOf({
    rule: 'validity', because: rule, certificates: path, good: `Every certificate of the chain is valid on ${minute(now)}.`,
    fault({ notBefore, notAfter }) {
      if (now < notBefore) return `is not valid before ${minute(notBefore)}, and the clock says ${minute(now)}`;
      return now > notAfter ? `expired on ${minute(notAfter)}, and the clock says ${minute(now)}` : undefined;
    },
  });
}

function signatureHash(signed: readonly CertificateFacts[], rule: Rules['signatureHashes']): Check {
  const known: readonly string[] = rule.value;
  return eachOf({
    rule: 'signature-hash', because: rule, certificates: signed, good: 'Every signature of the chain uses a hash this build knows.',
    decisive: signed.some(({ signature }) => signature.hash !== everyBuildsHash),
    fault({ signature: { algorithm, hash } }) {
      if (hash === undefined) return algorithm === 'ed25519' ? undefined : `is signed with the unknown algorithm ${printable(algorithm)}`;
      return known.includes(hash) ? undefined : `is signed with ${hash.toUpperCase().replace('SHA', 'SHA-')}, which this build does not know`;
    },
  });
}

/** The certificate's own key, and by its signature the issuer's, whose certificate may not be at hand. */
function keyType(path: readonly CertificateFacts[], signed: readonly CertificateFacts[], rule: Rules['keyTypes']): Check {
  const unknown = (type: string | undefined) => type !== undefined && !rule.value.some((each) => each === type);
  const signer = (certificate: CertificateFacts) => (signed.includes(certificate) ? signerKeyType(certificate) : undefined);
  return eachOf({
    rule: 'key-type', because: rule, certificates: path, good: 'Every key of the chain is of a type this build knows.',
    decisive: path.some((each) => ownKeyType(each) !== everyBuildsKey || (signer(each) ?? everyBuildsKey) !== everyBuildsKey),
    fault(certificate) {
      const { curve } = certificate.key;
      const type = ownKeyType(certificate);
      if (unknown(type)) return `has a key of the type ${type}${curve === undefined ? '' : ` (${curve})`}, which this build does not know`;
      return unknown(signer(certificate)) ? `is signed by a key of the type ${signer(certificate)}, which this build does not know` : undefined;
    },
  });
}

const ownKeyType = ({ key }: CertificateFacts) => (key.type === 'rsa-pss' ? 'rsa' : key.type);

const signerKeyTypes: Readonly<Record<string, string>> = { 'rsa-pkcs1': 'rsa', 'rsa-pss': 'rsa', ecdsa: 'ec', dsa: 'dsa', ed25519: 'ed25519' };

/** Undefined for an algorithm known by its number only: that is the affair of `signature-hash`. */
function signerKeyType({ signature: { algorithm } }: CertificateFacts): string | undefined {
  return signerKeyTypes[algorithm];
}

function keySize(path: readonly CertificateFacts[], rule: Rules['minimumRsaBits']): Check {
  const bitsOf = (certificate: CertificateFacts) => (ownKeyType(certificate) === 'rsa' ? certificate.key.bits : undefined) ?? Infinity;
  return eachOf({
    rule: 'key-size', because: rule, certificates: path, good: 'Every RSA key of the chain is long enough.',
    decisive: path.some((each) => bitsOf(each) < everyBuildsBits),
    fault(certificate) {
      const bits = bitsOf(certificate);
      return bits < rule.value ? `has an RSA key of ${bits} bits, where this build wants ${rule.value} at least` : undefined;
    },
  });
}

function rsaPss(signed: readonly CertificateFacts[], rule: Rules['rsaPss']): Check {
  const uses = ({ signature, key }: CertificateFacts) => signature.algorithm === 'rsa-pss' || key.type === 'rsa-pss';
  return eachOf({
    rule: 'rsa-pss', because: rule, certificates: signed, decisive: signed.some(uses),
    good: signed.some(uses) ? 'The chain uses RSASSA-PSS, which this build knows.' : 'No certificate of the chain uses RSASSA-PSS.',
    fault: (certificate) => (rule.value || !uses(certificate) ? undefined
      : 'uses RSASSA-PSS (the alternate signature format), which this build does not know'),
  });
}

function extendedKeyUsage({ extendedKeyUsage: usages }: CertificateFacts, rule: Rules['extendedKeyUsage']): Check {
  const facts = { extendedKeyUsage: usages };
  if (usages?.some((usage) => usage === serverAuthentication || usage === anyUsage) === true) {
    return check('extended-key-usage', true, 'The certificate is meant for server authentication.', rule, { facts });
  }
  const fault = usages === undefined ? 'The certificate has no extended key usage' : 'The certificate is not meant for server authentication';
  const passed = rule.value === 'ignored' || (rule.value === 'if-present' && usages === undefined);
  const sentence = passed ? `${fault}, which this build takes.` : `${fault}, which this build wants.`;
  return check('extended-key-usage', passed, sentence, rule, { decisive: true, facts });
}

function basicConstraints({ path, anchor }: BuiltChain, rule: Rules['basicConstraints']): Check {
  return eachOf({
    rule: 'basic-constraints', because: rule, certificates: path.slice(1), good: 'Every issuer of the chain is an authority.',
    fault(certificate) {
      // A root of version 1 has no extensions at all and is trusted as it is.
      const mayIssue = certificate.basicConstraints?.ca ?? (anchor !== undefined && certificate === path.at(-1));
      return mayIssue ? undefined : 'issued the next certificate without being an authority (basicConstraints)';
    },
  });
}

/** Self-issued certificates do not count (RFC 5280 section 4.2.1.9). */
function pathLength(path: readonly CertificateFacts[], rule: Rules['basicConstraints']): Check {
  return eachOf({
    rule: 'path-length', because: rule, certificates: path.slice(1), good: 'No authority of the chain has more intermediates below it than it allows.',
    fault(certificate) {
      const allowed = certificate.basicConstraints?.pathLength;
      const below = path.slice(1, path.indexOf(certificate)).filter(({ selfIssued }) => !selfIssued).length;
      return allowed !== undefined && below > allowed ? `allows ${allowed} intermediate authorities below it, and the chain has ${below}` : undefined;
    },
  });
}

const minute = (milliseconds: number) => `${new Date(milliseconds).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
