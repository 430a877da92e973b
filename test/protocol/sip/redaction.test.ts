import assert from 'node:assert/strict';
import { redactSip } from '../../../src/protocol/sip/redaction.js';

describe('SIP text in the trace', () => {
  for (const [what, header] of [
    ['as Microsoft writes them', 'Authorization: NTLM qop="auth", gssapi-data="c2VjcmV0", version=4, crand="1", response="c2VjcmV0"'],
    ['without quotes, in any case', 'Authorization: NTLM GSSAPI-DATA=c2VjcmV0==, response=c2VjcmV0'],
    ['with spaces about the equals sign', 'Authentication-Info: NTLM rspauth = "c2VjcmV0", snum="1"'],
    ['over two lines', 'Authorization: NTLM gssapi-data="c2VjcmV0\r\n c2VjcmV0"'],
  ] as const) {
    it(`is without tokens and signatures ${what}`, () => {
      const text = redactSip(`REGISTER sip:contoso.lab SIP/2.0\r\n${header}\r\nCSeq: 1 REGISTER\r\n\r\n`);
      assert.doesNotMatch(text, /c2VjcmV0/);
      assert.match(text, /\(redacted\)[^]*CSeq: 1 REGISTER/);
    });
  }

  it('keeps an empty token, which says which leg it is', () => {
    assert.equal(redactSip('NTLM gssapi-data="", version=4'), 'NTLM gssapi-data="", version=4');
  });
});
