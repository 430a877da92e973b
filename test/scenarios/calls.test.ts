import assert from 'node:assert/strict';
import type { Call } from '../../src/phone/call.js';
import { Phone, type PhoneSnapshot } from '../../src/phone/phone.js';
import type { Credentials } from '../../src/phone/steps.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { pooledKey } from '../pin-phone.js';
import { labOf, profiles } from './sign-in.js';
import { domain, name, twoPools, user } from './two-pools.js';

/** Alice and carol are at home in one pool, bob in the other. */
const callers = twoPools({
  dc: { directory: { publishedRoots: ['root'] } },
  dns: [
    { name: `_sipinternaltls._tcp.${domain}`, type: 'SRV', target: name('pool01'), port: 5061 },
    { name: `_ldap._tcp.dc._msdcs.${domain}`, type: 'SRV', target: name('dc'), port: 389 }, { name: name('dc'), type: 'A', address: '10.0.0.2' },
  ],
  option120: name('pool01'),
  users: [user('alice', 100, { registrarPool: name('pool01') }), user('bob', 101, { registrarPool: name('pool02') }), user('carol', 102, { registrarPool: name('pool01') })],
});

describe('calls', () => {
  const lab = labOf(callers);
  const keyPair = pooledKey();
  const phones: Phone[] = [];
  let count = 0;
  afterEach(async () => { await Promise.all(phones.splice(0).map((phone) => phone[Symbol.asyncDispose]())); });

  const byPin = (extension: string): Credentials => ({ method: 'pin', phoneOrExtension: extension, pin: '48213' });
  const tethered = (alias: string): Credentials => ({ method: 'tethered', sipUri: `sip:${alias}@${domain}`, domain: 'LAB', user: alias, password: 'lab-Password-1' });

  /** A phone of its own that has signed in. */
  async function signedIn(credentials: Credentials, clock = new FastForwardClock()): Promise<Phone> {
    const phone = new Phone({ ...profiles.get('4.0.7577.4100'), network: lab().network(), clock, keyPair, macAddress: `00-04-F2-00-02-${String(++count).padStart(2, '0')}` });
    phones.push(phone);
    phone.powerOn();
    phone.signIn(credentials);
    clock.skipToNext();
    const { state, failure } = await phone.until('settled');
    assert.equal(state, 'signedIn', failure?.message);
    return phone;
  }

  const registrarOf = (host: string) => {
    const registrar = lab().services.find(({ fqdn, registrar: own }) => own !== undefined && fqdn === name(host))?.registrar;
    if (registrar === undefined) throw new Error(`no registrar at ${host}`);
    return registrar;
  };
  const is = (state: Call['state']) => ({ call }: PhoneSnapshot) => call?.state === state;
  const ended = async (phone: Phone) => (await phone.until(is('ended'))).call?.ended;

  it('a PIN phone calls a tethered one in another pool, and either can end it', async () => {
    const [alice, bob] = await Promise.all([signedIn(byPin('100')), signedIn(tethered('bob'))]);
    const home = bob.screen;
    alice.call(`bob@${domain}`);
    assert.deepEqual([alice.snapshot.call?.state, alice.screen], ['calling', [`Calling bob@${domain}`]]);
    const ringing = await bob.until(is('ringing'));
    assert.deepEqual(ringing.screen, ['Incoming call from alice']);
    assert.deepEqual((await alice.until(is('ringing'))).screen, ['Calling bob']);
    bob.answer();
    for (const phone of [alice, bob]) assert.equal((await phone.until(is('connected'))).call?.codec, 'PCMU/8000');
    assert.deepEqual([alice.screen, bob.screen], [['In a call with bob'], ['In a call with alice']]);
    alice.hangUp();
    assert.deepEqual(await ended(bob), { reason: 'hung up at the other end' });
    assert.deepEqual(await ended(alice), { reason: 'hung up here' });
    assert.deepEqual(bob.screen, home);

    // By extension, the other way about, ended by who was called.
    bob.call('100');
    await alice.until(is('ringing'));
    alice.answer();
    await bob.until(is('connected'));
    await alice.until(is('connected'));
    alice.hangUp();
    assert.deepEqual(await ended(bob), { reason: 'hung up at the other end' });
    assert.ok(alice.trace.events.some((event) => event.layer === 'note' && event.summary === 'The incoming call from bob is connected with PCMU/8000.'));
  });

  it('the caller keeps the session up through the servers, and the call goes on', async () => {
    const clock = new FastForwardClock();
    const [alice, bob] = await Promise.all([signedIn(byPin('100'), clock), signedIn(byPin('101'))]);
    alice.call(`bob@${domain}`);
    await bob.until(is('ringing'));
    bob.answer();
    await alice.until(is('connected'));
    const refreshed = new Promise<string>((resolve) => {
      bob.trace.subscribe((event) => { if (event.layer === 'sip' && event.direction === 'received' && event.summary.startsWith('ACK')) resolve(event.summary); });
    });
    const invites = () => alice.trace.events.filter((event) => event.layer === 'sip' && event.direction === 'sent' && event.summary.startsWith('INVITE')).length;
    for (let waits = 0; invites() < 2 && waits < 20; waits++) clock.skipToNext();
    await refreshed;
    assert.ok(bob.trace.events.some((event) => event.layer === 'sip' && event.direction === 'sent' && /^SIP\/2\.0 200 [^]*^Session-Expires: 1800;refresher=uac\r\nRequire: timer\r$/m.test(event.text ?? '')));
    assert.deepEqual([alice.snapshot.call?.state, bob.snapshot.call?.state], ['connected', 'connected']);
    alice.hangUp();
    assert.deepEqual(await ended(bob), { reason: 'hung up at the other end' });
  });

  it('every message of a call is signed and verified on each of its four ways', async () => {
    const [alice, bob] = await Promise.all([signedIn(byPin('100')), signedIn(byPin('101'))]);
    const start = lab().trace.events.length;
    alice.call(`sip:bob@${domain}`);
    await bob.until(is('ringing'));
    bob.answer();
    await alice.until(is('connected'));
    const answered = new Promise<void>((resolve) => {
      const stop = lab().trace.subscribe((event) => {
        if (event.layer !== 'sip' || event.direction !== 'sent' || event.summary !== '200 OK (BYE)') return;
        stop();
        resolve();
      });
    });
    bob.hangUp();
    await answered;
    const said = lab().trace.events.slice(start).flatMap((event) => (event.layer === 'sip' && event.actor === 'registrar' ? [{ ...event, text: event.text ?? '' }] : []));
    // A 200 is sent again when its ACK takes longer than half a second (RFC 3261 section 13.3.1.4), which a busy machine may.
    assert.deepEqual([...new Set(said.map(({ direction, summary }) => `${direction} ${summary.replace(/ sip:.*/, '')}`))], [
      'received INVITE', 'sent 100 Trying (INVITE)', 'sent INVITE', 'received 180 Ringing (INVITE)', 'sent 180 Ringing (INVITE)',
      'received 200 OK (INVITE)', 'sent 200 OK (INVITE)', 'received ACK', 'sent ACK',
      'received BYE', 'sent BYE', 'received 200 OK (BYE)', 'sent 200 OK (BYE)',
    ]);
    for (const { direction, text } of said) assert.match(text, direction === 'sent' ? /^Authentication-Info: .*rspauth=/m : /^Proxy-Authorization: .*response=/m);
  });

  it('the caller gives up, the callee rejects, is busy, has signed out, lost its registration, or does not exist', async () => {
    const [alice, bob, carol] = await Promise.all([signedIn(byPin('100')), signedIn(byPin('101')), signedIn(byPin('102'))]);
    alice.call(`bob@${domain}`);
    await bob.until(is('ringing'));
    alice.hangUp();
    assert.deepEqual(await ended(bob), { status: 487, reason: 'cancelled by the caller' });

    alice.call(`bob@${domain}`);
    await bob.until(is('ringing'));
    bob.reject();
    assert.deepEqual(await ended(alice), { status: 603, reason: '603 Decline' });

    bob.call(`carol@${domain}`);
    await carol.until(is('ringing'));
    alice.call(`bob@${domain}`);
    assert.deepEqual(await ended(alice), { status: 486, reason: '486 Busy Here' });
    carol.answer();
    await bob.until(is('connected'));

    // Signing out ends the call first.
    await bob.signOut();
    assert.deepEqual(await ended(carol), { reason: 'hung up at the other end' });
    alice.call(`bob@${domain}`);
    assert.deepEqual(await ended(alice), { status: 480, reason: '480 Temporarily Unavailable' });
    assert.throws(() => { bob.call('100'); }, { code: 'phone/not-signed-in' });

    registrarOf('pool01').deregister(`sip:carol@${domain}`, 'rejected');
    assert.equal((await carol.until(({ state }) => state === 'refused')).failure?.rule, 'registration-refused');
    alice.call('102');
    assert.deepEqual(await ended(alice), { status: 480, reason: '480 Temporarily Unavailable' });
    alice.call(`nobody@${domain}`);
    assert.deepEqual(await ended(alice), { status: 404, reason: '404 Not Found' });
    alice.call('what <is> this');
    assert.match((await ended(alice))?.reason ?? '', /neither a phone number nor a SIP address/);
  });

  it('a user with three phones is called at all of them; one answers, the others stop ringing', async () => {
    const [alice, ...desks] = await Promise.all([signedIn(byPin('100')), ...[1, 2, 3].map(() => signedIn(byPin('101')))]);
    alice.call('+15550101');
    await Promise.all(desks.map((desk) => desk.until(is('ringing'))));
    desks[1]?.answer();
    await alice.until(is('connected'));
    for (const desk of [desks[0], desks[2]]) assert.deepEqual(desk && await ended(desk), { status: 487, reason: 'cancelled by the caller' });
    assert.equal(desks[1]?.snapshot.call?.state, 'connected');
  });

  it('a server that lost its security associations has the caller authenticate again, and the call goes through', async () => {
    const [alice, bob] = await Promise.all([signedIn(byPin('100')), signedIn(byPin('101'))]);
    registrarOf('pool01').loseSecurityAssociations();
    alice.call(`bob@${domain}`);
    await bob.until(is('ringing'));
    assert.ok(alice.trace.events.some((event) => event.layer === 'sip' && event.summary === '401 Unauthorized (INVITE)'));
  });

  it('a phone whose plug is pulled ends the call for nobody but itself; the other one hangs up', async () => {
    const [alice, bob] = await Promise.all([signedIn(byPin('100')), signedIn(byPin('101'))]);
    alice.call(`bob@${domain}`);
    await bob.until(is('ringing'));
    bob.powerOff();
    assert.deepEqual(await ended(alice), { status: 480, reason: '480 Temporarily Unavailable' });
  });
});
