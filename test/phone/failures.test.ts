import { strict as assert } from 'node:assert';
import { backOff } from '../../src/phone/after-failure.js';
import type { PhoneMemory } from '../../src/phone/memory.js';
import { StageFailure } from '../../src/phone/stage-failure.js';
import type { RegistrarCandidate, Registration, Trust, WebTicket } from '../../src/phone/steps.js';
import { candidate, clientCertificate, discovered, failure, located, pin, rootDer, tethered, type Answers } from './fake-steps.js';
import { cu1, testPhone } from './test-phone.js';

const cannotConnect = ['Cannot connect to the server. Retrying.', 'If the problem continues, contact your', 'support team.'];
const refused = () => failure('certificate-refused', 'retry', { screen: 'cannot-connect-retrying' });
const signedInMemory = (memory: PhoneMemory): PhoneMemory =>
  ({ ...memory, downloadedRoots: [rootDer], clientCertificate: clientCertificate(), lastRegistrar: candidate('old.contoso.lab') });

/** A step that answers one thing after the other, the last for ever; errors are thrown. */
function inTurn<T extends object>(...answers: (T | StageFailure)[]): () => T {
  return () => {
    const next = (answers.length > 1 ? answers.shift() : answers[0]) as T | StageFailure;
    if (next instanceof StageFailure) throw next;
    return next;
  };
}

async function signIn(answers: Partial<Answers>, memory?: PhoneMemory) {
  const made = testPhone({ answers, ...(memory === undefined ? {} : { memory }) });
  made.boot();
  made.phone.signIn(pin);
  return { ...made, snapshot: await made.phone.until('settled') };
}

describe('Phone: a failure that it retries', () => {
  it('shows the message without end, builds its list anew each time, and waits 30 s, 60 s, ... 5 min', async () => {
    const { phone, steps, clock, states, snapshot } = await signIn({ connect: () => { throw refused(); } });
    assert.deepEqual([snapshot.state, snapshot.stage, snapshot.failure?.rule, snapshot.rounds], ['retrying', 'connecting', 'certificate-refused', 1]);
    assert.deepEqual(snapshot.screen, cannotConnect);
    assert.deepEqual(snapshot.obtained, { rootChain: true, clientCertificate: true, lockPolicy: false, contacts: false, presence: false, mediaRelay: false, locationProfile: false });
    const shown: (readonly string[])[] = [];
    phone.onChange(({ screen }) => { shown.push(screen); });
    for (const [round, wait] of [30, 60, 120, 240, 300, 300].entries()) {
      states.length = steps.calls.length = 0;
      clock.increment(wait * 1000 - 1);
      assert.equal(phone.state, 'retrying');
      clock.increment(1);
      await phone.until('settled', { rounds: round + 2 });
      assert.deepEqual(states, ['discovering', 'connecting', 'retrying']);
      assert.deepEqual(steps.calls, ['discover', 'locateRegistrars contoso.lab', 'connect sip.contoso.lab']);
    }
    assert.ok(shown.every((lines) => lines.join() === cannotConnect.join()));
    await phone[Symbol.asyncDispose]();
  });

  it('starts the waits over once it has signed in', async () => {
    const { phone, steps, clock } = await signIn({ register: inTurn<Registration>(failure('registrar-silent', 'retry'), { gruu: undefined, expires: 7200, keepAlive: 300, displayName: undefined }) });
    clock.increment(30_000);
    assert.equal((await phone.until('settled')).state, 'signedIn');
    steps.session?.report?.({ type: 'lost', failure: failure('connection-lost', 'retry') });
    assert.deepEqual([phone.state, phone.snapshot.rounds, phone.snapshot.stage], ['retrying', 1, 'signedIn']);
    assert.deepEqual(phone.screen, ['Connecting to Lync Server...']);
    assert.equal(steps.session?.closed, true);
    clock.increment(30_000);
    assert.equal((await phone.until('settled')).state, 'signedIn');
    await phone[Symbol.asyncDispose]();
  });

  it('keeps "Connecting to Lync Server..." where the failure has no message of its own', async () => {
    const { phone, snapshot } = await signIn({ connect: () => { throw failure('tls-failed', 'retry'); } });
    assert.deepEqual(snapshot.screen, ['Connecting to Lync Server...']);
    await phone[Symbol.asyncDispose]();
  });

  it('grows its waits by the profile', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 60].map((rounds) => backOff({ profile: cu1, rounds })), [30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  });

  it('tries again at once when the user asks', async () => {
    const { phone } = await signIn({ fetchRootChain: inTurn<Pick<Trust, 'downloadedRoots' | 'intermediates'>>(failure('web-service-unreachable', 'retry', { screen: 'web-service-not-found' }), { downloadedRoots: [rootDer], intermediates: [] }) });
    assert.deepEqual(phone.screen, ['Unable to locate Lync Certificate Web service']);
    phone.retry();
    assert.deepEqual(phone.screen, ['Locating the server to download the certificate']);
    assert.equal((await phone.until('settled')).state, 'signedIn');
    await phone[Symbol.asyncDispose]();
  });

  it('retries an error nobody foresaw, and says what it was', async () => {
    const { phone, snapshot } = await signIn({ obtainWebTicket: () => { throw new TypeError('undefined is not a ticket.'); } });
    assert.deepEqual([snapshot.state, snapshot.failure?.rule], ['retrying', 'web-service-error']);
    assert.equal(snapshot.failure?.message, 'The stage webTicket ended with an error nobody foresaw: undefined is not a ticket.');
    await phone[Symbol.asyncDispose]();
  });
});

