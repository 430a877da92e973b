import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';

const code = (expected: string) => (error: unknown) => error instanceof Failure && error.code === expected;

describe('SIP messages', () => {
  const invite = [
    'INVITE sip:bob@contoso.lab SIP/2.0', 'v: SIP/2.0/TLS 10.0.0.20:49152', 'FROM : "A, B"<sip:alice@contoso.lab>;tag=1', 't: <sip:bob@contoso.lab>',
    'i: abc', 'CSEQ: 7  INVITE', 'Supported: gruu-10', 'k: ms-forking', 'Subject: folded', '\tover lines', 'l: 4', '', 'body',
  ].join('\r\n');

  it('keeps headers in order and as written, found by long, compact and oddly cased names', () => {
    const message = SipMessage.parse(invite);
    assert.deepEqual(message.startLine, { kind: 'request', method: 'INVITE', uri: 'sip:bob@contoso.lab' });
    assert.equal(message.get('from'), '"A, B"<sip:alice@contoso.lab>;tag=1');
    assert.equal(message.get('Call-ID'), 'abc');
    assert.equal(message.get('m'), undefined);
    assert.deepEqual(message.getAll('supported'), ['gruu-10', 'ms-forking']);
    assert.equal(message.get('Subject'), 'folded over lines');
    assert.deepEqual(message.cseq, { number: '7', method: 'INVITE' });
    assert.deepEqual(message.headers.map((header) => header.name), ['v', 'FROM', 't', 'i', 'CSEQ', 'Supported', 'k', 'Subject']);
    assert.equal(message.body.toString(), 'body');
  });

  it('takes the method of a response from CSeq', () => {
    const response = SipMessage.parse('SIP/2.0 401 Unauthorized\r\nCSeq: 2 REGISTER\r\nContent-Length: 0\r\n\r\n');
    assert.equal(response.method, 'REGISTER');
    assert.equal(response.status, 401);
  });

  it('writes Content-Length in bytes', () => {
    const text = new SipMessage({ kind: 'response', status: 200, reason: 'OK' }, [{ name: 'Call-ID', value: 'x' }], 'größe').toString();
    assert.equal(text, 'SIP/2.0 200 OK\r\nCall-ID: x\r\nContent-Length: 7\r\n\r\ngröße');
  });

  it('refuses what is no SIP message', () => {
    for (const text of ['', 'GET / HTTP/1.1\r\n\r\n', 'SIP/2.0 999 No\r\n\r\n', 'A b SIP/2.0\r\nno colon\r\n\r\n', 'A b SIP/2.0\r\nx y: 1\r\n\r\n', 'A b SIP/2.0\r\nX: a\nb\r\n\r\n']) {
      assert.throws(() => SipMessage.parse(text), code('sip/malformed'), JSON.stringify(text));
    }
    assert.throws(() => SipMessage.parse(`A b SIP/2.0\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`), code('sip/oversize'));
  });

  it('does not let a value start a header of its own', () => {
    const message = new SipMessage({ kind: 'request', method: 'INFO', uri: 'sip:a' }).add('X', 'a\r\nEvil: b');
    assert.throws(() => message.toBuffer(), code('sip/malformed'));
  });

  it('reads back what it wrote', () => {
    const header = fc.record({
      name: fc.stringMatching(/^[A-Za-z-]{3,12}$/).filter((name) => name.toLowerCase() !== 'content-length'),
      value: fc.stringMatching(/^[!-~]([ -~]*[!-~])?$/),
    }, { noNullPrototype: true });
    fc.assert(fc.property(fc.array(header), fc.uint8Array(), (headers, body) => {
      const written = new SipMessage({ kind: 'request', method: 'SERVICE', uri: 'sip:a@b' }, headers, Buffer.from(body));
      const read = SipMessage.parse(written.toBuffer());
      assert.deepEqual(read.headers, headers);
      assert.deepEqual(read.body, Buffer.from(body));
    }));
  });
});
