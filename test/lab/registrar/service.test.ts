import assert from 'node:assert/strict';
import { LabUsers } from '../../../src/lab/user-store.js';
import { readLocationProfile } from '../../../src/protocol/locationprofile/description.js';
import { readRelayResponse, writeRelayRequest } from '../../../src/protocol/mediarelay/credentials.js';
import { readContactList } from '../../../src/protocol/presence/contact-list.js';
import type { SipMessage } from '../../../src/protocol/sip/message.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';
import { RegistrarBench, type RawClient } from './raw-client.js';

const alice = 'sip:alice@contoso.lab';

describe('services of the registrar', () => {
  let bench: RegistrarBench;
  let client: RawClient;
  before(async () => {
    bench = await RegistrarBench.start();
    const { topology } = bench.deployment;
    const [server] = topology.servers;
    assert.ok(server);
    const edge = { ...server, fqdn: 'edge.contoso.lab', address: '10.0.0.11', registrar: undefined, web: undefined, avEdge: { udpPort: 3478, tcpPort: 443 } };
    const users = topology.users.map((user) => (user.sipUri === alice ? { ...user, contacts: ['sip:carol@fabrikam.lab'] } : user));
    Object.assign(bench.deployment, {
      topology: { ...topology, servers: [...topology.servers, edge], users, locationProfile: { name: 'Lab', rules: [{ pattern: '^(\\d{3})$', translation: '+1555010$1' }] } },
    });
    assert.ok(bench.deployment.users instanceof LabUsers);
    bench.deployment.users.replace(users);
  });
  after(() => bench.close());
  beforeEach(async () => {
    client = await bench.connect();
    await client.signIn(bench.certificateOf(alice));
  });
  afterEach(() => { client.socket.destroy(); });

  /** A SERVICE to that URI. */
  function service(uri: string, contentType: string, body: string): Promise<SipMessage> {
    const request = client.request('SERVICE', [['To', `<${uri}>`], ...(contentType === '' ? [] : [['Content-Type', contentType]] as const)], body);
    Object.assign(request.startLine, { uri });
    return client.askSigned(request);
  }

  async function provisioning(group: string): Promise<Buffer> {
    const type = 'application/vnd-microsoft-roaming-provisioning-v2+xml';
    const { body } = await client.askSigned(client.request('SUBSCRIBE', [
      ['Event', 'vnd-microsoft-provisioning-v2'], ['Content-Type', type], ['Supported', 'ms-benotify, ms-piggyback-first-notify'],
    ], `<provisioningGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisioninggrouplist"><provisioningGroup name="${group}"/></provisioningGroupList>`));
    return body;
  }

  async function configuration(name: string): Promise<string> {
    return parseXml(await provisioning('ServerConfiguration')).find('provisionGroup', name)?.text ?? '';
  }

  /** One after another, as signatures count. */
  async function told(names: readonly string[]): Promise<string[]> {
    const values: string[] = [];
    for (const name of names) values.push(await configuration(name));
    return values;
  }

  it('are named by in-band provisioning, as is the policy of the phone lock', async () => {
    assert.match(await configuration('mrasUri'), /^sip:edge\.contoso\.lab@contoso\.lab;gruu;opaque=srvr:MRAS:[\w-]{22}AA$/);
    assert.equal(await configuration('ucLocationProfile'), `${alice};gruu;opaque=app:locationprofile;default`);
    Object.assign(bench.deployment.policy, { EnforcePhoneLock: false, MinPhonePinLength: 9, PhoneLockTimeout: 3 });
    assert.deepEqual([await configuration('ucEnforcePinLock'), await configuration('ucMinPinLength'), await configuration('ucPhoneTimeOut')], ['false', '9', '3']);
  });

  it('tell what Set-CsUCPhoneConfiguration and the client policy say', async () => {
    Object.assign(bench.deployment.policy, { SIPSecurityMode: 'Medium', LoggingLevel: 'Low', CalendarPollInterval: 30, VoiceDiffServTag: 46, Voice8021p: 5, EnableHotdesking: true, HotdeskingTimeout: 20 });
    const names = ['ucEnableSIPSecurityMode', 'loggingLevel', 'ucEnableUserLogging', 'ucExchangeMWIPoll', 'ucDiffServVoice', 'ucVoice802_1p'];
    assert.deepEqual(await told(names), ['Medium', 'Low', 'true', '30', '46', '5']);
    const properties = parseXml(await provisioning('endpointConfiguration')).elements('provisionGroup').flatMap((group) => group.child('propertyEntryList')?.elements('property') ?? []);
    assert.deepEqual(properties.map((property) => [property.attribute('name'), property.text]), [['EnableHotdesking', 'true'], ['HotdeskingTimeout', '20']]);
  });

  const type = 'application/msrtc-media-relay-auth+xml';
  const ask = { requestId: '17', identity: alice, service: 'x', location: 'intranet', duration: 9999 } as const;

  it('give credentials for the media relay to whom they are for, for eight hours at most', async () => {
    const uri = await configuration('mrasUri');
    const answer = await service(uri, type, writeRelayRequest(ask));
    assert.deepEqual([answer.status, answer.get('Content-Type')], [200, type]);
    const given = readRelayResponse(answer.body);
    assert.equal(given.duration, 480);
    assert.deepEqual(given.relays.map(({ location, host, udpPort, tcpPort }) => [location, host, udpPort, tcpPort]),
      [['intranet', 'edge.contoso.lab', 3478, 443], ['internet', 'edge.contoso.lab', 3478, 443]]);
    assert.notEqual(readRelayResponse((await service(uri, type, writeRelayRequest({ ...ask, duration: 5 }))).body).password, given.password);
    assert.equal(parseXml(answer.body).attribute('requestID'), '17');
  });

  it('refuse what is no such request, and one for somebody else', async () => {
    const uri = await configuration('mrasUri');
    const wrongType = await service(uri, 'text/xml', writeRelayRequest(ask));
    assert.deepEqual([wrongType.status, wrongType.get('Accept')], [415, type]);
    assert.equal((await service(uri, type, writeRelayRequest({ ...ask, identity: 'sip:bob@contoso.lab' }))).status, 403);
    for (const body of ['<request', '<request/>', writeRelayRequest({ ...ask, duration: 0 }), writeRelayRequest({ ...ask, requestId: 'x'.repeat(65) })]) {
      assert.equal((await service(uri, type, body)).status, 400, body);
    }
  });

  it('give the location profile by default or by its name (MS-SIPRE 3.8.5.1)', async () => {
    for (const parameter of ['default', 'phone-context=Lab']) {
      const answer = await service(`${alice};gruu;opaque=app:locationprofile;${parameter}`, '', '');
      assert.deepEqual([answer.status, answer.get('Content-Type')], [200, 'application/ms-location-profile-definition+xml']);
      assert.deepEqual(readLocationProfile(answer.body).rules, [{ pattern: '^(\\d{3})$', translation: '+1555010$1' }]);
    }
    assert.equal((await service(`${alice};gruu;opaque=app:locationprofile`, '', '')).status, 485);
    assert.equal((await service(`${alice};gruu;opaque=app:locationprofile;phone-context=Other`, '', '')).status, 404);
    assert.equal((await service('sip:nobody@contoso.lab;gruu;opaque=app:locationprofile;default', '', '')).status, 404);
  });

  it('leave the contact list to the topology, where it says one', async () => {
    const answer = await client.askSigned(client.request('SUBSCRIBE', [
      ['Event', 'vnd-microsoft-roaming-contacts'], ['Supported', 'ms-benotify, ms-piggyback-first-notify'],
    ]));
    assert.deepEqual(readContactList(answer.body), { deltaNum: 1, contacts: [{ sipUri: 'sip:carol@fabrikam.lab', name: '' }] });
  });

  it('say that the client is outside when it came over an Access Edge', async () => {
    bench.remote = { webServer: undefined };
    const outside = await bench.connect();
    assert.equal((await outside.signIn(bench.certificateOf(alice))).get('ms-user-logon-data'), 'RemoteUser');
    bench.remote = undefined;
    outside.socket.destroy();
  });
});
