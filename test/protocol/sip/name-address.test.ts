import assert from 'node:assert/strict';
import { addressOfRecord, domainOf, parseAssertedIdentity, parseNameAddress, parseNameAddresses, userAtDomain } from '../../../src/protocol/sip/name-address.js';

describe('SIP addresses', () => {
  it('reads display name, URI and parameters', () => {
    const from = parseNameAddress('"Alice \\"<A>\\"; x" <sip:alice@contoso.lab;user=phone>;tag=2d0be03279;EPID=492a7ce35f');
    assert.equal(from.displayName, 'Alice "<A>"; x');
    assert.equal(from.uri, 'sip:alice@contoso.lab;user=phone');
    assert.equal(from.parameters.get('tag'), '2d0be03279');
    assert.equal(from.parameters.get('epid'), '492a7ce35f');
  });

  it('stops a URI without angle brackets at the first semicolon', () => {
    const from = parseNameAddress('sip:sender@company.com;tag=2420628112');
    assert.equal(from.uri, 'sip:sender@company.com');
    assert.equal(from.parameters.get('tag'), '2420628112');
  });

  it('reads Contacts whose parameters hold separators in quotes', () => {
    const [first, second] = parseNameAddresses(
      '<sip:10.0.0.20:49152;transport=tls>;+sip.instance="<urn:uuid:B43B>";gruu="sip:a@b;opaque=user:epid:x;gruu", <sip:other>;expires=5');
    assert.equal(first?.parameters.get('+sip.instance'), '<urn:uuid:B43B>');
    assert.equal(first?.parameters.get('gruu'), 'sip:a@b;opaque=user:epid:x;gruu');
    assert.equal(second?.uri, 'sip:other');
  });

  // Cases of the pidgin-sipe test suite, sipe-sipmsg-tests.c.
  for (const [value, sipUri, telUri] of [
    ['"Cullen Jennings" <sip:fluffy@cisco.com>', 'sip:fluffy@cisco.com', undefined],
    ['tel:+14085264000', undefined, 'tel:+14085264000'],
    ['"Lunch, Lucas" <sip:llucas@cisco.com>,<tel:+420123456;ext=88463>', 'sip:llucas@cisco.com', 'tel:+420123456;ext=88463'],
  ] as const) {
    it(`takes the asserted identities from ${value}`, () => {
      assert.deepEqual(parseAssertedIdentity(value), { sipUri, telUri });
    });
  }

  it('compares addresses of record without case and parameters', () => {
    assert.equal(addressOfRecord('SIP:Alice@Contoso.LAB;transport=tls'), 'sip:alice@contoso.lab');
  });

  it('tells user and domain, of what has a scheme and of what has none', () => {
    for (const uri of ['sip:alice@contoso.lab', 'SIP:alice@contoso.lab', 'alice@contoso.lab']) {
      assert.deepEqual([userAtDomain(uri), domainOf(uri)], ['alice@contoso.lab', 'contoso.lab']);
    }
  });

  it('makes something of anything', () => {
    for (const text of ['', '<', '>', '"', '<<>>', ';;;', '"\\', '<sip:a']) assert.doesNotThrow(() => parseNameAddresses(text));
  });
});
