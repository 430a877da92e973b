import assert from 'node:assert/strict';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { FirmwareProfile } from '../../src/firmware/schema.js';
import { Phone } from '../../src/phone/phone.js';
import type { Credentials } from '../../src/phone/steps.js';
import { assess } from '../../src/rehearsal/assess.js';
import { pooledKey } from '../pin-phone.js';
import { SimulatedClock } from '../simulated-clock.js';
import { faultyLabOf } from './faulty-lab.js';
import { firstNamed } from '../scenarios/diagnosis/first-named.js';
import { faultKinds, ofFault, type StageTable } from './stage-table.js';

const { profile, publicRoots } = loadProfiles().get('4.0.7577.4100');

/** A test for each fault of each stage of one way to sign in, on one lab. The ways have files of their own, so that they can run side by side. */
export function describeFaults(route: string, credentials: Credentials, stagesOf: (build: FirmwareProfile) => StageTable): void {
  const stages = stagesOf(profile);
  describe(`A phone that signs in ${route} among servers that are out of order`, () => {
    const clock = new SimulatedClock(Date.now());
    const keyPair = pooledKey();
    const faulty = faultyLabOf(clock);

    it('meets every kind of fault at every stage, but for those that a stage cannot have', () => {
      for (const [stage, { faults, without = {} }] of Object.entries(stages)) {
        for (const kind of faultKinds) {
          const met = faults.some(([name]) => name.startsWith(kind));
          assert.equal(met, without[kind] === undefined, `${kind} at ${stage}`);
        }
      }
    });

    for (const [stage, { faults, end, but, rule: general, ruleBut, missed, says, within, restart }] of Object.entries(stages)) {
      describe(stage, () => {
        const endOf = (fault: string) => ofFault(but, fault) ?? end;
        const namedFor = (fault: string) => ofFault(missed, fault)?.named ?? ofFault(ruleBut, fault) ?? general;
        for (const [index, [fault, make]] of faults.entries()) {
          const [state, where, rule, screen] = endOf(fault);
          // From one rest the phone starts anew in one way, whatever brought it there: once for each is enough, and quicker.
          const goesOn = state !== 'signedIn' && faults.findIndex(([other]) => String(endOf(other)) === String(endOf(fault))) === index;
          it(`meets ${fault} with ${state === 'signedIn' ? screen : rule}${goesOn ? ', and signs in once it is over' : ''}`, async () => {
            await using phone = new Phone({ profile, publicRoots, network: faulty().network(), clock, keyPair });
            faulty().phone = phone;
            faulty().misbehaviour = make(faulty());
            phone.powerOn();
            phone.signIn(credentials);
            clock.increment(profile.timers.boot.value);
            const start = clock.now();
            const snapshot = await phone.until('settled');
            assert.deepEqual([snapshot.state, snapshot.stage, snapshot.failure?.rule], [state, where, rule], snapshot.failure?.message);
            // Without roaming-self the name that came with the registration is all that the home screen has to show.
            if (screen === 'home') assert.equal(snapshot.screen[0], 'Alice Archer');
            else assert.deepEqual(snapshot.screen, profile.screens[screen].value);
            assert.ok(clock.now() - start <= within, `it took ${clock.now() - start} ms`);
            says?.(snapshot, fault);
            const verdict = assess(snapshot, phone.trace.events, profile);
            assert.equal(firstNamed(verdict), namedFor(fault), verdict.cause?.sentence);

            faulty().misbehaviour = {};
            if (!goesOn) return;
            if (restart !== undefined) {
              phone.powerOff();
              phone.powerOn();
              phone.signIn(credentials);
              clock.increment(profile.timers.boot.value);
            } else if (state === 'retrying') {
              clock.increment(profile.timers.retryFirst.value - 1);
              assert.equal(phone.state, 'retrying');
              clock.increment(1);
            } else {
              clock.increment(24 * 3_600_000);
              assert.equal(phone.state, 'refused', 'it waits for its user');
              phone.retry();
            }
            assert.equal((await phone.until(({ state: now }) => now === 'signedIn')).failure, undefined);
          });
        }
      });
    }
  });
}
