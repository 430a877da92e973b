import { createHmac } from 'node:crypto';
import { verbatim, xml, type Markup } from '../soap/markup.js';
import { samlNamespace, securityNamespace } from '../soap/namespaces.js';
import type { XmlElement } from '../soap/xml.js';
import { equal, signTimestamp, verifyTimestamp, writeTimestamp } from './timestamp-signature.js';

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
  const timestamp = writeTimestamp(lifetime);
  const signature = proofKey === undefined ? xml`` : sign(timestamp, assertionId, proofKey);
  return xml`<wsse:Security xmlns:wsse="${securityNamespace}" soap:mustUnderstand="1">${timestamp}${verbatim(assertion)}${signature}</wsse:Security>`;
}

function sign(timestamp: Markup, assertionId: string, proofKey: Buffer): Markup {
  return signTimestamp(timestamp, 'hmac-sha1', (signedInfo) => createHmac('sha1', proofKey).update(signedInfo).digest(),
    xml`<wsse:SecurityTokenReference wsse:TokenType="http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1"><wsse:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID">${
      assertionId}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`);
}

/** What a server needs to judge a security header. */
export interface SignatureJudge {
  /** Milliseconds since 1970. */
  now: number;
  /** The ticket's proof key; undefined for a ticket that is not known. */
  proofKeyOf: (assertion: XmlElement, assertionId: string) => Buffer | undefined;
}

export type SignatureVerdict = { ok: true; assertionId: string } | { ok: false; reason: string };

/**
 * Judges `wsse:Security` as it arrived: the ticket is known, the Timestamp is current, and the signature by the ticket's
 * proof key covers that very Timestamp.
 */
export function verifySecurityHeader(security: XmlElement, { now, proofKeyOf }: SignatureJudge): SignatureVerdict {
  const refused = (reason: string) => ({ ok: false, reason } as const);
  const assertion = security.child('Assertion', samlNamespace);
  const assertionId = assertion?.attribute('AssertionID');
  if (assertion === undefined || assertionId === undefined) return refused('there is no web ticket');
  const proofKey = proofKeyOf(assertion, assertionId);
  if (proofKey === undefined) return refused('the web ticket is not one that was issued here and still is valid');

  const verdict = verifyTimestamp(security, {
    method: 'hmac-sha1', now,
    keyNamed: (keyInfo) => (keyInfo?.find('SecurityTokenReference', 'KeyIdentifier')?.text.trim() === assertionId ? { ok: true } : refused('the signature names another ticket')),
    verify: (signedInfo, value) => (equal(value, createHmac('sha1', proofKey).update(signedInfo).digest())
      ? { ok: true } : refused('the signature is not by the proof key of the ticket')),
  });
  return verdict.ok ? { ok: true, assertionId } : verdict;
}
