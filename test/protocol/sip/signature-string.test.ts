import assert from 'node:assert/strict';
import vectors from '../../vectors/sip-auth.json' with { type: 'json' };
import { parseAuthentication } from '../../../src/protocol/sip/authentication-header.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { signatureString } from '../../../src/protocol/sip/signature-string.js';

function stringOf(authentication: string, version: number, ...lines: string[]): string {
  const header = parseAuthentication(authentication);
  assert.ok(header);
  return signatureString(SipMessage.parse([...lines, '', ''].join('\r\n')), header, version);
}

describe('the string a SIP signature covers', () => {
  for (const { source, version, headers, status, string } of vectors.signatureStrings) {
    it(`is the one of ${source}, with angle brackets and without`, () => {
      for (const from of [headers.from, headers.from.replace(/^.*<(.*)>/, '$1')]) {
        assert.equal(stringOf(headers.Authentication, version, `SIP/2.0 ${status} Ringing`, `FROM: ${from}`, `TO: ${headers.to}`,
          `CSEQ: ${headers.cseq}`, `CALL-ID: ${headers.callId}`, `P-ASSERTED-IDENTITY: ${headers.pAssertedIdentity}`), string);
      }
    });
  }

  const fromTo = ['From: "User"<sip:user@cosmo.local>;tag=3e49177a52;epid=c8ca638a15', 'To: <sip:user@cosmo.local>', 'CSeq: 3 REGISTER', 'Call-ID: 4037df9284354df39065195bd57a4b14'];
  const target = 'realm="SIP Communications Service", targetname="cosmo-ocs-r2.cosmo.local"';

  it('of a request ends with Expires, and takes nothing from Contact', () => {
    assert.equal(stringOf(`NTLM crand="13317733", cnum="1", ${target}`, 4, 'REGISTER sip:cosmo.local SIP/2.0', ...fromTo,
      'Contact: <sip:10.0.0.1>;expires=600'), vectors.ntlmSip.requestString);
  });

  it('of a response ends with the status', () => {
    const to = `${fromTo[1]};tag=5E61CCD925D17E043D9A74835A88F664`;
    assert.equal(stringOf(`NTLM srand="9616454F", snum="1", ${target}`, 3, 'SIP/2.0 200 OK', fromTo[0] ?? '', to, ...fromTo.slice(2), 'Expires: 7200'),
      vectors.ntlmSip.responseString);
  });

  it('leaves out the To URI and the asserted identity in version 2 (pidgin-sipe test suite, sip-sec-ntlm-tests.c)', () => {
    assert.equal(
      stringOf('NTLM srand="0878F41B", snum="1", realm="SIP Communications Service", targetname="ocs1.ocs.provo.novell.com"', 2, 'SIP/2.0 200 OK',
        'From: <sip:gabriel@ocs.provo.novell.com>;tag=2947328781', 'To: <sip:gabriel@ocs.provo.novell.com>;tag=B816D65C2300A32CFA6D371F2AF537FD',
        'CSeq: 3 REGISTER', 'Call-ID: 8592g5DCBa1694i5887m0D0Bt2247b3F38xAE9Fx', 'Expires: 900'),
      '<NTLM><0878F41B><1><SIP Communications Service><ocs1.ocs.provo.novell.com><8592g5DCBa1694i5887m0D0Bt2247b3F38xAE9Fx><3><REGISTER>'
      + '<sip:gabriel@ocs.provo.novell.com><2947328781><B816D65C2300A32CFA6D371F2AF537FD><900><200>');
  });

  it('takes the preferred identity when none is asserted', () => {
    assert.match(stringOf(`NTLM crand="1", cnum="1", ${target}`, 4, 'INVITE sip:bob SIP/2.0', ...fromTo,
      'P-Preferred-Identity: <sip:user@cosmo.local>, <tel:+15550100;ext=100>'), /<><sip:user@cosmo\.local><tel:\+15550100;ext=100><>$/);
  });
});
