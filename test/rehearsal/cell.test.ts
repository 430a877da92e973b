import assert from 'node:assert/strict';
import { loadProfiles } from '../../src/firmware/loader.js';
import { rehearseSignIn, type SignInOptions } from '../../src/rehearsal/cell.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { withinDeadline } from '../../src/rehearsal/sign-in-deadline.js';
import { Trace } from '../../src/trace/trace.js';
import { failure, FakeSteps, pin, type Answers } from '../phone/fake-steps.js';
import { noNetwork } from '../phone/test-phone.js';

const profile = loadProfiles().get('4.0.7577.4100');

function signIn(answers: Partial<Answers>, signal = new AbortController().signal, clock = new FastForwardClock()) {
  const options: SignInOptions = {
    profile, builds: () => undefined, network: noNetwork, credentials: pin, macAddress: '00-04-F2-00-00-01', steps: new FakeSteps(answers), signal,
    clock, trace: new Trace(), memory: undefined,
  };
  return rehearseSignIn(options);
}

describe('The time of a rehearsed sign-in', () => {
  it('is not waited for while the phone waits, though its lease is due before that', async () => {
    const lease = (milliseconds: number) => ({
      address: '10.0.0.50', nameServers: [], domainName: undefined, server: '10.0.0.2', times: { renewal: milliseconds, rebinding: 2 * milliseconds, expiry: 3 * milliseconds },
    });
    const clock = new FastForwardClock();
    const start = clock.now();
    const began = performance.now();
    const { verdict } = await signIn({ acquireAddress: () => lease(5000), renewLease: () => lease(5000), connect: () => { throw failure('registrar-unreachable', 'retry'); } }, undefined, clock);
    const waited = performance.now() - began;
    assert.equal(verdict.behaviour, 'retrying');
    const simulated = clock.now() - start;
    const { boot, retryFirst } = profile.profile.timers;
    assert.ok(simulated >= boot.value + retryFirst.value, `${simulated} ms have passed for the phone`);
    assert.ok(waited < retryFirst.value / 2, `${waited} ms were waited`);
  });

  it('has an end for a phone that goes round without ever waiting', async () => {
    let rounds = 0;
    const over = new AbortController();
    const answers: Partial<Answers> = {
      learnVlan: () => {
        rounds += 1;
        if (rounds === 2) setTimeout(() => { over.abort(new Error('the time is over')); }, 0);
        // Were no timer to run, the test would not end either.
        if (rounds > 100_000) throw new Error('nobody ended it');
        return undefined;
      },
      acquireAddress: () => undefined,
    };
    await assert.rejects(signIn(answers, over.signal), /^Error: the time is over/);
    assert.ok(rounds < 100_000);
  });

  it('has an end for work that heeds no signal', async () => {
    const result = await withinDeadline(0.01, new AbortController().signal, () => new Promise(() => undefined));
    assert.deepEqual(result, { reason: "It was still under way after 0.01 s, the plan's deadline." });
  });
});