describe('Phone: a failure that it stops at', () => {
  it('shows the message and waits for the user', async () => {
    const wrong = failure('pin-refused', 'stop', { screen: 'pin-incorrect' });
    const { phone, clock, snapshot, steps } = await signIn({ obtainWebTicket: ({ credentials }) => {
      if (credentials.method === 'pin' && credentials.pin !== '55555') throw wrong;
      return { assertion: '', assertionId: '', lifetime: '', proofKey: undefined, endpoint: '' };
    } });
    assert.deepEqual([snapshot.state, snapshot.stage, snapshot.failure], ['refused', 'webTicket', wrong]);
    assert.deepEqual(snapshot.screen, ["Your phone number/extension or PIN isn't correct"]);
    const { length } = steps.calls;
    clock.increment(24 * 3600 * 1000);
    assert.equal(steps.calls.length, length);
    phone.signIn({ ...pin, pin: '55555' });
    assert.equal((await phone.until('settled')).state, 'signedIn');
    await phone[Symbol.asyncDispose]();
  });

  it('stops when the server ends the registration for good, retries when it may', async () => {
    const { phone, steps } = await signIn({});
    steps.session?.report?.({ type: 'deregistered', reason: 'rejected', mayRetry: false });
    assert.deepEqual([phone.state, phone.snapshot.failure?.rule], ['refused', 'registration-refused']);
    assert.deepEqual(phone.screen, ['Unable to contact Registrar for authentication. Please sign in again.']);
    phone.retry();
    assert.equal((await phone.until('settled')).state, 'signedIn');
    steps.session?.report?.({ type: 'deregistered', reason: 'timeout', mayRetry: true });
    assert.equal(phone.state, 'retrying');
    await phone[Symbol.asyncDispose]();
  });
});

describe('Phone: a failure that it reboots at', () => {
  it('reboots with its memory and the sign-in under way, and is in a loop at the third time', async () => {
    const { phone, steps, clock, states, boot } = testPhone({
      answers: { obtainWebTicket: () => { throw failure('certificate-refused', 'reboot', { screen: 'certificate-problem' }); } },
    });
    boot();
    phone.signIn(pin);
    for (const reboots of [1, 2]) {
      await phone.until((each) => each.state === 'rebooting' && each.reboots === reboots);
      assert.deepEqual(phone.screen, ['Starting...']);
      clock.increment(0);
      assert.equal(phone.state, 'booting');
      assert.equal(phone.snapshot.failure, undefined);
      clock.increment(cu1.timers.boot.value);
    }
    const snapshot = await phone.until('settled');
    assert.deepEqual([snapshot.state, snapshot.stage, snapshot.reboots, snapshot.failure?.rule], ['rebootLoop', 'webTicket', 3, 'certificate-refused']);
    const round = ['booting', 'vlan', 'address', 'time', 'updateCheck', 'discovering', 'webTicket', 'rebooting'];
    assert.deepEqual(states, ['booting', 'vlan', 'address', 'time', 'updateCheck', 'discovering', 'rootChain', 'webTicket', 'rebooting', ...round, 'booting', 'vlan', 'address', 'time', 'updateCheck', 'discovering', 'webTicket', 'rebootLoop']);
    assert.equal(steps.calls.filter((call) => call.startsWith('fetchRootChain')).length, 1);
    clock.increment(3_600_000);
    assert.equal(phone.state, 'rebootLoop');
    await phone[Symbol.asyncDispose]();
  });

  it('counts from nought again after a sign-in', async () => {
    const { phone, clock, boot } = testPhone({ answers: { obtainWebTicket: inTurn<WebTicket>(failure('certificate-refused', 'reboot'),
      { assertion: '', assertionId: '', lifetime: '', proofKey: undefined, endpoint: '' }) } });
    boot();
    phone.signIn(pin);
    await phone.until(({ state }) => state === 'rebooting');
    assert.equal(phone.memory.reboots, 1);
    clock.increment(0);
    clock.increment(cu1.timers.boot.value);
    assert.deepEqual([(await phone.until('settled')).state, phone.memory.reboots], ['signedIn', 0]);
    await phone[Symbol.asyncDispose]();
  });
});

