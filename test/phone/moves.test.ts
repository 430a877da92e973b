import assert from 'node:assert/strict';
import { pin } from './fake-steps.js';
import { cu1, testPhone } from './test-phone.js';

describe('A phone among servers that send it to one another', () => {
  const { retryFirst, retryLongest } = cu1.timers;
  const signedInAt = (host: string) => ({ state, attempts }: { state: string; attempts: readonly { candidate: { host: string } }[] }) =>
    state === 'signedIn' && attempts.at(-1)?.candidate.host === host;

  async function signedIn() {
    const test = testPhone();
    test.boot();
    test.phone.signIn(pin);
    await test.phone.until('settled');
    let moves = 0;
    /** The server that it is at names another; resolves once the phone is there, or rests elsewhere. */
    const move = async () => {
      const host = `pool${++moves % 2}.contoso.lab`;
      test.steps.session?.report?.({ type: 'moved', to: { host, port: 5061, transport: 'tls' } });
      return test.phone.until((snapshot) => snapshot.state === 'retrying' || signedInAt(host)(snapshot));
    };
    return { ...test, move };
  }

  it('follows five times, then waits, and says what goes on', async () => {
    const { phone, clock, move } = await signedIn();
    for (let move5 = 0; move5 < 5; move5++) assert.equal((await move()).state, 'signedIn');
    const { state, failure, screen } = await move();
    assert.deepEqual([state, failure?.rule, failure?.reaction], ['retrying', 'redirect-loop', 'retry']);
    assert.equal(failure?.message, 'The registrar sent the phone on to pool0.contoso.lab:5061, after 5 other servers had sent it on.');
    assert.deepEqual(screen, cu1.screens['registrar-not-contacted'].value);

    clock.increment(retryFirst.value);
    await phone.until(({ state: now }) => now === 'signedIn');
    assert.equal((await move()).failure?.rule, 'redirect-loop', 'nor does it follow the next');
    await phone[Symbol.asyncDispose]();
  });

  it('follows on when the moves lie far apart', async () => {
    const { phone, clock, move } = await signedIn();
    for (let count = 0; count < 12; count++) {
      assert.equal((await move()).state, 'signedIn');
      clock.increment(retryLongest.value / 4);
      await phone.until('settled');
    }
    await phone[Symbol.asyncDispose]();
  });
});
