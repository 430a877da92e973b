import { strict as assert } from 'node:assert';
import { screenLines } from '../../src/phone/screens.js';
import { clientCertificate, discovered, failure } from './fake-steps.js';
import { fresh } from '../../src/phone/memory.js';
import { cu1 } from './test-phone.js';

const calm = { profile: cu1, failure: undefined, failedStage: undefined, discovery: undefined, exchange: undefined, lock: undefined, call: undefined,
  settings: { displayName: 'Alice Archer', lineUri: 'tel:+15550100;ext=100', serverConfiguration: {} }, memory: fresh(cu1.build),
};

describe('The display', () => {
  it('is dark while the power is off', () => {
    assert.deepEqual(screenLines({}, calm), []);
  });

  it('shows what the profile has for the state', () => {
    assert.deepEqual(screenLines({ stage: 'discovering', screen: 'acquiring-ip-address' }, calm), ['Acquiring IP Address']);
    assert.deepEqual(screenLines({ stage: 'signedIn', screen: 'home' }, calm), ['Alice Archer', '+15550100 X100']);
  });

  it('shows on the home screen what it was told of the user: without a line only the name, without a name the address', () => {
    const home = { stage: 'signedIn', screen: 'home' } as const;
    const memory = { ...calm.memory, clientCertificate: clientCertificate() };
    assert.deepEqual(screenLines(home, { ...calm, settings: { displayName: 'Alice', lineUri: undefined, serverConfiguration: {} } }), ['Alice']);
    assert.deepEqual(screenLines(home, { ...calm, memory, settings: undefined }), ['alice@contoso.lab']);
  });

  it('takes control characters and excess from what it was told', () => {
    const settings = { displayName: `A\u0000\u202e\r\n${'x'.repeat(200)}{line}`, lineUri: 'tel:+1;phone-context=x', serverConfiguration: {} };
    assert.deepEqual(screenLines({ stage: 'signedIn', screen: 'home' }, { ...calm, settings }), [`A${'x'.repeat(59)}`, '+1']);
  });

  it('is that of the lock while the phone is locked, whatever is missing', () => {
    assert.deepEqual(screenLines({ stage: 'signedIn', screen: 'home' }, { ...calm, lock: 'locked' }), ['Phone locked']);
  });

  it('shows a failure\'s message in whatever follows it, but for a restart', () => {
    const failed = { ...calm, failure: failure('certificate-refused', 'retry', { screen: 'cannot-connect-retrying' }), failedStage: 'connecting' as const };
    const message = ['Cannot connect to the server. Retrying.', 'If the problem continues, contact your', 'support team.'];
    assert.deepEqual(screenLines({ screen: 'connecting-to-lync-server' }, failed), message);
    assert.deepEqual(screenLines({ stage: 'discovering', screen: 'acquiring-ip-address' }, failed), message);
    assert.deepEqual(screenLines({ screen: 'starting' }, failed), ['Starting...']);
  });

  it('stays that of the stage that failed where the failure has no message, or one this profile does not know', () => {
    for (const screen of [undefined, 'blue-screen']) {
      const failed = { ...calm, failure: failure('tls-failed', 'stop', screen === undefined ? {} : { screen }), failedStage: 'webTicket' as const };
      assert.deepEqual(screenLines({ screen: 'sign-in' }, failed), ['Locating the server to download the certificate']);
    }
  });

  it('does not speak of an IP address again when the phone asks DHCP once more at the user\'s bidding', () => {
    assert.deepEqual(screenLines({ stage: 'discovering', screen: 'acquiring-ip-address' }, { ...calm, discovery: discovered }),
      ['Locating the server to download the certificate']);
  });
});
