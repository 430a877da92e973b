import assert from 'node:assert/strict';
import { Failure } from '../../../src/failure.js';
import { decodeBase64, encodeBase64Lines } from '../../../src/protocol/soap/base64.js';
import { formatHttpDiagnostics, parseHttpDiagnostics } from '../../../src/protocol/soap/diagnostics-header.js';
import { readEnvelope, writeEnvelope } from '../../../src/protocol/soap/envelope.js';
import { readFault, writeFault } from '../../../src/protocol/soap/fault.js';
import { describeHttp, XmlBody } from '../../../src/protocol/soap/http-text.js';
import { xml } from '../../../src/protocol/soap/markup.js';
import { redactSecrets } from '../../../src/protocol/soap/redaction.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';

describe('SOAP envelopes and faults', () => {
  it('reads a fault with Ms-Diagnostics-Fault as it was written', () => {
    const fault = { code: 'FailedAuthentication', reason: 'No valid security token.', diagnostics: { errorId: 28020, reason: 'No valid <token>', nameValuePairs: { a: 'b' } } };
    const read = readFault(readEnvelope(writeFault(fault)));
    assert.deepEqual({ ...read, diagnostics: { ...read?.diagnostics, nameValuePairs: { ...read?.diagnostics?.nameValuePairs } } }, fault);
    assert.match(writeFault(fault), /<faultcode xmlns:wsse="[^"]+secext-1\.0\.xsd">wsse:FailedAuthentication</);
    assert.match(writeFault({ code: 'Client', reason: 'x' }), />soap:Client</);
  });

  it('reads faults without usable diagnostics, and no fault as none', () => {
    const fault = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring><detail><Ms-Diagnostics-Fault><ErrorId>x</ErrorId></Ms-Diagnostics-Fault></detail></s:Fault></s:Body></s:Envelope>';
    assert.deepEqual(readFault(readEnvelope(fault)), { code: 'Server', reason: 'no' });
    assert.equal(readFault(readEnvelope(writeEnvelope(xml`<a/>`))), undefined);
  });

  it('takes no more of what a peer says than fits a sentence', () => {
    const long = 'x'.repeat(100_000);
    const read = readFault(readEnvelope(writeFault({ code: 'Client', reason: long, diagnostics: { errorId: 1, reason: long, nameValuePairs: { [long]: long } } })));
    assert.ok(JSON.stringify(read).length < 2_000);
    assert.ok(formatHttpDiagnostics({ errorId: 1, source: undefined, reason: long, fault: undefined }).length < 1_000);
    const text = describeHttp('POST / HTTP/1.1', [], new XmlBody(Buffer.from(`<a>${long}</a>`)));
    assert.match(text.slice(-30), /x\r\n\[34\d+ more characters\]$/);
  });

  it('refuses what is not an envelope', () => {
    for (const document of ['<a/>', '<Envelope/>', '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>', '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>']) {
      assert.throws(() => readEnvelope(document), (error) => error instanceof Failure && error.code === 'soap/not-an-envelope');
    }
  });
});

describe('X-Ms-diagnostics', () => {
  it('is read without labels, as the standard has it, and with them', () => {
    const expected = { errorId: 28020, source: 'fe01.contoso.lab', reason: 'No valid security token.', fault: 'wsse:FailedAuthentication' };
    assert.equal(formatHttpDiagnostics(expected), '28020;"fe01.contoso.lab";"No valid security token.";"wsse:FailedAuthentication"');
    assert.deepEqual(parseHttpDiagnostics(formatHttpDiagnostics(expected)), expected);
    assert.deepEqual(parseHttpDiagnostics('28020;source="fe01.contoso.lab";reason="No valid security token.";faultcode="wsse:FailedAuthentication"'), expected);
    assert.deepEqual(parseHttpDiagnostics('28000'), { errorId: 28000, source: undefined, reason: undefined, fault: undefined });
    assert.equal(parseHttpDiagnostics('nothing; of="use"'), undefined);
  });
});

describe('redactSecrets', () => {
  it('leaves no PIN, entropy or ticket in the text, wherever it stands', () => {
    const document = '<a>keep<w:Password xmlns:w="u" Type="x">c2VjcmV0</w:Password><!-- <BinarySecret>fake</BinarySecret> --><BinarySecret>c2VjcmV0</BinarySecret>'
      + '<b><saml:Assertion xmlns:saml="u" AssertionID="c2VjcmV0"><x>c2VjcmV0</x></saml:Assertion></b><Password/>tail</a>';
    const redacted = redactSecrets(parseXml(document));
    assert.ok(!redacted.includes('c2VjcmV0'), redacted);
    assert.equal(redacted, '<a>keep<w:Password>[redacted]</w:Password><!-- <BinarySecret>fake</BinarySecret> --><BinarySecret>[redacted]</BinarySecret>'
      + '<b><saml:Assertion>[redacted]</saml:Assertion></b><Password>[redacted]</Password>tail</a>');
  });
});

describe('base64 in XML', () => {
  it('allows white space, refuses everything else, and writes lines of 76', () => {
    assert.deepEqual(decodeBase64(' Zm9v\r\nYg== \t'), Buffer.from('foob'));
    for (const bad of ['Zg', 'Zg=', '=Zg=', 'Z*==', 'Zm9v-_==']) assert.equal(decodeBase64(bad), undefined, bad);
    const lines = encodeBase64Lines(Buffer.alloc(120, 1)).split('\r\n');
    assert.deepEqual(lines.map((line) => line.length), [76, 76, 8]);
  });
});
