import { strict as assert } from 'node:assert';
import type { StageFailure } from '../../../src/phone/stage-failure.js';
import { failure, pin, rootDer, tethered, typed, type Answers } from '../fake-steps.js';
import { testPhone, windows } from '../test-phone.js';

const unreachable = () => failure('exchange-unavailable', 'retry');
const found = { locateExchange: () => '10.0.0.20' };
const otherRoot = Buffer.from('the chain of the web services');

async function signIn(answers: Partial<Answers>, { credentials = tethered, profile }: { credentials?: typeof tethered | typeof typed | typeof pin; profile?: typeof windows } = {}) {
  const made = testPhone({ answers, ...(profile && { profile }) });
  made.boot();
  made.phone.signIn(credentials);
  return { ...made, snapshot: await made.phone.until('settled') };
}

const statesOf = ({ exchange }: { exchange: { state: string; failure?: StageFailure } | undefined }) => [exchange?.state, exchange?.failure?.rule];

describe('Phone: Exchange', () => {
  it('is connected to with the AD credentials, at the address that DNS gives for their domain', async () => {
    const domains: string[] = [];
    const { phone, steps, snapshot } = await signIn({ locateExchange: (domain) => { domains.push(domain); return '10.0.0.20'; } });
    assert.deepEqual([snapshot.state, ...statesOf(snapshot)], ['signedIn', 'connected', undefined]);
    assert.deepEqual(domains, ['contoso.lab']);
    assert.equal(steps.calls.at(-1), 'connectExchange 10.0.0.20');
    assert.deepEqual(snapshot.screen, ['Alice', '+15550100 X100']);
    await phone[Symbol.asyncDispose]();
  });

  it('is not asked after a sign-in by PIN, and that is no failure', async () => {
    const { phone, steps, snapshot } = await signIn(found, { credentials: pin });
    assert.deepEqual(statesOf(snapshot), ['by-design', undefined]);
    assert.deepEqual(snapshot.screen, ['Alice', '+15550100 X100']);
    assert.ok(!steps.calls.some((call) => call.startsWith('connectExchange')));
    await phone[Symbol.asyncDispose]();
  });

  it('is none where the domain has no record', async () => {
    const { phone, clock, snapshot } = await signIn({});
    assert.deepEqual(statesOf(snapshot), ['none', undefined]);
    clock.increment(24 * 3_600_000);
    assert.deepEqual(statesOf(phone.snapshot), ['none', undefined]);
    await phone[Symbol.asyncDispose]();
  });

  it('is polled every three minutes, or as in-band provisioning says, up to an hour; losing it shows, and nothing is told where nothing is new', async () => {
    for (const [told, minutes] of [[undefined, 3], ['30', 30], ['600', 60], ['0', 3], ['soon', 3]] as const) {
      const missing: StageFailure[] = [];
      const { phone, steps, clock, snapshot } = await signIn({
        ...found, connectExchange: () => { for (const each of missing) throw each; return undefined; },
        provision: () => ({ displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', serverConfiguration: told === undefined ? {} : { ucExchangeMWIPoll: told } }),
      });
      assert.deepEqual(statesOf(snapshot), ['connected', undefined]);
      const before = phone.snapshot.exchange;
      const asked = () => steps.calls.filter((call) => call.startsWith('connectExchange')).length;
      clock.increment(minutes * 60_000 - 1);
      assert.equal(asked(), 1);
      clock.increment(1);
      for (let turn = 0; turn < 50 && asked() < 2; turn++) await Promise.resolve();
      assert.equal(asked(), 2);
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      assert.equal(phone.snapshot.exchange, before);
      missing.push(unreachable());
      clock.increment(minutes * 60_000);
      await phone.until(({ exchange }) => exchange?.state === 'unavailable-server');
      assert.deepEqual([phone.state, phone.screen], ['signedIn', ['Connection to Microsoft Exchange is unavailable. Please contact your support team']]);
      await phone[Symbol.asyncDispose]();
    }
  });

  it('shows that it is missing, keeps the phone signed in, and is tried again after a quarter of an hour', async () => {
    let missing: StageFailure | undefined = unreachable();
    const { phone, steps, clock, snapshot } = await signIn({ ...found, connectExchange: () => { if (missing !== undefined) throw missing; return undefined; } });
    assert.deepEqual([snapshot.state, ...statesOf(snapshot)], ['signedIn', 'unavailable-server', 'exchange-unavailable']);
    assert.deepEqual(snapshot.screen, ['Connection to Microsoft Exchange is unavailable. Please contact your support team']);
    assert.equal(snapshot.failure, undefined);
    const asked = () => steps.calls.filter((call) => call.startsWith('connectExchange')).length;
    clock.increment(15 * 60_000 - 1);
    assert.equal(asked(), 1);
    missing = undefined;
    clock.increment(1);
    await phone.until(({ exchange }) => exchange?.state === 'connected');
    assert.equal(asked(), 2);
    assert.deepEqual(phone.screen, ['Alice', '+15550100 X100']);
    await phone[Symbol.asyncDispose]();
  });

  it('says that it wants other credentials', async () => {
    const { phone, snapshot } = await signIn({ ...found, connectExchange: () => { throw failure('exchange-credentials-refused', 'retry', { screen: 'exchange-credentials' }); } });
    assert.deepEqual(statesOf(snapshot), ['unavailable-credentials', 'exchange-credentials-refused']);
    assert.deepEqual(snapshot.screen, ['Microsoft Exchange integration unavailable.', 'Connection to Exchange is unavailable due to invalid network credentials.']);
    await phone[Symbol.asyncDispose]();
  });

  it('cannot take the phone down, whatever goes wrong', async () => {
    for (const reason of [failure('certificate-refused', 'reboot'), failure('web-service-error', 'stop'), new TypeError('a bug')]) {
      const { phone, snapshot } = await signIn({ ...found, connectExchange: () => { throw reason; } });
      assert.deepEqual([snapshot.state, snapshot.exchange?.state], ['signedIn', 'unavailable-server']);
      await phone[Symbol.asyncDispose]();
    }
    const { phone, snapshot } = await signIn({ locateExchange: () => { throw new Error('a bug'); } });
    assert.deepEqual([snapshot.state, ...statesOf(snapshot)], ['signedIn', 'unavailable-server', 'exchange-unavailable']);
    await phone[Symbol.asyncDispose]();
  });

  it('is judged by the chain of the web services too, which a tethered phone learns once, and a PC does not', async () => {
    const trusted: string[][] = [];
    const answers: Partial<Answers> = {
      ...found, fetchRootChain: () => ({ downloadedRoots: [otherRoot], intermediates: [] }),
      connectExchange: ({ downloadedRoots }) => { trusted.push(downloadedRoots.map(String)); throw unreachable(); },
    };
    const { phone, steps, clock } = await signIn(answers);
    assert.deepEqual(phone.memory.downloadedRoots, [otherRoot]);
    clock.increment(15 * 60_000);
    await phone.until(() => trusted.length === 2);
    assert.deepEqual(trusted, [[String(otherRoot)], [String(otherRoot)]]);
    assert.equal(steps.calls.filter((call) => call.startsWith('fetchRootChain')).length, 1);
    await phone[Symbol.asyncDispose]();
    const pc = await signIn(answers, { credentials: typed, profile: windows });
    assert.deepEqual(trusted.at(-1), []);
    await pc.phone[Symbol.asyncDispose]();
  });

  it('is looked for without that chain where there is none to be had', async () => {
    const { phone, snapshot } = await signIn({ ...found, fetchRootChain: () => { throw failure('chain-download-empty', 'stop'); } });
    assert.equal(snapshot.exchange?.state, 'connected');
    assert.deepEqual(phone.memory.downloadedRoots, []);
    await phone[Symbol.asyncDispose]();
  });

  it('keeps the chain that was learnt first', async () => {
    const first = await signIn({}, { credentials: pin });
    await first.phone[Symbol.asyncDispose]();
    const { phone, boot, steps } = testPhone({ memory: first.phone.memory, answers: { ...found, fetchRootChain: () => ({ downloadedRoots: [otherRoot], intermediates: [] }) } });
    phone.powerOn();
    phone.signIn(tethered);
    boot();
    assert.equal((await phone.until('settled')).exchange?.state, 'connected');
    assert.deepEqual(phone.memory.downloadedRoots, [rootDer]);
    assert.ok(!steps.calls.some((call) => call.startsWith('fetchRootChain')));
    await phone[Symbol.asyncDispose]();
  });

  it('is forgotten with the sign-in: no timer is left, and the next one looks anew', async () => {
    const { phone, steps, clock } = await signIn({ ...found, connectExchange: () => { throw unreachable(); } });
    await phone.signOut();
    assert.equal(phone.snapshot.exchange, undefined);
    const asked = steps.calls.length;
    clock.increment(3_600_000);
    assert.equal(steps.calls.length, asked);
    phone.signIn(tethered);
    assert.equal((await phone.until('settled')).exchange?.state, 'unavailable-server');
    await phone[Symbol.asyncDispose]();
  });
});
