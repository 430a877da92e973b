import assert from 'node:assert/strict';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { redirectTarget } from '../../../src/phone/sip/redirect.js';
import { registrationRefusal } from '../../../src/phone/sip/registration-refusal.js';

const response = (status: number, contact?: string) => {
  const message = new SipMessage({ kind: 'response', status, reason: 'Moved' }).add('CSeq', '4 REGISTER');
  return contact === undefined ? message : message.add('Contact', contact);
};

describe('where a redirect sends the phone', () => {
  for (const [contact, host, port, transport] of [
    ['<sip:POOL02.contoso.lab:5061;transport=tls>', 'POOL02.contoso.lab', 5061, 'tls'],
    ['<sip:pool02.contoso.lab>', 'pool02.contoso.lab', 5061, 'tls'],
    ['sip:alice@pool02.contoso.lab:443', 'pool02.contoso.lab', 443, 'tls'],
    ['"x, y" <sip:pool02.contoso.lab;maddr=1;transport=TCP>;expires=5, <sip:other>', 'pool02.contoso.lab', 5060, 'tcp'],
  ] as const) {
    it(contact, () => { assert.deepEqual(redirectTarget(response(301, contact)), { host, port, transport }); });
  }

  it('is nowhere without a server in Contact, or with another status', () => {
    for (const contact of [undefined, '', '*', '<tel:+1>', '<sip:pool02:0>', '<sip:pool02:70000>', '<sip:po ol>', '<sip:pool02:5061/x>']) {
      assert.equal(redirectTarget(response(301, contact)), undefined, contact);
    }
    assert.equal(redirectTarget(response(404, '<sip:pool02.contoso.lab>')), undefined);
    assert.deepEqual(redirectTarget(response(302, '<sip:pool02.contoso.lab>'))?.host, 'pool02.contoso.lab');
  });

  it('is otherwise a refusal that is tried again', () => {
    const { message, reaction } = registrationRefusal(response(301), 'sip.contoso.lab:5061');
    assert.deepEqual([message, reaction], ['sip.contoso.lab:5061 answered REGISTER with 301 Moved.', 'retry']);
  });
});
