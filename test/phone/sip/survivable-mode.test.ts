import assert from 'node:assert/strict';
import { hasUserServices } from '../../../src/phone/sip/survivable-mode.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';

describe('whether the registrar has user services', () => {
  const message = (...lines: string[]) => SipMessage.parse([...lines, ''].join('\r\n'));
  const notify = (body: string, event = 'registration-notify') => hasUserServices(message('NOTIFY sip:x SIP/2.0', `Event: ${event}`, 'subscription-state: active', '', body));
  const ok = (state: string | undefined, status = '200 OK') => hasUserServices(message(`SIP/2.0 ${status}`, 'CSeq: 4 REGISTER', ...(state === undefined ? [] : [`presence-state: ${state}`]), ''));

  it('is told by the answer to a REGISTER', () => {
    assert.equal(ok('register-action="added"; primary-cluster-type="central"; is-connected-to-primary="no"; user-services-state=unavailable'), false);
    assert.equal(ok('register-action="added"; primary-cluster-type="central"; is-connected-to-primary="yes"'), true);
    assert.deepEqual([ok(undefined), ok('user-services-state=unavailable', '503 Service Unavailable')], [undefined, undefined]);
  });

  it('is told by registration-notify', () => {
    assert.deepEqual([notify('registered;event=userservices-unavailable'), notify('registered;event=userservices-available\r\n')], [false, true]);
    assert.deepEqual([notify('deregistered;event=userservices-unavailable'), notify('registered;event=userservices-unavailable', 'presence')], [undefined, undefined]);
  });
});
