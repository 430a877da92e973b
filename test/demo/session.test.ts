import assert from 'node:assert/strict';
import type { Demo } from '../../src/demo/demo.js';
import { phoneView } from '../../src/demo/phone-view.js';
import { savedRun } from '../../src/demo/saved-run.js';
import type { PhoneKey } from '../../src/demo/messages.js';
import { topologySchema } from '../../src/lab/topology-schema.js';
import { smallTopology } from '../lab/small-topology.js';
import { phoneUntil, startDemo } from './demo-fixture.js';

const small = smallTopology();
const bob = { sipUri: 'sip:bob@contoso.lab', displayName: 'Bob Baker', lineUri: 'tel:+15550101;ext=101', pin: '59034', account: String.raw`CONTOSO\bob`, password: 'lab-password-bob' };
const directory = [
  { name: 'dc.contoso.lab', type: 'A', address: '10.0.0.2' }, { name: '_ldap._tcp.dc._msdcs.contoso.lab', type: 'SRV', target: 'dc.contoso.lab', port: 389 },
];
const topology = topologySchema.parse({ ...small, users: [...small.users, bob], dns: [...small.dns, ...directory] });
const alice = { method: 'pin', phoneOrExtension: '100', pin: '482135790264' } as const;
const pinOfAlice = [...alice.pin] as PhoneKey[];