describe('Phone: what it remembers fails it', () => {
  const list = ({ lastGood }: { lastGood: RegistrarCandidate | undefined }) =>
    located(...(lastGood === undefined ? [] : [{ ...lastGood, source: 'last-good' as const }]), candidate('new.contoso.lab'));

  it('gives up the last good registrar when it fails, and learns the one that took it in', async () => {
    const { phone, steps, snapshot } = await signIn({
      locateRegistrars: list,
      connect: ({ host }) => { if (host === 'old.contoso.lab') throw failure('registrar-unreachable', 'retry'); return undefined; },
    }, signedInMemory(testPhone().phone.memory));
    assert.equal(snapshot.state, 'signedIn');
    assert.deepEqual(steps.calls.filter((call) => call.startsWith('connect')), ['connect old.contoso.lab', 'connect new.contoso.lab']);
    assert.equal(phone.memory.lastRegistrar?.host, 'new.contoso.lab');
    assert.deepEqual(snapshot.attempts.map(({ failure: why }) => why?.rule), ['registrar-unreachable', undefined]);
    await phone[Symbol.asyncDispose]();
  });

  for (const [what, register] of [
    ['when nothing else answers either', undefined],
    ['when it refuses the registration', () => { throw failure('registration-refused', 'retry', { facts: { status: 503 } }); }],
  ] as const) {
    it(`gives up the last good registrar ${what}`, async () => {
      const { phone, snapshot } = await signIn({
        locateRegistrars: list, ...(register === undefined ? { connect: () => { throw failure('registrar-unreachable', 'retry'); } } : { register }),
      }, signedInMemory(testPhone().phone.memory));
      assert.equal(snapshot.state, 'retrying');
      assert.equal(phone.memory.lastRegistrar, undefined);
      await phone[Symbol.asyncDispose]();
    });
  }

  for (const facts of [{ status: 403, id: 4004 }, { status: 401 }]) {
    it(`drops a remembered certificate that is answered ${JSON.stringify(facts)} and gets another, once`, async () => {
      const notWanted = failure('registration-refused', 'stop', { facts });
      const { phone, steps, snapshot } = await signIn({ register: () => { throw notWanted; } }, signedInMemory(testPhone().phone.memory));
      assert.deepEqual([snapshot.state, snapshot.failure], ['refused', notWanted]);
      assert.deepEqual(steps.calls.map((call) => call.split(' ')[0]), [
        'discover', 'locateRegistrars', 'connect', 'register', 'obtainWebTicket', 'publishCertificate', 'locateRegistrars', 'connect', 'register',
      ]);
      assert.ok(steps.sessions.every(({ closed }) => closed));
      await phone[Symbol.asyncDispose]();
    });
  }

  it('drops it and waits for the user when there is nothing to get another with', async () => {
    const { phone, boot } = testPhone({
      memory: signedInMemory(testPhone().phone.memory),
      answers: { register: () => { throw failure('registration-refused', 'retry', { facts: { status: 403, id: 4004 } }); } },
    });
    boot();
    assert.deepEqual([(await phone.until('settled')).state, phone.memory.clientCertificate], ['refused', undefined]);
    await phone[Symbol.asyncDispose]();
  });

  it('keeps a certificate that is refused for another reason', async () => {
    const { phone } = await signIn({ register: () => { throw failure('registration-refused', 'stop', { facts: { status: 403, id: 17002 } }); } },
      signedInMemory(testPhone().phone.memory));
    assert.notEqual(phone.memory.clientCertificate, undefined);
    await phone[Symbol.asyncDispose]();
  });

  it('survives that DHCP has forgotten its options, which stops a phone that was reset', async () => {
    const answers: Partial<Answers> = {
      discover: () => ({ certProvUrl: undefined, sipServer: undefined, domainName: undefined }),
      fetchRootChain: () => { throw failure('web-service-unknown', 'stop', { screen: 'web-service-not-found' }); },
    };
    const remembering = await signIn(answers, signedInMemory(testPhone().phone.memory));
    assert.equal(remembering.snapshot.state, 'signedIn');
    const reset = await signIn(answers);
    assert.deepEqual([reset.snapshot.state, reset.snapshot.stage], ['refused', 'rootChain']);
    await remembering.phone[Symbol.asyncDispose]();
    await reset.phone[Symbol.asyncDispose]();
  });

  it('says that no web service is known although the roots are, when the certificate has run out', async () => {
    const { snapshot, phone } = await signIn({
      discover: () => ({ ...discovered, certProvUrl: undefined }),
      fetchRootChain: ({ certProvUrl }) => { throw failure(certProvUrl === undefined ? 'web-service-unknown' : 'web-service-error', 'stop'); },
    }, { ...signedInMemory(testPhone().phone.memory), clientCertificate: undefined });
    assert.equal(snapshot.failure?.rule, 'web-service-unknown');
    await phone[Symbol.asyncDispose]();
  });

  it('asks the directory again for as long as it gave no root', async () => {
    const { phone, steps, clock, boot } = testPhone({ answers: {
      fetchDirectoryRoots: () => [], connect: () => { throw refused(); },
    } });
    boot();
    phone.signIn(tethered);
    await phone.until('settled');
    clock.increment(30_000);
    await phone.until('settled', { rounds: 2 });
    assert.equal(steps.calls.filter((call) => call === 'fetchDirectoryRoots').length, 2);
    await phone[Symbol.asyncDispose]();
  });
});
