import { createHash, timingSafeEqual } from 'node:crypto';
import { decodeBase64 } from '../soap/base64.js';
import { canonicalize } from '../soap/canonical.js';
import { verbatim, xml, type Markup } from '../soap/markup.js';
import { signatureNamespace, utilityNamespace } from '../soap/namespaces.js';
import { parseXml, type XmlElement } from '../soap/xml.js';
import { readInstant } from './instant.js';

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const sha1 = `${signatureNamespace}sha1`;

/** The two ways MS-OCAUTHWS signs: by a ticket's proof key, and by a client certificate's key. */
export type SignatureMethod = 'hmac-sha1' | 'rsa-sha1';

/** The Timestamp of a security header around its content. */
export function writeTimestamp(lifetime: string): Markup {
  return xml`<wsu:Timestamp xmlns:wsu="${utilityNamespace}" wsu:Id="timestamp">${verbatim(lifetime)}</wsu:Timestamp>`;
}

/** XML Signature 1.0 of that Timestamp; `sign` makes the value from the canonical SignedInfo, `keyInfo` says whose it is. */
export function signTimestamp(timestamp: Markup, method: SignatureMethod, sign: (signedInfo: string) => Buffer, keyInfo: Markup): Markup {
  const digest = digestOf(parseXml(timestamp.text)).toString('base64');
  const signedInfo = canonicalize(parseXml(writeSignedInfo(method, digest).text));
  return xml`<Signature xmlns="${signatureNamespace}">${verbatim(signedInfo)}<SignatureValue>${
    sign(signedInfo).toString('base64')}</SignatureValue><KeyInfo>${keyInfo}</KeyInfo></Signature>`;
}

function writeSignedInfo(method: SignatureMethod, digest: string): Markup {
  return xml`<SignedInfo xmlns="${signatureNamespace}"><CanonicalizationMethod Algorithm="${exclusiveC14n}"/><SignatureMethod Algorithm="${
    signatureNamespace + method}"/><Reference URI="#timestamp"><Transforms><Transform Algorithm="${exclusiveC14n}"/></Transforms><DigestMethod Algorithm="${sha1
  }"/><DigestValue>${digest}</DigestValue></Reference></SignedInfo>`;
}

/** How far a client's clock may be ahead: WCF's default. */
const tolerance = 5 * 60_000;

export type TimestampVerdict = { ok: true } | { ok: false; reason: string };

/**
 * Judges the Timestamp of `wsse:Security` as it arrived: it is current, and the signature covers that very Timestamp (XML Signature 1.0 section
 * 3.2, with this method and no other). `keyNamed` looks into KeyInfo for the key that `verify` tries on the canonical SignedInfo.
 */
export function verifyTimestamp(security: XmlElement, { method, now, keyNamed, verify }: {
  method: SignatureMethod;
  now: number;
  keyNamed: (keyInfo: XmlElement | undefined) => TimestampVerdict;
  verify: (signedInfo: string, value: Buffer) => TimestampVerdict;
}): TimestampVerdict {
  const refused = (reason: string): TimestampVerdict => ({ ok: false, reason });
  const timestamp = security.child('Timestamp', utilityNamespace);
  const created = readInstant(timestamp?.child('Created', utilityNamespace)?.text);
  const expires = readInstant(timestamp?.child('Expires', utilityNamespace)?.text);
  if (timestamp === undefined || created === undefined || expires === undefined) return refused('there is no Timestamp with two dates');
  if (created > now + tolerance) return refused('the Timestamp lies in the future');
  if (expires <= now) return refused('the Timestamp has expired');

  const signature = security.child('Signature', signatureNamespace);
  const signedInfo = signature?.child('SignedInfo', signatureNamespace);
  if (signature === undefined || signedInfo === undefined) return refused('there is no signature');
  const named = keyNamed(signature.child('KeyInfo', signatureNamespace));
  if (!named.ok) return named;
  const reference = coveredReference(signedInfo, method);
  if (reference === undefined) return refused(`the signature uses algorithms other than exclusive canonicalization, ${method.toUpperCase()} and SHA-1`);
  // The Id must be that of this Timestamp and of nothing else, or another element could be the one that was signed.
  const bearers = [...rootOf(security).selfAndDescendants()].filter((element) => `#${element.attribute('Id', utilityNamespace) ?? ''}` === reference.uri);
  if (bearers.length !== 1 || bearers[0] !== timestamp) return refused('the signature does not cover the Timestamp');
  if (!equal(reference.digest, digestOf(timestamp))) return refused('the Timestamp was changed after it was signed');
  return verify(canonicalize(signedInfo), decodeBase64(signature.child('SignatureValue', signatureNamespace)?.text ?? '') ?? Buffer.alloc(0));
}

/** The one reference of a SignedInfo that uses just our algorithms. */
function coveredReference(signedInfo: XmlElement, method: SignatureMethod): { uri: string; digest: Buffer | undefined } | undefined {
  const algorithm = (element: XmlElement | undefined): string | undefined =>
    (element?.elements().length === 0 ? element.attribute('Algorithm') : undefined);
  const references = signedInfo.elements('Reference', signatureNamespace);
  const [reference] = references;
  const transforms = reference?.child('Transforms')?.elements() ?? [];
  if (reference === undefined || references.length !== 1 || transforms.length !== 1
    || algorithm(signedInfo.child('CanonicalizationMethod')) !== exclusiveC14n || algorithm(signedInfo.child('SignatureMethod')) !== signatureNamespace + method
    || algorithm(transforms[0]) !== exclusiveC14n || algorithm(reference.child('DigestMethod')) !== sha1) return undefined;
  return { uri: reference.attribute('URI') ?? '', digest: decodeBase64(reference.child('DigestValue')?.text ?? '') };
}

function rootOf(element: XmlElement): XmlElement {
  return element.parent === undefined ? element : rootOf(element.parent);
}

/** Compares in constant time; false for nothing. */
export function equal(given: Buffer | undefined, expected: Buffer): boolean {
  return given !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
}

function digestOf(element: XmlElement): Buffer {
  return createHash('sha1').update(canonicalize(element)).digest();
}
