import { strict as assert } from 'node:assert';
import { setImmediate } from 'node:timers/promises';
import { fresh, type PhoneMemory } from '../../src/phone/memory.js';
import { certProvUrl, clientCertificate, directoryRootDer, discovered, pin, rootDer, stsUri, tethered, typed } from './fake-steps.js';
import { cu1, testPhone, windows } from './test-phone.js';

const certificateOf = (memory: PhoneMemory) => memory.clientCertificate?.certificatePem;

describe('Phone: the routes of a sign-in', () => {
  it('by PIN: roots from CertProv, ticket, certificate, then the registrar', async () => {
    const { phone, steps, states, boot } = testPhone();
    boot();
    await phone.until(({ state }) => state === 'waitingForUser');
    assert.deepEqual(phone.screen, ['Sign In']);
    phone.signIn(pin);
    const snapshot = await phone.until('settled');
    assert.equal(snapshot.state, 'signedIn');
    assert.deepEqual(states, [
      'booting', 'vlan', 'address', 'time', 'updateCheck', 'discovering', 'waitingForUser', 'rootChain', 'webTicket', 'clientCertificate', 'connecting', 'registering', 'provisioning', 'signedIn',
    ]);
    assert.deepEqual(steps.calls, [
      'discover', `fetchRootChain ${certProvUrl}`, `obtainWebTicket pin ${certProvUrl}`, 'publishCertificate',
      'locateRegistrars contoso.lab', 'connect sip.contoso.lab', 'register sip.contoso.lab', 'provision sip.contoso.lab',
    ]);
    assert.deepEqual(snapshot.obtained, { rootChain: true, clientCertificate: true, lockPolicy: false, contacts: false, presence: false, mediaRelay: false, locationProfile: false });
    assert.equal(snapshot.failure, undefined);
    assert.deepEqual(snapshot.attempts.map(({ candidate }) => candidate.host), ['sip.contoso.lab']);
    await phone[Symbol.asyncDispose]();
  });

  it('tethered with option 43: roots from the directory, ticket by NTLM, certificate, then the registrar', async () => {
    const { phone, steps, boot } = testPhone();
    boot();
    phone.signIn(tethered);
    assert.equal((await phone.until('settled')).state, 'signedIn');
    assert.deepEqual(steps.calls, [
      'discover', 'fetchDirectoryRoots', `obtainWebTicket tethered ${certProvUrl}`, 'publishCertificate',
      'locateRegistrars contoso.lab', 'connect sip.contoso.lab', 'register sip.contoso.lab', 'provision sip.contoso.lab',
    ]);
    assert.deepEqual(phone.memory.directoryRoots, [directoryRootDer]);
    assert.deepEqual(phone.memory.downloadedRoots, []);
    await phone[Symbol.asyncDispose]();
  });

  const registrarFirst = (method: string) => [
    'discover', 'fetchDirectoryRoots', 'locateRegistrars contoso.lab', 'connect sip.contoso.lab', 'challenge sip.contoso.lab',
    `obtainWebTicket ${method} ${stsUri}`, 'publishCertificate', 'register sip.contoso.lab', 'provision sip.contoso.lab',
  ];

  it('tethered without option 43: the registrar says where the certificate is to be had, on the session that then registers', async () => {
    const { phone, steps, boot } = testPhone({ answers: { discover: () => ({ ...discovered, certProvUrl: undefined }) } });
    boot();
    phone.signIn(tethered);
    assert.equal((await phone.until('settled')).state, 'signedIn');
    assert.deepEqual(steps.calls, registrarFirst('tethered'));
    await phone[Symbol.asyncDispose]();
  });

  it('typed into the Windows client: the registrar first, whatever option 43 says', async () => {
    const { phone, steps, boot } = testPhone({ profile: windows });
    boot();
    phone.signIn(typed);
    assert.equal((await phone.until('settled')).state, 'signedIn');
    assert.deepEqual(steps.calls, registrarFirst('typed'));
    await phone[Symbol.asyncDispose]();
  });

  it('by a method the build does not have: refused, and the sentence names those it has', async () => {
    const { phone, steps, boot } = testPhone({ profile: windows });
    boot();
    phone.signIn(pin);
    const { state, stage, failure } = await phone.until('settled');
    assert.deepEqual([state, stage, failure?.rule], ['refused', 'waitingForUser', 'sign-in-method-unsupported']);
    assert.equal(failure?.message, `${windows.name} does not take a pin sign-in; it takes typed.`);
    assert.deepEqual(steps.calls, ['discover']);
    await phone[Symbol.asyncDispose]();
  });

  it('takes credentials while it still starts, and none while it is off or already signed in', async () => {
    const { phone, boot } = testPhone();
    assert.throws(() => { phone.signIn(pin); }, { code: 'phone/busy', message: 'The phone takes no sign-in while it is off.' });
    phone.powerOn();
    phone.signIn(pin);
    boot();
    await phone.until('settled');
    assert.throws(() => { phone.signIn(pin); }, { code: 'phone/busy' });
    await phone[Symbol.asyncDispose]();
  });
});

