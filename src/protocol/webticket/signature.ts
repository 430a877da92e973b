import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase64 } from '../soap/base64.js';
import { canonicalize } from '../soap/canonical.js';
import { verbatim, xml, type Markup } from '../soap/markup.js';
import { samlNamespace, securityNamespace, signatureNamespace, utilityNamespace } from '../soap/namespaces.js';
import { parseXml, type XmlElement } from '../soap/xml.js';
import { readInstant } from './response.js';

const exclusiveC14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const hmacSha1 = `${signatureNamespace}hmac-sha1`;
const sha1 = `${signatureNamespace}sha1`;

/** A ticket as a client holds it. */
export interface SigningTicket {
  assertion: string;
  assertionId: string;
  lifetime: string;
  /** Absent: a bearer ticket, nothing is signed. */
  proofKey: Buffer | undefined;
}

/**
 * Writes `wsse:Security`: Timestamp with the ticket's lifetime, the ticket itself and, where there is a proof key, an
 * XML Signature (HMAC-SHA1) of the Timestamp, as MS-OCAUTHWS wants it of an endorsing token.
 */
export function writeSecurityHeader({ assertion, assertionId, lifetime, proofKey }: SigningTicket): Markup {
  const timestamp = xml`<wsu:Timestamp xmlns:wsu="${utilityNamespace}" wsu:Id="timestamp">${verbatim(lifetime)}</wsu:Timestamp>`;
  const signature = proofKey === undefined ? xml`` : sign(timestamp.text, assertionId, proofKey);
  return xml`<wsse:Security xmlns:wsse="${securityNamespace}" soap:mustUnderstand="1">${timestamp}${verbatim(assertion)}${signature}</wsse:Security>`;
}

function sign(timestamp: string, assertionId: string, proofKey: Buffer): Markup {
  const signedInfo = canonicalize(parseXml(writeSignedInfo(digestOf(parseXml(timestamp)).toString('base64')).text));
  return xml`<Signature xmlns="${signatureNamespace}">${verbatim(signedInfo)}<SignatureValue>${
    createHmac('sha1', proofKey).update(signedInfo).digest('base64')}</SignatureValue><KeyInfo><wsse:SecurityTokenReference wsse:TokenType="http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"><wsse:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID">${
    assertionId}</wsse:KeyIdentifier></wsse:SecurityTokenReference></KeyInfo></Signature>`;
}

function writeSignedInfo(digest: string): Markup {
  return xml`<SignedInfo xmlns="${signatureNamespace}"><CanonicalizationMethod Algorithm="${exclusiveC14n}"/><SignatureMethod Algorithm="${hmacSha1
  }"/><Reference URI="#timestamp"><Transforms><Transform Algorithm="${exclusiveC14n}"/></Transforms><DigestMethod Algorithm="${sha1
  }"/><DigestValue>${digest}</DigestValue></Reference></SignedInfo>`;
}

function digestOf(element: XmlElement): Buffer {
  return createHash('sha1').update(canonicalize(element)).digest();
}

/** What a server needs to judge a security header. */
export interface SignatureJudge {
  /** Milliseconds since 1970. */
  now: number;
  /** The ticket's proof key; undefined for a ticket that is not known. */
  proofKeyOf: (assertion: XmlElement, assertionId: string) => Buffer | undefined;
}

export type SignatureVerdict = { ok: true; assertionId: string } | { ok: false; reason: string };

/** How far a client's clock may be ahead: WCF's default. */
const tolerance = 5 * 60_000;

/**
 * Judges `wsse:Security` as it arrived: the ticket is known, the Timestamp is current, and the signature by the ticket's
 * proof key covers that very Timestamp (XML Signature 1.0 section 3.2, with the algorithms above and no others).
 */
export function verifySecurityHeader(security: XmlElement, { now, proofKeyOf }: SignatureJudge): SignatureVerdict {
  const refused = (reason: string): SignatureVerdict => ({ ok: false, reason });
  const assertion = security.child('Assertion', samlNamespace);
  const assertionId = assertion?.attribute('AssertionID');
  if (assertion === undefined || assertionId === undefined) return refused('there is no web ticket');
  const proofKey = proofKeyOf(assertion, assertionId);
  if (proofKey === undefined) return refused('the web ticket is not one that was issued here and still is valid');

  const timestamp = security.child('Timestamp', utilityNamespace);
  const created = readInstant(timestamp?.child('Created', utilityNamespace)?.text);
  const expires = readInstant(timestamp?.child('Expires', utilityNamespace)?.text);
  if (timestamp === undefined || created === undefined || expires === undefined) return refused('there is no Timestamp with two dates');
  if (created > now + tolerance) return refused('the Timestamp lies in the future');
  if (expires <= now) return refused('the Timestamp has expired');

  const signature = security.child('Signature', signatureNamespace);
  const signedInfo = signature?.child('SignedInfo', signatureNamespace);
  if (signature === undefined || signedInfo === undefined) return refused('there is no signature');
  if (signature.find('KeyInfo', 'SecurityTokenReference', 'KeyIdentifier')?.text.trim() !== assertionId) return refused('the signature names another ticket');
  const reference = coveredReference(signedInfo);
  if (reference === undefined) return refused('the signature uses algorithms other than exclusive canonicalization, HMAC-SHA1 and SHA-1');
  // The Id must be that of this Timestamp and of nothing else, or another element could be the one that was signed.
  const named = [...rootOf(security).selfAndDescendants()].filter((element) => `#${element.attribute('Id', utilityNamespace) ?? ''}` === reference.uri);
  if (named.length !== 1 || named[0] !== timestamp) return refused('the signature does not cover the Timestamp');
  if (!equal(reference.digest, digestOf(timestamp))) return refused('the Timestamp was changed after it was signed');
  const value = decodeBase64(signature.child('SignatureValue', signatureNamespace)?.text ?? '');
  const expected = createHmac('sha1', proofKey).update(canonicalize(signedInfo)).digest();
  if (!equal(value, expected)) return refused('the signature is not by the proof key of the ticket');
  return { ok: true, assertionId };
}

/** The one reference of a SignedInfo that uses just our algorithms. */
function coveredReference(signedInfo: XmlElement): { uri: string; digest: Buffer | undefined } | undefined {
  const algorithm = (element: XmlElement | undefined): string | undefined =>
    (element?.elements().length === 0 ? element.attribute('Algorithm') : undefined);
  const references = signedInfo.elements('Reference', signatureNamespace);
  const [reference] = references;
  const transforms = reference?.child('Transforms')?.elements() ?? [];
  if (reference === undefined || references.length !== 1 || transforms.length !== 1
    || algorithm(signedInfo.child('CanonicalizationMethod')) !== exclusiveC14n || algorithm(signedInfo.child('SignatureMethod')) !== hmacSha1
    || algorithm(transforms[0]) !== exclusiveC14n || algorithm(reference.child('DigestMethod')) !== sha1) return undefined;
  return { uri: reference.attribute('URI') ?? '', digest: decodeBase64(reference.child('DigestValue')?.text ?? '') };
}

function rootOf(element: XmlElement): XmlElement {
  return element.parent === undefined ? element : rootOf(element.parent);
}

function equal(given: Buffer | undefined, expected: Buffer): boolean {
  return given !== undefined && given.length === expected.length && timingSafeEqual(given, expected);
}
