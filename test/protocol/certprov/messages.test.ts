import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { Failure } from '../../../src/failure.js';
import { publishAction, readPublishRequest, readPublishResponse, writePublishError, writePublishRequest, writePublishResponse } from '../../../src/protocol/certprov/publish.js';
import { readRootChains, writeRootChainsRequest, writeRootChainsResponse } from '../../../src/protocol/certprov/root-chains.js';
import { buildCertificate } from '../../../src/protocol/pkcs/certificate-builder.js';
import { readEnvelope, writeEnvelope } from '../../../src/protocol/soap/envelope.js';
import { xml } from '../../../src/protocol/soap/markup.js';

const issuerKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const otherKeys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const certificate = (subjectCommonName: string, publicKey: KeyObject): Buffer => buildCertificate({
  serialNumber: Buffer.from([1]), subjectCommonName, issuerCommonName: 'Root', publicKey, issuerPublicKey: issuerKeys.publicKey,
  notBefore: Date.parse('2020-01-01T00:00:00Z'), notAfter: Date.parse('2040-01-01T00:00:00Z'), keyUsage: ['keyCertSign'],
}, { privateKey: issuerKeys.privateKey, hash: 'sha256' });
const root = certificate('Root', issuerKeys.publicKey);
const intermediate = certificate('Issuing', otherKeys.publicKey);

describe('GetRootCertChains', () => {
  it('carries chains as PKCS#7, told apart into roots and intermediates', () => {
    const read = readRootChains(readEnvelope(writeRootChainsResponse([[intermediate, root], [root]])));
    assert.deepEqual(read, { roots: [root], intermediates: [intermediate] });
    assert.deepEqual(readRootChains(readEnvelope(writeRootChainsResponse([]))), { roots: [], intermediates: [] });
    assert.match(writeRootChainsRequest(), /<GetRootCertChains xmlns="http:\/\/schemas\.microsoft\.com\/OCS\/AuthWebServices\/"\/>/);
  });

  it('finds certificates under any name, bare too, and passes over all else', () => {
    const lines = root.toString('base64').replace(/(.{64})/g, '$1\n  ');
    const document = writeEnvelope(xml`<a><b>not base64</b><c>${Buffer.alloc(200).toString('base64')}</c><d>
      ${lines}</d><e>${intermediate.subarray(0, -5).toString('base64')}</e><f/></a>`);
    assert.deepEqual(readRootChains(readEnvelope(document)), { roots: [root], intermediates: [] });
  });

  it('takes a certificate that only claims to be its own issuer for an intermediate', () => {
    const forged = certificate('Root', otherKeys.publicKey);
    assert.deepEqual(readRootChains(readEnvelope(writeRootChainsResponse([[forged]]))), { roots: [], intermediates: [forged] });
  });
});