describe('A session of the demo', () => {
  let demo: Demo;
  beforeEach(async () => {
    demo = await startDemo({ topology, phones: [{ id: 'one', model: 'CX600', build: '4.0.7577.4100' }, { id: 'two', model: 'CX600', build: '4.0.7577.107' }] });
  });
  afterEach(() => demo[Symbol.asyncDispose]());
  const view = (id: string) => phoneView(demo.session.phone(id));
  const press = async (phone: string, ...keys: PhoneKey[]) => { for (const key of keys) await demo.command({ type: 'key', phone, key, how: 'press' }); };
  const signedIn = (id: string) => phoneUntil(demo.session, id, ({ state }) => state === 'signedIn');

  it('signs a phone in by its keys: number, PIN, and what the display shows meanwhile', async () => {
    const { session } = demo;
    await demo.command({ type: 'power', phone: 'one', on: true });
    await phoneUntil(session, 'one', ({ state }) => state === 'waitingForUser');
    assert.deepEqual(view('one').input, {
      fields: [{ name: 'number', label: 'Phone number or extension', value: '', active: true }, { name: 'pin', label: 'PIN', value: '', active: false }],
      softKeys: ['Next', 'Delete', 'Info'], held: [],
    });
    await press('one', '1', '0', '1', 'delete', '0', 'soft1', ...pinOfAlice);
    assert.deepEqual(view('one').input.fields.map(({ value, active }) => [value, active]), [['100', false], ['•'.repeat(alice.pin.length), true]]);
    assert.equal(view('one').input.softKeys[0], 'Sign in');
    await press('one', 'soft1');
    await signedIn('one');
    assert.deepEqual(view('one').screen[0], 'Alice Archer');
    assert.ok(!JSON.stringify(session.phone('one').events).includes(alice.pin));
    await press('one', 'soft3');
    assert.deepEqual(view('one').information.map(({ value }) => value), ['CX600', '4.0.7577.4100', '00-04-F2-00-02-01', '0', '10.0.0.100', 'lync.contoso.lab', 'sip:alice@contoso.lab']);
    assert.ok(view('one').informationShown);
    await press('one', 'home', 'soft2');
    await phoneUntil(session, 'one', ({ state }) => state === 'waitingForUser');
  });

  it('signs in anew after a wrong PIN, and tells cause and remedy meanwhile', async () => {
    await demo.command({ type: 'power', phone: 'one', on: true });
    await demo.command({ type: 'signIn', phone: 'one', credentials: { ...alice, pin: '00000' } });
    await phoneUntil(demo.session, 'one', ({ state }) => state === 'refused');
    const { failure, input } = view('one');
    assert.deepEqual([failure?.rule, input.fields, input.softKeys], ['pin-refused', [], ['Retry', 'Sign in', 'Info']]);
    assert.match(failure?.id ?? '', /^LPE\d+$/);
    assert.ok((failure?.remedy?.sentence.length ?? 0) > 10);
    await press('one', 'soft2', '1', '0', '0', 'ok', ...pinOfAlice, 'ok');
    await signedIn('one');
    assert.equal(view('one').failure, undefined);
  });

  it('takes AD credentials over USB where the cable is plugged in', async () => {
    const credentials = { method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password: 'lab-password-alice' } as const;
    await demo.command({ type: 'power', phone: 'one', on: true });
    await phoneUntil(demo.session, 'one', ({ state }) => state === 'waitingForUser');
    await assert.rejects(demo.command({ type: 'signIn', phone: 'one', credentials }), { code: 'demo/not-plugged' });
    await demo.command({ type: 'plug', phone: 'one', usb: true });
    await demo.command({ type: 'signIn', phone: 'one', credentials });
    await signedIn('one');
    assert.ok(view('one').usb && view('one').takesUsb);
    assert.ok(demo.session.events.after(0, 100_000).events.some((event) => event.layer === 'note' && event.actor === 'user' && /USB cable/.test(event.summary)));
  });

  it('forgets what the phone has learnt when * and # are held while the power comes, and brings the build of the factory back with 4 and 6', async () => {
    await demo.command({ type: 'power', phone: 'one', on: true });
    await demo.command({ type: 'signIn', phone: 'one', credentials: alice });
    await signedIn('one');
    await demo.command({ type: 'power', phone: 'one', on: false });
    for (const key of ['*', '#'] as const) await demo.command({ type: 'key', phone: 'one', key, how: 'down' });
    assert.deepEqual(view('one').input.held, ['*', '#']);
    await demo.command({ type: 'power', phone: 'one', on: true });
    await phoneUntil(demo.session, 'one', ({ state }) => state === 'waitingForUser');
    assert.deepEqual([demo.session.phone('one').memory.clientCertificate, view('one').firmware, view('one').input.held], [undefined, '4.0.7577.4100', []]);
    await demo.command({ type: 'reset', phone: 'one', kind: 'factory' });
    await phoneUntil(demo.session, 'one', ({ state }) => state === 'waitingForUser');
    assert.equal(view('one').firmware, '4.0.7577.107');
  });

  it('holds a phone before each step in step mode, and lets it go on', async () => {
    await demo.command({ type: 'pace', mode: 'step' });
    await demo.command({ type: 'power', phone: 'one', on: true });
    await demo.command({ type: 'signIn', phone: 'one', credentials: alice });
    const phone = demo.session.phone('one');
    const held: string[] = [];
    for (;;) {
      await new Promise<void>((resolve) => {
        const look = () => {
          if (phone.holding === undefined && phone.snapshot.state !== 'signedIn') return;
          stop();
          resolve();
        };
        const stop = demo.session.subscribe(look);
        look();
      });
      if (phone.holding === undefined) break;
      held.push(phone.holding);
      assert.deepEqual([demo.session.describePace(), view('one').holding], [{ mode: 'step', holding: [{ phone: 'one', stage: phone.holding }] }, phone.holding]);
      // Nothing of the stage has begun.
      assert.deepEqual(phone.events.at(-1)?.layer === 'state' || phone.events.at(-1)?.layer === 'screen', true, held.join());
      await demo.command({ type: 'step' });
    }
    assert.deepEqual(held, ['vlan', 'address', 'time', 'updateCheck', 'discovering', 'rootChain', 'webTicket', 'clientCertificate', 'connecting', 'registering', 'provisioning']);
  });

  it('lets go what is held when the pace is real again, and when the power goes', async () => {
    await demo.command({ type: 'pace', mode: 'step' });
    for (const phone of ['one', 'two']) await demo.command({ type: 'power', phone, on: true });
    await new Promise<void>((resolve) => {
      const stop = demo.session.subscribe(() => {
        if (demo.session.describePace().holding.length < 2) return;
        stop();
        resolve();
      });
    });
    await demo.command({ type: 'power', phone: 'two', on: false });
    await demo.command({ type: 'pace', mode: 'real' });
    await phoneUntil(demo.session, 'one', ({ state }) => state === 'waitingForUser');
    assert.deepEqual([view('two').state, view('two').holding], ['off', undefined]);
  });

  it('ends the wait of a phone that would try again, and the certificate that was swapped meanwhile lets it in', async () => {
    await demo.command({ type: 'lab', action: 'certificate', name: 'pool', change: { subjectAlternativeNames: ['*.contoso.lab'] } });
    for (const phone of ['one', 'two']) {
      await demo.command({ type: 'power', phone, on: true });
      await demo.command({ type: 'signIn', phone, credentials: alice });
    }
    await Promise.all([signedIn('one'), phoneUntil(demo.session, 'two', ({ state }) => state === 'retrying')]);
    assert.deepEqual([view('two').failure?.rule, view('two').rounds], ['certificate-refused', 1]);
    await demo.command({ type: 'lab', action: 'certificate', name: 'pool', change: { subjectAlternativeNames: ['lync.contoso.lab'] } });
    assert.deepEqual(demo.session.describeLab().certificates[0]?.chain[0]?.names, ['lync.contoso.lab']);
    await demo.command({ type: 'step' });
    await signedIn('two');
    const swap = demo.session.events.after(0, 100_000).events.filter((event) => event.origin === 'lab' && event.layer === 'note' && event.summary === 'Certificate pool was issued again.');
    assert.equal(swap.length, 2);
  });

  it('lets two phones call each other by their keys', async () => {
    for (const [phone, phoneOrExtension, pin] of [['one', '100', '482135790264'], ['two', '101', '59034']] as const) {
      await demo.command({ type: 'power', phone, on: true });
      await demo.command({ type: 'signIn', phone, credentials: { method: 'pin', phoneOrExtension, pin } });
      await signedIn(phone);
    }
    await press('one', '1', '0', '1');
    assert.deepEqual([view('one').input.fields[0]?.value, view('one').input.softKeys[0]], ['101', 'Call']);
    await press('one', 'call');
    await phoneUntil(demo.session, 'two', ({ call }) => call?.state === 'ringing');
    assert.deepEqual([view('two').input.softKeys, view('two').call?.peer], [['Answer', 'Reject', 'Info'], 'Alice Archer']);
    await press('two', 'soft1');
    await phoneUntil(demo.session, 'one', ({ call }) => call?.state === 'connected');
    assert.ok(view('one').lights.speaker);
    await press('one', 'end');
    await phoneUntil(demo.session, 'two', ({ call }) => call?.state === 'ended');
    assert.deepEqual([view('two').lights.speaker, view('two').lights.message], [false, false]);
    await press('one', '1', '0', '1', 'soft1');
    await phoneUntil(demo.session, 'two', ({ call }) => call?.state === 'ringing');
    await press('two', 'end');
    await phoneUntil(demo.session, 'one', ({ call }) => call?.state === 'ended');
    assert.ok(view('two').lights.message, 'a call that nobody took');
  });

  it('saves the run so far as one HTML page, each time that a phone had power on its own', async () => {
    await demo.command({ type: 'lab', action: 'certificate', name: 'pool', change: { subjectAlternativeNames: ['*.contoso.lab'] } });
    await demo.command({ type: 'power', phone: 'two', on: true });
    await demo.command({ type: 'signIn', phone: 'two', credentials: alice });
    await phoneUntil(demo.session, 'two', ({ state }) => state === 'retrying');
    await demo.command({ type: 'lab', action: 'certificate', name: 'pool', change: { subjectAlternativeNames: ['lync.contoso.lab'] } });
    await demo.command({ type: 'reset', phone: 'two', kind: 'hard' });
    await demo.command({ type: 'signIn', phone: 'two', credentials: alice });
    await signedIn('two');
    const runs = demo.session.phone('two').runs;
    assert.deepEqual(runs.map(({ began, account, snapshot: { state } }) => [began, account, state]), [['fresh', undefined, 'retrying'], ['reset', 'sip:alice@contoso.lab', 'signedIn']]);
    const html = savedRun(demo.session);
    assert.match(html, /<h1>Demo of small<\/h1>/);
    assert.match(html, /CX600 4\.0\.7577\.107, PIN.* at small, time 1: <span class="bad">failed at/);
    assert.match(html, /CX600 4\.0\.7577\.107, PIN, reset.* at small, time 2: <span class="good">signed in/);
    assert.match(html, /REGISTER/);
    assert.ok(!html.includes(alice.pin));
  });

  it('has room for some phones, of builds that there are, each under a name of its own', async () => {
    await demo.command({ type: 'addPhone', model: 'CX3000', build: '4.0.7577.4463' });
    assert.deepEqual(demo.session.describePhones().map(({ id, title }) => [id, title]).at(-1), ['phone-3', 'CX3000 4.0.7577.4463']);
    await assert.rejects(demo.command({ type: 'addPhone', model: 'CX600', build: '9.9.9.9' }), { code: 'demo/unknown-build' });
    await assert.rejects(demo.command({ type: 'addPhone', model: 'CX600', build: '3.5.6907.187' }), { code: 'demo/unknown-build' });
    await assert.rejects(demo.command({ type: 'addPhone', model: 'fax', build: '4.0.7577.4463' }), { code: 'plan/unknown-model' });
    for (let i = 3; i < 6; i++) await demo.command({ type: 'addPhone', model: 'CX600', build: '4.0.7577.4463' });
    await assert.rejects(demo.command({ type: 'addPhone', model: 'CX600', build: '4.0.7577.4463' }), { code: 'demo/too-many-phones' });
    const { latest } = demo.session.events;
    await demo.command({ type: 'removePhone', phone: 'two' });
    await assert.rejects(demo.command({ type: 'power', phone: 'two', on: true }), { code: 'demo/unknown-phone' });
    // Its view stays for who rewinds; the others keep their places.
    assert.deepEqual(demo.session.describePhones().map(({ id, gone }) => [id, gone]), [['one', undefined], ['two', latest + 1], ...demo.session.phones.slice(1).map(({ id }) => [id, undefined])]);
    await demo.command({ type: 'addPhone', model: 'CX600', build: '4.0.7577.4463' });
  });
});
