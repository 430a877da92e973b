import assert from 'node:assert/strict';
import { canonicalize } from '../../../src/protocol/soap/canonical.js';
import { readEnvelope, writeEnvelope } from '../../../src/protocol/soap/envelope.js';
import { xml } from '../../../src/protocol/soap/markup.js';
import { securityNamespace } from '../../../src/protocol/soap/namespaces.js';
import { proofKey } from '../../../src/protocol/webticket/proof-key.js';
import { verifySecurityHeader, writeSecurityHeader } from '../../../src/protocol/webticket/signature.js';

const range = (first: number, length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => first + index));
const key = proofKey(range(0, 32), range(32, 32));
const ticket = {
  assertion: '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="SamlSecurityToken-1"></saml:Assertion>',
  assertionId: 'SamlSecurityToken-1',
  lifetime: '<wsu:Created>2013-05-01T10:00:00Z</wsu:Created><wsu:Expires>2013-05-01T18:00:00Z</wsu:Expires>',
  proofKey: key,
};
const envelope = writeEnvelope(xml`<a/>`, writeSecurityHeader(ticket));
const noon = Date.parse('2013-05-01T12:00:00Z');

function judge(document: string, now = noon) {
  const security = readEnvelope(document).header?.child('Security', securityNamespace);
  assert.ok(security);
  return verifySecurityHeader(security, { now, proofKeyOf: (_, id) => (id === ticket.assertionId ? key : undefined) });
}

describe('the proof key of a web ticket', () => {
  it('is P_SHA1 of both entropies', () => {
    assert.equal(key.toString('hex'), 'df59132c2af6d230e4337732076a14561694be12838cc00203d63c816653d75b');
    assert.equal(proofKey(range(0, 16), range(32, 32)).length, 16);
  });
});

describe('the signature of a web ticket request', () => {
  it('has the digest, the SignedInfo and the value of the worked example', () => {
    const security = readEnvelope(envelope).header?.child('Security');
    const signedInfo = security?.find('Signature', 'SignedInfo');
    assert.ok(signedInfo);
    assert.equal(signedInfo.find('Reference', 'DigestValue')?.text, '7O4WvGWtd5W1vDVExq2SCyzoBuE=');
    assert.equal(Buffer.byteLength(canonicalize(signedInfo)), 535);
    assert.equal(security?.find('Signature', 'SignatureValue')?.text, 'Dz93GyavGHVur85n6FS3V5G6raY=');
    assert.deepEqual(judge(envelope), { ok: true, assertionId: 'SamlSecurityToken-1' });
  });

  it('does not care how the same document is written', () => {
    const prefixed = envelope
      .replace('<wsu:Timestamp xmlns:wsu=', '<wsu:Timestamp   xmlns:other="urn:other" xmlns:wsu=')
      .replaceAll('></Transform>', '/>').replace('<SignatureValue>', '<SignatureValue>\n ');
    assert.notEqual(prefixed, envelope);
    assert.deepEqual(judge(prefixed), { ok: true, assertionId: 'SamlSecurityToken-1' });
  });

  const tampered: [what: string, document: string, reason: RegExp][] = [
    ['a longer lifetime', envelope.replace('18:00:00', '19:00:00'), /Timestamp was changed/],
    ['another digest', envelope.replace('7O4W', '8O4W'), /Timestamp was changed/],
    ['another signature value', envelope.replace('Dz93', 'Ez93'), /not by the proof key/],
    ['a signature value cut short', envelope.replace('Dz93GyavGHVur85n6FS3V5G6raY=', 'Dz93'), /not by the proof key/],
    ['no signature', envelope.replace(/<Signature .*<\/Signature>/, ''), /no signature/],
    ['no ticket', envelope.replace(/<saml:Assertion .*<\/saml:Assertion>/, ''), /no web ticket/],
    ['an unknown ticket', envelope.replaceAll('SamlSecurityToken-1', 'SamlSecurityToken-2'), /not one that was issued/],
    ['a signature for another ticket', envelope.replace('>SamlSecurityToken-1<', '>SamlSecurityToken-2<'), /names another ticket/],
    ['another algorithm', envelope.replace('#hmac-sha1', '#hmac-md5'), /algorithms other than/],
    ['two references', envelope.replace(/(<Reference .*<\/Reference>)/, '$1$1'), /algorithms other than/],
    ['the Id on a second element', envelope.replace('<a/>', '<a xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" u:Id="timestamp"/>'), /does not cover/],
    ['no date', envelope.replace('2013-05-01T18:00:00Z', 'tomorrow'), /no Timestamp/],
  ];
  for (const [what, document, reason] of tampered) {
    it(`is refused with ${what}`, () => {
      assert.notEqual(document, envelope);
      const verdict = judge(document);
      assert.ok(!verdict.ok);
      assert.match(verdict.reason, reason);
    });
  }

  it('is refused before and after its time', () => {
    assert.match(JSON.stringify(judge(envelope, Date.parse('2013-05-01T18:00:00Z'))), /expired/);
    assert.match(JSON.stringify(judge(envelope, Date.parse('2013-05-01T09:54:59Z'))), /future/);
    assert.equal(judge(envelope, Date.parse('2013-05-01T09:55:01Z')).ok, true);
  });
});
