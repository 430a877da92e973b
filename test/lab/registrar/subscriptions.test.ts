import assert from 'node:assert/strict';
import { LabUsers } from '../../../src/lab/user-store.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { type RawClient, RegistrarBench } from './raw-client.js';

const selfSubscription = [['Supported', 'ms-benotify, ms-piggyback-first-notify, com.microsoft.autoextend'], ['Proxy-Require', 'ms-benotify']] as const;

function publication(version: number, availability: number, byHand = ''): string {
  return `<publish xmlns="http://schemas.microsoft.com/2006/09/sip/rich-presence"><publications uri="sip:alice@contoso.lab">
    <publication categoryName="state" instance="805306368" container="2" version="${version}" expireType="endpoint">
    <state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="machineState"><availability>${availability}</availability></state>
    </publication>${byHand}</publications></publish>`;
}

/** The aggregate state in a document of categories or roaming data. */
function aggregateState(message: SipMessage): string | undefined {
  const categories = [...parseXml(message.body).selfAndDescendants()].filter((element) => element.local === 'category');
  return categories.find((category) => category.attribute('name') === 'state' && category.attribute('instance') === '1')?.text;
}

describe('subscriptions at the registrar', () => {
  let bench: RegistrarBench;
  let client: RawClient;
  before(async () => { bench = await RegistrarBench.start(); });
  after(() => bench.close());
  beforeEach(async () => {
    client = await bench.connect();
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
  });
  afterEach(() => { client.socket.destroy(); });

  const subscribe = (event: string, headers: readonly (readonly [string, string])[] = [], body = '') =>
    client.askSigned(client.request('SUBSCRIBE', [['Event', event], ['Call-ID', `call of ${event}`], ...selfSubscription, ...headers], body));
  const service = (contentType: string, body: string) => client.askSigned(client.request('SERVICE', [['Content-Type', contentType]], body));

  it('answer provisioning-v2 at once, with the groups asked for', async () => {
    const type = 'application/vnd-microsoft-roaming-provisioning-v2+xml';
    const answer = await subscribe('vnd-microsoft-provisioning-v2', [['content-type', `${type.toUpperCase()}; charset=utf-8`], ['Expires', '0']],
      '<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist"><provisioningGroup name="ServerConfiguration"/><provisioningGroup name="mediaConfiguration"/></provisioningGroupList>');
    assert.equal(answer.status, 200);
    assert.deepEqual(client.security?.verify(answer), { ok: true });
    assert.deepEqual(['Expires', 'subscription-state', 'ms-piggyback-cseq', 'Event', 'Content-Type'].map((name) => answer.get(name)),
      ['0', 'terminated;expires=0', '1', 'vnd-microsoft-provisioning-v2', type]);
    const groups = parseXml(answer.body).elements('provisionGroup', 'http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification');
    assert.deepEqual(groups.map((group) => group.attribute('name')), ['ServerConfiguration', 'mediaConfiguration']);
    assert.equal(groups[0]?.child('ucMinPinLength')?.text, '6');
    assert.equal(groups[0]?.child('updatesServerInternalUrl')?.text, 'https://se01.contoso.lab:443/RequestHandler/ucdevice.upx');
    assert.equal((await subscribe('vnd-microsoft-provisioning-v2', [['Content-Type', 'text/plain']], 'x')).status, 406);
    assert.equal((await subscribe('vnd-microsoft-provisioning-v2', [['Content-Type', type]], '<no')).status, 400);
  });

  it('tell the user\'s own line and state, and the contacts', async () => {
    const self = await subscribe('vnd-microsoft-roaming-self');
    assert.match(self.get('subscription-state') ?? '', /^active;expires=\d+$/);
    assert.equal(parseXml(self.body).find('categories')?.elements('category')[0]?.text, 'tel:+15550100;ext=100');
    assert.equal(aggregateState(self), '18500');
    const contacts = parseXml((await subscribe('vnd-microsoft-roaming-contacts')).body);
    assert.equal(contacts.attribute('deltaNum'), '1');
    assert.deepEqual(contacts.elements('contact').map((contact) => contact.attribute('uri')), ['bob@contoso.lab']);
  });

  it('bring changes as signed BENOTIFY requests in their dialog', async () => {
    const first = await subscribe('vnd-microsoft-roaming-self');
    bench.registrar.notifyPresence('sip:alice@contoso.lab', 6500);
    const change = await client.next();
    assert.equal(change.method, 'BENOTIFY');
    assert.deepEqual(client.security?.verify(change), { ok: true });
    assert.equal(change.get('From'), first.get('To'));
    assert.equal(change.get('To'), '<sip:alice@contoso.lab>;tag=2d0be03279;epid=492a7ce35f');
    assert.equal(change.get('Call-ID'), 'call of vnd-microsoft-roaming-self');
    assert.equal(change.get('CSeq'), '2 BENOTIFY');
    assert.equal(aggregateState(change), '6500');
    assert.match(change.startLine.kind === 'request' ? change.startLine.uri : '', /^sip:10\.0\.0\.20:49152;.*ms-received-cid=/);
  });

  it('bring changes of the contact list, each on the version before it, and nothing where nothing has changed', async () => {
    const { users } = bench.deployment;
    assert.ok(users instanceof LabUsers);
    const [alice, ...others] = bench.deployment.topology.users;
    assert.ok(alice);
    const versions = async () => parseXml((await subscribe('vnd-microsoft-roaming-contacts')).body).attribute('deltaNum');
    assert.equal(await versions(), '1');
    const changed = { ...alice, contacts: ['sip:carol@contoso.lab'] };
    users.replace([changed, ...others]);
    bench.registrar.contactsChanged(alice);
    const delta = await client.next();
    assert.deepEqual(client.security?.verify(delta), { ok: true });
    assert.deepEqual([delta.method, delta.get('Event'), delta.get('Call-ID')], ['BENOTIFY', 'vnd-microsoft-roaming-contacts', 'call of vnd-microsoft-roaming-contacts']);
    assert.equal(delta.body.toString(), '<contactDelta deltaNum="2" prevDeltaNum="1"><addedContact uri="sip:carol@contoso.lab" name="" groups="1 " subscribed="true" externalURI=""/><deletedContact uri="sip:bob@contoso.lab"/></contactDelta>');
    bench.registrar.contactsChanged(changed);
    assert.equal(await versions(), '2');
    users.replace([alice, ...others]);
    bench.registrar.contactsChanged(changed);
    assert.match((await client.next()).body.toString(), /^<contactDelta deltaNum="3" prevDeltaNum="2">/);
  });

  it('go on counting when they are refreshed', async () => {
    const first = await subscribe('vnd-microsoft-roaming-self');
    bench.registrar.notifyPresence('sip:alice@contoso.lab', 9500);
    assert.equal((await client.next()).get('CSeq'), '2 BENOTIFY');
    const refreshed = await subscribe('vnd-microsoft-roaming-self', [['To', first.get('To') ?? '']]);
    assert.equal(refreshed.get('ms-piggyback-cseq'), '3');
    bench.registrar.notifyPresence('sip:alice@contoso.lab', 3500);
    assert.equal((await client.next()).get('CSeq'), '4 BENOTIFY');
  });

  it('come as NOTIFY to a client without ms-benotify, whose answers must be signed', async () => {
    const answered = async (sign: boolean) => {
      const notes = bench.notes().length;
      bench.registrar.notifyPresence('sip:alice@contoso.lab', sign ? 6500 : 3500);
      const notify = await client.next();
      assert.equal(notify.method, 'NOTIFY');
      const answer = new SipMessage({ kind: 'response', status: 200, reason: 'OK' }, notify.headers.filter(({ name }) => /^(Via|From|To|Call-ID|CSeq)$/.test(name)));
      if (sign) client.security?.sign(answer);
      client.send(answer);
      assert.equal((await client.askSigned(client.request('OPTIONS'))).status, 200);
      return bench.notes().slice(notes);
    };
    await client.askSigned(client.request('SUBSCRIBE', [['Event', 'vnd-microsoft-roaming-self'], ['Supported', 'ms-piggyback-first-notify']]));
    assert.deepEqual(await answered(true), []);
    assert.deepEqual(await answered(false), ['The answer to a NOTIFY was passed over: its signature is unsigned.']);
  });

  it('end with Expires 0, and a refresh of one that is not there is 481', async () => {
    const first = await subscribe('vnd-microsoft-roaming-self');
    const ended = await subscribe('vnd-microsoft-roaming-self', [['To', first.get('To') ?? ''], ['Expires', '0']]);
    assert.equal(ended.get('subscription-state'), 'terminated;expires=0');
    bench.registrar.notifyPresence('sip:alice@contoso.lab', 3500);
    assert.equal((await subscribe('vnd-microsoft-roaming-self', [['To', first.get('To') ?? '']])).status, 481);
    for (const event of ['conference', 'constructor', '__proto__']) assert.equal((await subscribe(event)).status, 489, event);
  });

  it('bring the presence of others, several at once and as it changes', async () => {
    const batch = '<batchSub xmlns="http://schemas.microsoft.com/2006/01/sip/batch-subscribe"><action name="subscribe"><adhocList><resource uri="sip:bob@contoso.lab"/><resource uri="sip:nobody@contoso.lab"/></adhocList></action></batchSub>';
    assert.equal((await subscribe('presence', [['Content-Type', 'application/msrtc-adrl-categorylist+xml']], batch)).status, 200);
    assert.equal(aggregateState(await client.next()), '18500');
    bench.registrar.notifyPresence('sip:bob@contoso.lab', 15500);
    const change = await client.next();
    assert.equal(parseXml(change.body).attribute('uri'), 'sip:bob@contoso.lab');
    assert.equal(aggregateState(change), '15500');
  });

  it('follow what endpoints publish; another version than the current one is 409 WrongDelta', async () => {
    await subscribe('vnd-microsoft-roaming-self');
    const published = await service('application/msrtc-category-publish+xml', publication(0, 3500));
    assert.equal(published.status, 200);
    assert.equal(aggregateState(published), '3500');
    assert.equal(aggregateState(await client.next()), '3500');
    const conflict = await service('application/msrtc-category-publish+xml', publication(0, 6500));
    assert.equal(conflict.status, 409);
    assert.equal(conflict.get('Content-Type'), 'application/msrtc-fault+xml');
    const fault = parseXml(conflict.body);
    assert.equal(fault.child('Faultcode')?.text, 'Client.BadCall.WrongDelta');
    const operation = fault.find('details', 'operation');
    assert.deepEqual([operation?.attribute('index'), operation?.attribute('curVersion')], ['1', '1']);
    assert.equal(aggregateState(await service('application/msrtc-category-publish+xml', publication(1, 6500))), '6500');
  });

  it('tell who is in which container, by version as with publications (MS-PRES 3.3)', async () => {
    const type = 'application/msrtc-setcontainermembers+xml';
    const change = (version: number, member: string) =>
      `<setContainerMembers xmlns="http://schemas.microsoft.com/2006/09/sip/container-management"><container id="200" version="${version}">${member}</container></setContainerMembers>`;
    const containers = (message: SipMessage) => parseXml(message.body).child('containers')?.rawContent;
    const added = await service(type, change(0, '<member action="add" type="sameEnterprise"/><member action="add" type="user" value="bob@contoso.lab"/>'));
    assert.equal(containers(added), '<container id="200" version="1"><member type="sameEnterprise"/><member type="user" value="bob@contoso.lab"/></container>');
    assert.equal((await service(type, change(0, ''))).status, 409);
    await service(type, change(1, '<member action="remove" type="sameEnterprise"/>'));
    assert.equal(containers(await subscribe('vnd-microsoft-roaming-self')), '<container id="200" version="2"><member type="user" value="bob@contoso.lab"/></container>');
  });

  it('show a user offline whose last endpoint is gone', async () => {
    const watcher = await bench.connect();
    watcher.aor = 'sip:bob@contoso.lab';
    await watcher.signIn(bench.certificateOf('sip:bob@contoso.lab'));
    const first = await watcher.askSigned(watcher.request('SUBSCRIBE', [['Event', 'presence'], ['To', '<sip:alice@contoso.lab>'], ...selfSubscription]));
    assert.equal(aggregateState(first), '18500');
    const busy = '<publication categoryName="state" instance="536870912" container="2" version="0" expireType="static"><state manual="true"><availability>6500</availability></state></publication>';
    assert.equal((await service('application/msrtc-category-publish+xml', publication(0, 3500, busy))).status, 200);
    assert.equal(aggregateState(await watcher.next()), '6500');
    client.socket.destroy();
    assert.equal(aggregateState(await watcher.next()), '18500');
  });

  it('show a user offline whose registration the server has ended', async () => {
    const watcher = await bench.connect();
    watcher.aor = 'sip:bob@contoso.lab';
    await watcher.signIn(bench.certificateOf('sip:bob@contoso.lab'));
    assert.equal((await service('application/msrtc-category-publish+xml', publication(0, 3500))).status, 200);
    await watcher.askSigned(watcher.request('SUBSCRIBE', [['Event', 'presence'], ['To', '<sip:alice@contoso.lab>'], ...selfSubscription]));
    bench.registrar.deregister('sip:alice@contoso.lab', 'deactivated');
    assert.equal(aggregateState(await watcher.next()), '18500');
  });

  it('show a user offline whose registration has run out, though the connection stands', async () => {
    const watcher = await bench.connect();
    watcher.aor = 'sip:bob@contoso.lab';
    await watcher.signIn(bench.certificateOf('sip:bob@contoso.lab'));
    await client.askSigned(client.request('REGISTER', [['Expires', '60']]));
    assert.equal((await service('application/msrtc-category-publish+xml', publication(0, 3500))).status, 200);
    bench.now = () => Date.now() + 61_000;
    const state = await watcher.askSigned(watcher.request('SUBSCRIBE', [['Event', 'presence'], ['To', '<sip:alice@contoso.lab>'], ...selfSubscription]));
    bench.now = Date.now;
    assert.equal(aggregateState(state), '18500');
  });

  it('other services are not there, and a body that is no XML is 400', async () => {
    assert.equal((await service('application/msrtc-media-relay-auth+xml', '<request/>')).status, 404);
    assert.equal((await service('application/msrtc-category-publish+xml', '<publish')).status, 400);
  });
});