describe('Phone: what it remembers', () => {
  async function signedInOnce(): Promise<PhoneMemory> {
    const { phone, boot } = testPhone();
    boot();
    phone.signIn(pin);
    await phone.until('settled');
    await phone[Symbol.asyncDispose]();
    return phone.memory;
  }

  it('signs in again by itself with the certificate, trying the last good registrar first', async () => {
    const memory = await signedInOnce();
    const { phone, steps, boot } = testPhone({ memory });
    boot();
    assert.equal((await phone.until('settled')).state, 'signedIn');
    assert.deepEqual(steps.calls.slice(0, 4), ['discover', 'locateRegistrars contoso.lab', 'connect sip.contoso.lab', 'register sip.contoso.lab']);
    await phone[Symbol.asyncDispose]();
  });

  it('keeps roots, certificate and registrar over a power cut, and no PIN', async () => {
    const memory = await signedInOnce();
    assert.deepEqual(memory.downloadedRoots, [rootDer]);
    assert.equal(certificateOf(memory), 'CERTIFICATE');
    assert.equal(memory.lastRegistrar?.host, 'sip.contoso.lab');
    assert.equal(memory.credentials, undefined);
    assert.ok(!JSON.stringify(memory).includes('48213'));
  });

  it('does not use a certificate that ends within the hour, but keeps the first chain', async () => {
    const memory = { ...await signedInOnce(), clientCertificate: clientCertificate(59 * 60 * 1000) };
    const { phone, steps, boot } = testPhone({ memory });
    boot();
    await phone.until(({ state }) => state === 'waitingForUser');
    phone.signIn(pin);
    assert.equal((await phone.until('settled')).state, 'signedIn');
    assert.deepEqual(steps.calls.slice(0, 3), ['discover', `obtainWebTicket pin ${certProvUrl}`, 'publishCertificate']);
    await phone[Symbol.asyncDispose]();
  });

  it('keeps AD credentials when the cable goes, and signs in with them after a power cut', async () => {
    const first = testPhone();
    first.boot();
    first.phone.signIn(tethered);
    await first.phone.until('settled');
    await first.phone[Symbol.asyncDispose]();
    const { phone, steps, boot } = testPhone({ memory: { ...first.phone.memory, clientCertificate: undefined } });
    boot();
    assert.equal((await phone.until('settled')).state, 'signedIn');
    assert.ok(steps.calls.includes(`obtainWebTicket tethered ${certProvUrl}`));
    await phone[Symbol.asyncDispose]();
  });

  it('drops what belongs to one user when another signs in', async () => {
    const memory = await signedInOnce();
    const { phone, steps } = testPhone({ memory });
    phone.powerOn();
    phone.signIn({ ...tethered, sipUri: 'sip:bob@contoso.lab', user: 'bob' });
    assert.equal(certificateOf(phone.memory), undefined);
    assert.deepEqual(phone.memory.downloadedRoots, [rootDer]);
    assert.deepEqual(steps.calls, []);
    await phone[Symbol.asyncDispose]();
  });

  it('uses the remembered certificate although somebody keys in a PIN while it starts', async () => {
    const { phone, steps } = testPhone({ memory: await signedInOnce(), profile: cu1 });
    phone.powerOn();
    phone.signIn(pin);
    phone.retry();
    assert.equal(certificateOf(phone.memory), 'CERTIFICATE');
    assert.deepEqual(steps.calls, []);
    await phone[Symbol.asyncDispose]();
  });

  it('waits for the end of a sign-out no longer than it is told to; the sign-out goes on', async () => {
    let answer = () => {};
    const answered = new Promise<undefined>((resolve) => { answer = () => { resolve(undefined); }; });
    const { phone, boot } = testPhone({ answers: { signOut: () => answered } });
    boot();
    phone.signIn(pin);
    await phone.until('settled');
    const enough = new AbortController();
    const signedOut = phone.signOut({ signal: enough.signal });
    await phone.until(({ state }) => state === 'signingOut');
    enough.abort(new Error('enough'));
    await assert.rejects(signedOut, /^Error: enough$/);
    answer();
    await phone.until(({ state }) => state === 'waitingForUser');
    await phone[Symbol.asyncDispose]();
  });

  it('signs out: tells the server, closes, forgets the user and keeps the roots', async () => {
    const { phone, steps, boot } = testPhone();
    boot();
    phone.signIn(pin);
    await phone.until('settled');
    await phone.signOut();
    assert.equal(phone.state, 'waitingForUser');
    assert.equal(steps.calls.at(-1), 'signOut sip.contoso.lab');
    assert.equal(steps.session?.closed, true);
    assert.deepEqual(phone.memory, { ...fresh(cu1.build), downloadedRoots: [rootDer] });
    await phone[Symbol.asyncDispose]();
  });

  it('cancels a sign-in under way on sign-out', async () => {
    const { phone, boot } = testPhone({ answers: { obtainWebTicket: () => new Promise(() => undefined) } });
    boot();
    phone.signIn(pin);
    await phone.until(({ state }) => state === 'webTicket');
    await phone.signOut();
    assert.equal(phone.state, 'waitingForUser');
    phone.powerOff();
  });
});

