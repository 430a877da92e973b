import assert from 'node:assert/strict';
import type { Lab } from '../../src/lab/lab.js';
import type { DeregistrationEvent } from '../../src/lab/registrar/registrar.js';
import { Phone } from '../../src/phone/phone.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { pooledKey } from '../pin-phone.js';
import { deployment } from './deployment.js';
import { labOf, profiles } from './sign-in.js';

const domain = 'contoso.lab';
const where = deployment({ sipDomain: domain, pool: `pool.${domain}`, srvTarget: `pool.${domain}`, registrarNames: [`pool.${domain}`] });

/** What the server tells a phone whose registration it ends by itself (MS-SIPREGE 2.2.1.13), and what becomes of the phone. */
describe('the end of a registration', () => {
  const lab = labOf(where);
  const keyPair = pooledKey();
  let count = 0;

  const end = (running: Lab, event: DeregistrationEvent) => { for (const { registrar } of running.services) registrar?.deregister(`sip:alice@${domain}`, event); };

  async function signedIn(): Promise<{ phone: Phone; clock: FastForwardClock }> {
    const clock = new FastForwardClock();
    const phone = new Phone({ ...profiles.get('4.0.7577.4100'), network: lab().network(), clock, keyPair, macAddress: `00-04-F2-00-03-${String(++count).padStart(2, '0')}` });
    phone.powerOn();
    phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '48213' });
    clock.skipToNext();
    const { state, failure } = await phone.until('settled');
    assert.equal(state, 'signedIn', failure?.message);
    return { phone, clock };
  }

  for (const [event, reason] of [
    ['unregistered', 'The endpoint was removed'], ['deactivated', 'User moved or temporarily unavailable'], ['userservices-unavailable', 'User services are not available'],
  ] as const) {
    it(`${event}: the phone says why, waits and comes back`, async () => {
      const { phone, clock } = await signedIn();
      await using _ = phone;
      end(lab(), event);
      const { failure } = await phone.until(({ state }) => state === 'retrying');
      assert.equal(failure?.message, `The server ended the registration (${reason}) and lets the phone register again.`);
      clock.skipToNext();
      assert.equal((await phone.until(({ state }) => state !== 'retrying' && state !== 'discovering').then(() => phone.until('settled'))).state, 'signedIn');
    });
  }

  it('rejected: the phone stops until somebody acts, and cannot be called', async () => {
    const { phone } = await signedIn();
    await using _ = phone;
    end(lab(), 'rejected');
    const { failure, screen } = await phone.until(({ state }) => state === 'refused');
    assert.equal(failure?.message, 'The server ended the registration (User disabled) and does not let the phone register again.');
    assert.deepEqual(screen, ['Unable to contact Registrar for authentication. Please sign in again.']);
    assert.throws(() => { phone.answer(); }, { code: 'phone/not-signed-in' });
  });

  it('MaxEndpointsPerUser: one phone more than a user may have costs the oldest its registration', async () => {
    lab().setPolicy({ MaxEndpointsPerUser: 2 });
    const all = [await signedIn(), await signedIn(), await signedIn()] as const;
    const [first, second, third] = all.map(({ phone }) => phone) as [Phone, Phone, Phone];
    const { failure } = await first.until(({ state }) => state === 'retrying');
    assert.equal(failure?.message, 'The server ended the registration (The endpoint was removed) and lets the phone register again.');
    assert.deepEqual([second.state, third.state], ['signedIn', 'signedIn']);
    // It comes back, and now it is the second one's turn: so it goes on for as long as there is one phone too many.
    all[0].clock.skipToNext();
    await second.until(({ state }) => state === 'retrying');
    await first.until('settled');
    assert.deepEqual([first.state, third.state], ['signedIn', 'signedIn']);
    for (const { phone } of all) await phone[Symbol.asyncDispose]();
    lab().setPolicy({ MaxEndpointsPerUser: 8 });
  });
});
