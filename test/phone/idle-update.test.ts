import assert from 'node:assert/strict';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Call } from '../../src/phone/call.js';
import { Phone } from '../../src/phone/phone.js';
import { SimulatedClock } from '../simulated-clock.js';
import { FakeSteps, nothingToInstall, pin } from './fake-steps.js';
import { cu1, noNetwork } from './test-phone.js';

const newer = '4.0.7577.4100';
const store = loadProfiles();

describe('A phone that is in a call when an update comes', () => {
  it('installs it once it is idle again', async () => {
    const clock = new SimulatedClock();
    const steps = new FakeSteps();
    await using phone = new Phone({ profile: cu1, publicRoots: [], network: noNetwork, clock, steps, firmware: (build) => store.get(build) });
    const call = (state: Call['state']) => { steps.session?.report?.({ type: 'call', call: { direction: 'incoming', peer: { uri: 'sip:bob@contoso.lab', displayName: 'Bob' }, state } }); };
    phone.powerOn();
    phone.signIn(pin);
    clock.increment(cu1.timers.boot.value);
    await phone.until('settled');

    call('connected');
    let checked: (value?: unknown) => void = () => undefined;
    const approved = new Promise((resolve) => { checked = resolve; });
    steps.answers.checkForUpdate = ({ leg, url }) => {
      checked();
      return { ...nothingToInstall({ leg, url }), build: phone.snapshot.firmware === newer ? undefined : newer };
    };
    clock.increment(cu1.timers.updateCheck.value);
    await approved;
    await phone.until(({ updates }) => updates.some(({ build }) => build === newer));
    clock.increment(3 * cu1.timers.updateIdle.value);
    assert.deepEqual([phone.state, phone.snapshot.firmware], ['signedIn', cu1.build]);

    call('ended');
    assert.equal(phone.state, 'signedIn');
    clock.increment(cu1.timers.updateIdle.value);
    assert.notEqual(phone.state, 'signedIn');
    assert.equal(phone.snapshot.firmware, newer);
  });
});