describe('Phone: power', () => {
  it('goes off at once: the connection is closed, no timer is left, and a wait for it is told', async () => {
    const { phone, steps, clock, boot } = testPhone();
    boot();
    phone.signIn(pin);
    await phone.until('settled');
    const waiting = phone.until(({ state }) => state === 'retrying');
    phone.powerOff();
    await assert.rejects(waiting, { code: 'phone/powered-off' });
    assert.equal(steps.session?.closed, true);
    assert.equal(steps.session?.report, undefined);
    assert.deepEqual(phone.screen, []);
    const calls = [...steps.calls];
    clock.increment(3_600_000);
    assert.deepEqual(steps.calls, calls);
    await phone[Symbol.asyncDispose]();
  });

  it('aborts the step under way', async () => {
    const { phone, steps, boot } = testPhone({ answers: { discover: () => new Promise(() => undefined) } });
    boot();
    while (steps.signals.length === 0) await setImmediate();
    assert.equal(steps.signals[0]?.aborted, false);
    phone.powerOff();
    assert.equal(steps.signals[0]?.aborted, true);
  });

  it('closes a connection that comes up after the power went', async () => {
    let connected: (() => void) | undefined;
    const { phone, steps, boot } = testPhone({ answers: { connect: () => new Promise((resolve) => { connected = () => { resolve(undefined); }; }) } });
    boot();
    phone.signIn(pin);
    await phone.until(({ state }) => state === 'connecting');
    while (connected === undefined) await setImmediate();
    const gone = phone[Symbol.asyncDispose]();
    connected();
    await gone;
    assert.equal(steps.session?.closed, true);
  });

  it('gives up waiting when the signal aborts', async () => {
    const { phone } = testPhone();
    const reason = new Error('enough');
    await assert.rejects(phone.until('settled', { signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const waiting = phone.until('settled', { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(waiting, reason);
    await phone[Symbol.asyncDispose]();
  });

  it('records states and what the display shows in the trace', async () => {
    const { phone, boot } = testPhone();
    boot();
    phone.signIn(pin);
    await phone.until('settled');
    const told = phone.trace.events.map((event) => (event.layer === 'state' ? event.state : event.layer === 'screen' ? event.lines.join('|') : event.layer));
    assert.deepEqual(told.slice(0, 9), ['booting', 'Starting...', 'vlan', 'Acquiring IP Address', 'address', 'time', 'updateCheck', 'discovering', 'rootChain']);
    assert.deepEqual(told.slice(-2), ['signedIn', 'Alice|+15550100 X100']);
    await phone[Symbol.asyncDispose]();
  });
});
