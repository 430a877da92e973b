import assert from 'node:assert/strict';
import { Failure } from '../../../src/failure.js';
import { readEnvelope } from '../../../src/protocol/soap/envelope.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';
import { readMex, writeMex } from '../../../src/protocol/webticket/mex.js';
import { readPinCredentials } from '../../../src/protocol/webticket/pin-credentials.js';
import { issueAction, readTicketRequest, writeTicketRequest } from '../../../src/protocol/webticket/request.js';
import { readTicketResponse, writeTicketResponse } from '../../../src/protocol/webticket/response.js';

const failsWith = (code: string, sentence: RegExp) => (error: unknown): boolean =>
  error instanceof Failure && error.code === code && sentence.test(error.message);

describe('MEX', () => {
  it('gives the ports by name with the policy that carries their name', () => {
    const ports = [
      { name: 'CertProvisioningServiceWebTicketProof_SHA1', location: 'https://a/x?y=1&z', token: { issuer: 'https://b/t', signed: true } },
      { name: 'Bearer', location: 'https://a/b', token: { issuer: 'https://b/t', signed: false } },
      { name: 'Plain', location: 'https://a/c', token: undefined },
    ];
    assert.deepEqual(readMex(parseXml(writeMex('CertProvisioningService', 'urn:x', ports))), ports);
  });

  it('prefers an endorsing token and skips ports without address', () => {
    const issuer = (address: string) => `<wsp:Policy><sp:IssuedToken><sp:Issuer><Address>${address}</Address></sp:Issuer></sp:IssuedToken></wsp:Policy>`;
    const document = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy" xmlns:sp="urn:sp"
      xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd">
      <wsp:Policy wsu:Id="p_policy"><wsp:ExactlyOne><wsp:All><sp:SignedSupportingTokens>${issuer('bearer')}</sp:SignedSupportingTokens>
      <sp:EndorsingSupportingTokens>${issuer(' proof ')}</sp:EndorsingSupportingTokens></wsp:All></wsp:ExactlyOne></wsp:Policy>
      <service><port name="p"><address location="L"/></port><port name="q"/><port><address location="M"/></port></service></definitions>`;
    assert.deepEqual(readMex(parseXml(document)), [{ name: 'p', location: 'L', token: { issuer: 'proof', signed: true } }]);
    assert.deepEqual(readMex(parseXml('<w:definitions xmlns:w="http://schemas.xmlsoap.org/wsdl/"/>')), []);
    assert.throws(() => readMex(parseXml('<html/>')), { code: 'mex/not-metadata', message: 'The metadata are no WSDL: the document is a "html".' });
  });
});

describe('a web ticket request', () => {
  const request = { context: 'c-1', appliesTo: 'https://web/CertProv', claimedSipUri: 'sip:alice@contoso.lab', clientEntropy: Buffer.alloc(32, 7) };

  it('has the elements and names that Lync servers are known to take, not one slash more', () => {
    // Typed from MS-OCAUTHWS, WS-Trust 1.3 and what the pidgin-sipe client sends.
    assert.equal(issueAction, 'http://docs.oasis-open.org/ws-sx/ws-trust/200512/RST/Issue');
    assert.equal(writeTicketRequest(request), '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
      + '<wst:RequestSecurityToken xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512" Context="c-1">'
      + '<wst:TokenType>http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1</wst:TokenType>'
      + '<wst:RequestType>http://schemas.xmlsoap.org/ws/2005/02/trust/Issue</wst:RequestType>'
      + '<wsp:AppliesTo xmlns:wsp="http://schemas.xmlsoap.org/ws/2004/09/policy"><wsa:EndpointReference xmlns:wsa="http://www.w3.org/2005/08/addressing">'
      + '<wsa:Address>https://web/CertProv</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>'
      + '<wst:Claims Dialect="urn:component:Microsoft.Rtc.WebAuthentication.2010:authclaims">'
      + '<auth:ClaimType xmlns:auth="http://schemas.xmlsoap.org/ws/2006/12/authorization" Uri="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uri" Optional="false">'
      + '<auth:Value>sip:alice@contoso.lab</auth:Value></auth:ClaimType></wst:Claims>'
      + '<wst:Entropy><wst:BinarySecret>BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=</wst:BinarySecret></wst:Entropy>'
      + '<wst:KeyType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/SymmetricKey</wst:KeyType>'
      + '</wst:RequestSecurityToken></soap:Body></soap:Envelope>');
  });

  it('is read as it was written, for Windows credentials and for a PIN', () => {
    const windows = readEnvelope(writeTicketRequest(request));
    assert.deepEqual(readTicketRequest(windows), request);
    assert.equal(windows.header, undefined);
    const pin = readEnvelope(writeTicketRequest({ ...request, claimedSipUri: undefined }, { phoneOrExtension: '+15550100', pin: '48213' }));
    assert.deepEqual(readTicketRequest(pin), { ...request, claimedSipUri: undefined });
    assert.deepEqual(readPinCredentials(pin.header), { phoneOrExtension: '15550100', pin: '48213' });
    assert.ok(!pin.root.source.includes('48213'));
  });

  it('takes number and PIN in plain text too', () => {
    const text = writeTicketRequest(request, { phoneOrExtension: '100', pin: '48213' }).replace('>MTAw<', '>+100<').replace('>NDgyMTM=<', '>48213<');
    assert.deepEqual(readPinCredentials(readEnvelope(text).header), { phoneOrExtension: '100', pin: '48213' });
    assert.equal(readPinCredentials(readEnvelope(text.replace(/<wsse:Password.*Password>/, '')).header), undefined);
  });

  it('is refused in the namespace with a slash at its end, and without its parts', () => {
    const text = writeTicketRequest(request);
    const refused = (document: string, sentence: RegExp) => {
      assert.notEqual(document, text);
      assert.throws(() => readTicketRequest(readEnvelope(document)), failsWith('webticket/bad-request', sentence));
    };
    refused(text.replace('xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512"', 'xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512/"'), /ends without a slash/);
    refused(text.replace('SAMLV1.1', 'SAMLV2.0'), /only SAML 1\.1/);
    refused(text.replace('https://web/CertProv', ''), /AppliesTo/);
    refused(text.replace(request.clientEntropy.toString('base64'), 'AAAA'), /entropy/);
  });
});

describe('the answer to a web ticket request', () => {
  const assertion = '<saml:Assertion AssertionID="id-1" xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"><saml:Conditions  /></saml:Assertion>';
  const written = writeTicketResponse({
    context: 'c-1', appliesTo: 'https://web/CertProv', assertion, serverEntropy: Buffer.alloc(32, 9),
    created: Date.parse('2013-05-01T10:00:00Z'), expires: Date.parse('2013-05-01T18:00:00Z'),
  });

  it('keeps ticket and lifetime byte for byte', () => {
    assert.deepEqual(readTicketResponse(readEnvelope(written)), {
      assertion, assertionId: 'id-1', serverEntropy: Buffer.alloc(32, 9),
      lifetime: '<wsu:Created>2013-05-01T10:00:00Z</wsu:Created><wsu:Expires>2013-05-01T18:00:00Z</wsu:Expires>',
    });
  });

  it('has the very tags that clients search its text for', () => {
    for (const tag of ['<Lifetime', '<wsu:Created>', '<BinarySecret>', '<saml:Assertion ']) assert.equal(written.split(tag).length, 2, tag);
  });

  it('makes parts that lean on the document around them fit to be moved', () => {
    const leaning = written.replace(' xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion"', '').replaceAll('wsu:', 'u:').replace('xmlns:wsu', 'xmlns:u')
      .replace('<soap:Envelope ', '<soap:Envelope xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" ');
    const { assertion: moved, lifetime } = readTicketResponse(readEnvelope(leaning));
    assert.equal(parseXml(moved).namespace, 'urn:oasis:names:tc:SAML:1.0:assertion');
    assert.equal(parseXml(`<a>${lifetime}</a>`).child('Expires')?.text, '2013-05-01T18:00:00Z');
  });

  it('is refused when something a client needs is missing', () => {
    for (const [document, sentence] of [
      [written.replaceAll('RequestSecurityTokenResponse', 'Other'), /no RequestSecurityTokenResponse/],
      [written.replace('AssertionID', 'Other'), /AssertionID/],
      [written.replace('2013-05-01T18:00:00Z', '2013-99-01T18:00:00Z'), /Lifetime/],
      [written.replace(/<BinarySecret>.*<\/BinarySecret>/, '<BinarySecret>!</BinarySecret>'), /BinarySecret/],
    ] as const) assert.throws(() => readTicketResponse(readEnvelope(document)), failsWith('webticket/bad-response', sentence));
    assert.equal(readTicketResponse(readEnvelope(written.replace(/<Entropy>.*<\/Entropy>/, ''))).serverEntropy, undefined);
  });
});