describe('GetAndPublishCert', () => {
  const request = { deviceId: '{4b1682a8-f968-5701-83fc-7c6741dc6697}', entity: 'alice@contoso.lab', certificateRequest: Buffer.alloc(600, 5), requestId: 'r-1' };
  const ticket = { assertion: '<a:A xmlns:a="u"/>', assertionId: 'x', lifetime: '', proofKey: undefined };
  const written = writePublishRequest(request, { endpoint: 'https://web/p', messageId: 'm-1', ticket });

  it('is read as it was written', () => {
    const envelope = readEnvelope(written);
    assert.deepEqual(readPublishRequest(envelope), request);
    assert.deepEqual(envelope.header?.elements().map((element) => element.local), ['To', 'ReplyTo', 'MessageID', 'Action', 'Security']);
    assert.equal(envelope.header?.child('Action')?.text, publishAction);
    assert.equal(envelope.header?.child('MessageID')?.text, 'uuid:m-1');
    const asking = (created: string, expires: string) => readPublishRequest(readEnvelope(written.replace('</wst:TokenType>',
      `</wst:TokenType><wst:Lifetime xmlns:u="u"><u:Created>${created}</u:Created><u:Expires>${expires}</u:Expires></wst:Lifetime>`))).hours;
    assert.equal(asking('2013-05-01T00:00:00Z', '2013-05-03T00:30:00Z'), 48);
    assert.equal(asking('2013-05-01T00:00:00Z', '2013-05-01T00:30:00Z'), 8);
    assert.equal(asking('2013-05-01T00:00:00Z', 'soon'), undefined);
    const anonymous = writePublishRequest({ ...request, entity: undefined }, { endpoint: 'https://web/p', messageId: 'm-1', ticket });
    assert.equal(readPublishRequest(readEnvelope(anonymous)).entity, undefined);
  });

  it('has the elements and names that Lync servers are known to take, not one slash fewer', () => {
    // Typed from MS-OCAUTHWS, WS-Addressing 1.0, WS-Security 1.0 and what the pidgin-sipe client sends.
    const signed = { assertion: '<a:A xmlns:a="u"/>', assertionId: 'x', lifetime: '<wsu:Created>C</wsu:Created><wsu:Expires>E</wsu:Expires>', proofKey: undefined };
    assert.equal(publishAction, 'http://schemas.microsoft.com/OCS/AuthWebServices/GetAndPublishCert');
    assert.equal(writePublishRequest({ ...request, certificateRequest: Buffer.alloc(60, 5) }, { endpoint: 'https://web/p', messageId: 'm-1', ticket: signed }),
      '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>'
      + '<wsa:To xmlns:wsa="http://www.w3.org/2005/08/addressing">https://web/p</wsa:To>'
      + '<wsa:ReplyTo xmlns:wsa="http://www.w3.org/2005/08/addressing"><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>'
      + '<wsa:MessageID xmlns:wsa="http://www.w3.org/2005/08/addressing">uuid:m-1</wsa:MessageID>'
      + '<wsa:Action xmlns:wsa="http://www.w3.org/2005/08/addressing">http://schemas.microsoft.com/OCS/AuthWebServices/GetAndPublishCert</wsa:Action>'
      + '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" soap:mustUnderstand="1">'
      + '<wsu:Timestamp xmlns:wsu="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd" wsu:Id="timestamp">'
      + '<wsu:Created>C</wsu:Created><wsu:Expires>E</wsu:Expires></wsu:Timestamp><a:A xmlns:a="u"/></wsse:Security></soap:Header><soap:Body>'
      + '<GetAndPublishCert xmlns="http://schemas.microsoft.com/OCS/AuthWebServices/" xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512/"'
      + ' DeviceId="{4b1682a8-f968-5701-83fc-7c6741dc6697}" Entity="alice@contoso.lab"><wst:RequestSecurityToken>'
      + '<wst:TokenType>http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3</wst:TokenType>'
      + '<wst:RequestType>http://docs.oasis-open.org/ws-sx/ws-trust/200512/Issue</wst:RequestType>'
      + '<wsse:BinarySecurityToken xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
      + ' ValueType="http://schemas.microsoft.com/OCS/AuthWebServices.xsd#PKCS10"'
      + ' EncodingType="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd#Base64Binary">'
      // CRLF after 76 characters; XML keeps the CR only as a reference.
      + `${'BQUF'.repeat(19)}&#xD;\nBQUF</wsse:BinarySecurityToken>`
      + '<wstep:RequestID xmlns:wstep="http://schemas.microsoft.com/windows/pki/2009/01/enrollment">r-1</wstep:RequestID>'
      + '</wst:RequestSecurityToken></GetAndPublishCert></soap:Body></soap:Envelope>');
  });

  it('is refused in the namespace without a slash, and without its parts', () => {
    const refused = (document: string, sentence: RegExp) => {
      assert.notEqual(document, written);
      assert.throws(() => readPublishRequest(readEnvelope(document)), (error) => error instanceof Failure && sentence.test(error.message));
    };
    refused(written.replace('ws-trust/200512/"', 'ws-trust/200512"'), /ends with a slash/);
    refused(written.replace(' DeviceId=', ' Device='), /DeviceId/);
    refused(written.replace(/(<wsse:BinarySecurityToken[^>]*>)[^<]*/, '$1!'), /base64/);
  });

  it('is answered with a certificate or with ErrorInfo', () => {
    const answer = readPublishResponse(readEnvelope(writePublishResponse({ deviceId: request.deviceId, entity: 'alice@contoso.lab', certificate: root })));
    assert.ok('certificate' in answer);
    assert.equal(new X509Certificate(answer.certificate).subject, 'CN=Root');
    assert.deepEqual(readPublishResponse(readEnvelope(writePublishError('data store unavailable'))), { errorInfo: 'data store unavailable' });
    assert.deepEqual(readPublishResponse(readEnvelope(writeEnvelope(xml`<GetAndPublishCertResponse/>`))), { errorInfo: '' });
    assert.throws(() => readPublishResponse(readEnvelope(writeEnvelope(xml`<a/>`))), { code: 'certprov/bad-response' });
  });
});
