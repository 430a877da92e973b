import assert from 'node:assert/strict';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import type { Endpoint } from '../../../src/phone/sip/endpoint.js';
import { deregistration } from '../../../src/phone/sip/deregistration.js';
import { readRegistration } from '../../../src/phone/sip/registration.js';

const endpoint: Endpoint = {
  sipUri: 'sip:alice@contoso.lab', sipDomain: 'contoso.lab', epid: '492a7ce35f', uuid: 'B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97',
  sentBy: '10.0.0.20:49152', contactUri: 'sip:10.0.0.20:49152;transport=tls;ms-opaque=6fb3a8330a', userAgent: 'x', deviceInfo: undefined, subnet: '10.0.0.0', machineName: 'CX600',
};
const ok = (...headers: string[]) => SipMessage.parse(['SIP/2.0 200 OK', ...headers, 'CSeq: 4 REGISTER', '', ''].join('\r\n'));

describe('reading the 200 of a REGISTER', () => {
  // The shape of a Lync 2010 Front End's answer, with the identity of MS-SIPREGE 4.1.1.
  it('takes name, expiry, keep-alive and the GRUU of the own endpoint among several', () => {
    assert.deepEqual(readRegistration(ok(
      'ms-keep-alive: UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300',
      'From: "Alice"<sip:alice@contoso.lab>;tag=2d0be03279;epid=492a7ce35f',
      'Contact: <sip:10.0.0.21:50000;transport=tls>;expires=100;+sip.instance="<urn:uuid:c1589240-e660-594f-a8b3-4b55f358cbc1>";gruu="sip:alice@contoso.lab;opaque=user:epid:QJJYwWDmT1mos0tV81jLwQAA;gruu"',
      'Contact: <sip:10.0.0.20:49152;transport=tls;ms-opaque=6fb3a8330a;ms-received-cid=200>;expires=7200;+sip.instance="<urn:uuid:b43b3d1d-9f8f-5fdc-9f74-3ca273cadb97>";gruu="sip:alice@contoso.lab;opaque=user:epid:HT07tI-f3F-fdDyic8rblwAA;gruu"',
      'Expires: 7200',
      'presence-state: register-action="added"; primary-cluster-type="central"; is-connected-to-primary="yes"',
      'Allow-Events: vnd-microsoft-provisioning,presence,vnd-microsoft-roaming-self,vnd-microsoft-provisioning-v2',
    ), endpoint), {
      registration: { gruu: 'sip:alice@contoso.lab;opaque=user:epid:HT07tI-f3F-fdDyic8rblwAA;gruu', expires: 7200, keepAlive: 300, displayName: 'Alice' },
      action: 'added', remote: false, events: ['vnd-microsoft-provisioning', 'presence', 'vnd-microsoft-roaming-self', 'vnd-microsoft-provisioning-v2'],
    });
  });

  it('makes do with a bare 200, and with numbers that are none', () => {
    const bare = { registration: { gruu: undefined, expires: 3600, keepAlive: undefined, displayName: undefined }, action: undefined, remote: false, events: [] };
    assert.deepEqual(readRegistration(ok(), endpoint), bare);
    assert.deepEqual(readRegistration(ok('Expires: 1e9', 'ms-keep-alive: UAS; timeout=0', 'Contact: ;;;=">'), endpoint), bare);
    assert.equal(readRegistration(ok('Expires: 999999999'), endpoint).registration.expires, 86_400);
  });
});

describe('what a notification means for the registration', () => {
  const notify = (event: string, state: string, body: string, ...more: string[]) => deregistration(SipMessage.parse(
    ['NOTIFY sip:x SIP/2.0', `Event: ${event}`, `subscription-state: ${state}`, ...more, '', body].join('\r\n')));

  // Bodies of MS-SIPREGE 2.2.1.13.
  for (const [token, mayRetry] of [['unregistered', true], ['rejected', false], ['deactivated', true], ['userservices-unavailable', true], ['preferred-registrar-change', true]] as const) {
    it(`deregistered;event=${token} ${mayRetry ? 'lets the phone come back' : 'is for good'}`, () => {
      assert.deepEqual(notify('registration-notify', 'terminated;expires=0', `deregistered;event=${token}\r\n`), { type: 'deregistered', reason: token, mayRetry });
    });
  }

  it('leads to the server that P-Preferred-Registrar names', () => {
    assert.deepEqual(notify('registration-notify', 'terminated;expires=0', 'deregistered;event=preferred-registrar-change', 'P-Preferred-Registrar: <sip:pool02.contoso.lab:5061;transport=tls>'),
      { type: 'moved', to: { host: 'pool02.contoso.lab', port: 5061, transport: 'tls' } });
    assert.deepEqual(notify('registration-notify', 'terminated;expires=0', 'deregistered;event=preferred-registrar-change', 'P-Preferred-Registrar: <sip:pool 02>'),
      { type: 'deregistered', reason: 'preferred-registrar-change', mayRetry: true });
    assert.deepEqual(notify('registration-notify', 'terminated;expires=0', 'deregistered;event=rejected', 'P-Preferred-Registrar: <sip:pool02.contoso.lab>'),
      { type: 'deregistered', reason: 'rejected', mayRetry: false });
  });

  it('takes the reason from the diagnostics', () => {
    assert.deepEqual(notify('registration-notify', 'terminated;expires=0', 'deregistered;event=rejected', 'ms-diagnostics-public: 4141;reason="User disabled"'),
      { type: 'deregistered', reason: 'User disabled', mayRetry: false });
  });

  it('is none at the end of a one-time query, whose answer came as a notification', () => {
    assert.equal(notify('vnd-microsoft-provisioning-v2', 'terminated;expires=0', ''), undefined);
  });

  it('stays registered in survivable mode (survivable-mode.ts) and at ordinary notifications, not at the end of a subscription', () => {
    assert.equal(notify('registration-notify', 'active', 'registered;event=userservices-unavailable'), undefined);
    assert.equal(notify('vnd-microsoft-roaming-self', 'active;expires=100', ''), undefined);
    assert.deepEqual(notify('vnd-microsoft-roaming-self', 'terminated;expires=0', ''),
      { type: 'deregistered', reason: 'the server ended the subscription to vnd-microsoft-roaming-self', mayRetry: true });
  });
});
