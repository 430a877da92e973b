import assert from 'node:assert/strict';
import type { SessionEvent, SipSession } from '../../../src/phone/steps.js';
import { userServices, type UserServiceResult } from '../../../src/phone/user-services.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';
import { ScriptedRegistrar } from './scripted-registrar.js';
import { never, SessionBench } from './session-bench.js';

const mrasUri = 'sip:edge.contoso.lab@contoso.lab;gruu;opaque=srvr:MRAS:OKPDbAVxIEKtPh2g624vPAAA';
const profileUri = 'sip:alice@contoso.lab;gruu;opaque=app:locationprofile;default';
const provisioning = (mras = mrasUri, profile = profileUri) => `<provisionGroupList xmlns="http://schemas.microsoft.com/2006/09/sip/provisiongrouplist-notification">
 <provisionGroup name="ServerConfiguration"><mrasUri>${mras}</mrasUri><ucLocationProfile>${profile}</ucLocationProfile></provisionGroup></provisionGroupList>`;
const roamingSelf = (items = '') => `<roamingData xmlns="http://schemas.microsoft.com/2006/09/sip/roaming-self"><categories xmlns="http://schemas.microsoft.com/2006/09/sip/categories" uri="sip:alice@contoso.lab">${items}</categories></roamingData>`;
// The shapes of MS-PRES, MS-AVEDGEA 2.2.3 and MS-SIPRE Appendix B, as published.
const answers = {
  contacts: '<contactList deltaNum="1"><group id="1" name="~" externalURI=""/><contact uri="bob@contoso.lab" name="" groups="1 " subscribed="true" externalURI=""/></contactList>',
  presence: roamingSelf('<category name="state" instance="1" container="2" version="5"/>'),
  mediaRelay: '<response requestID="1" version="1.0" serverVersion="2.0" to="x" from="y" reasonPhrase="OK" xmlns="http://schemas.microsoft.com/2006/09/sip/mrasp"><credentialsResponse credentialsRequestID="1"><credentials><username>AgAA</username><password>5ecret=</password><duration>480</duration></credentials><mediaRelayList><mediaRelay><location>intranet</location><hostName>edge.contoso.lab</hostName><udpPort>3478</udpPort><tcpPort>443</tcpPort></mediaRelay></mediaRelayList></credentialsResponse></response>',
  locationProfile: String.raw`<LocationProfileDescription xmlns="http://schemas.microsoft.com/2007/03/LocationProfileDescription"><Name>Lab</Name><Rule><Pattern>^(\d{3})$</Pattern><Translation>+1555010$1</Translation><InternalEnterpriseExtension>false</InternalEnterpriseExtension><ApplicableForDeviceDialing>true</ApplicableForDeviceDialing></Rule><ExternalAccessPrefix>9</ExternalAccessPrefix></LocationProfileDescription>`,
} as const;
const types = {
  contacts: 'application/vnd-microsoft-roaming-contacts+xml', presence: 'application/vnd-microsoft-roaming-self+xml',
  mediaRelay: 'application/msrtc-media-relay-auth+xml', locationProfile: 'application/ms-location-profile-definition+xml',
} as const;

function serviceOf(request: SipMessage): keyof typeof answers | undefined {
  const uri = request.startLine.kind === 'request' ? request.startLine.uri : '';
  if (request.method === 'SUBSCRIBE') return request.get('Event')?.endsWith('roaming-contacts') === true ? 'contacts' : undefined;
  if (request.method !== 'SERVICE') return undefined;
  return uri.includes('MRAS') ? 'mediaRelay' : uri.includes('locationprofile') ? 'locationProfile' : 'presence';
}

describe('what a signed-in phone asks for in the background', () => {
  let bench: SessionBench;
  let answer: (request: SipMessage, server: ScriptedRegistrar, service: keyof typeof answers) => void;
  let settings: string;
  let requests: SipMessage[];
  before(async () => { bench = await SessionBench.start(); });
  beforeEach(() => {
    requests = [];
    settings = provisioning();
    answer = (request, server, service) => { server.replySigned(request, [['Content-Type', types[service]], ['Expires', '600']], answers[service]); };
  });
  afterEach(() => bench.closeSessions());
  after(() => bench.close());

  async function signedIn(): Promise<SipSession> {
    const session = await bench.connectTo((socket) => {
      new ScriptedRegistrar(socket, bench, (request, server) => server.authenticate(request, () => {
        const service = serviceOf(request);
        if (service !== undefined) {
          requests.push(request);
          answer(request, server, service);
        } else if (request.method === 'REGISTER') server.replySigned(request, [['Expires', '7200']]);
        else server.replySigned(request, [['Expires', '600']], request.get('Event')?.endsWith('provisioning-v2') === true ? settings : roamingSelf());
      }));
    });
    await session.register(bench.certificateOf(), never);
    await session.provision(never);
    return session;
  }

  /** What the phone reports of each, and anything else it reports meanwhile. */
  async function background(session: SipSession): Promise<{ results: UserServiceResult[]; others: SessionEvent[] }> {
    const results: UserServiceResult[] = [];
    const others: SessionEvent[] = [];
    await new Promise<void>((resolve) => {
      session.maintain((event) => {
        if (event.type === 'userService') results.push(event.result);
        else others.push(event);
        if (results.length === userServices.length || event.type === 'lost') resolve();
      });
    });
    return { results, others };
  }

  it('is there, each signed, each to whom it is for, and the password is kept out of the trace', async () => {
    const { results } = await background(await signedIn());
    assert.deepEqual(results.map(({ service, data }) => [service, data]), [
      ['contacts', [{ sipUri: 'sip:bob@contoso.lab', name: '' }]],
      ['presence', 3500],
      ['mediaRelay', [{ location: 'intranet', host: 'edge.contoso.lab', udpPort: 3478, tcpPort: 443 }]],
      ['locationProfile', { name: 'Lab', rules: [{ pattern: String.raw`^(\d{3})$`, translation: '+1555010$1' }], externalAccessPrefix: '9' }],
    ]);
    assert.deepEqual(requests.map(({ startLine }) => startLine.kind === 'request' && startLine.uri), ['sip:alice@contoso.lab', 'sip:alice@contoso.lab', mrasUri, profileUri]);
    assert.ok(requests.every((request) => request.get('Proxy-Authorization')?.includes('response=')));
    assert.equal(requests[2]?.get('To'), `<${mrasUri}>`);
    const traced = JSON.stringify(bench.loopback.trace.events);
    assert.ok(traced.includes('<password>(redacted)</password>') && !traced.includes('5ecret'));
  });

  /** A signed BENOTIFY in the dialog of the phone's latest subscription to its contacts. */
  function notifyContacts(server: ScriptedRegistrar, body: string, callId = requests.findLast((request) => serviceOf(request) === 'contacts')?.get('Call-ID') ?? ''): void {
    const notification = new SipMessage({ kind: 'request', method: 'BENOTIFY', uri: 'sip:alice@contoso.lab' }, [], Buffer.from(body));
    notification.add('Via', 'SIP/2.0/TLS 10.0.0.10:5061').add('From', '<sip:alice@contoso.lab>;tag=1').add('To', '<sip:alice@contoso.lab>;tag=2')
      .add('Call-ID', callId).add('CSeq', '2 BENOTIFY').add('Event', 'vnd-microsoft-roaming-contacts').add('Content-Type', types.contacts);
    server.security?.sign(notification);
    server.socket.write(notification.toBuffer());
  }

  /** Signed in with all of it there; `next` gives what is reported of it after that, `server` what the phone speaks to. */
  async function withEverything(): Promise<{ server: ScriptedRegistrar; next: () => Promise<UserServiceResult> }> {
    let server: ScriptedRegistrar | undefined;
    const healthy = answer;
    answer = (request, by, service) => {
      server = by;
      healthy(request, by, service);
    };
    const session = await signedIn();
    const reports: UserServiceResult[] = [];
    let wake = () => {};
    session.maintain((event) => {
      if (event.type === 'userService') reports.push(event.result);
      wake();
    });
    const next = async (): Promise<UserServiceResult> => {
      while (reports.length === 0) await new Promise<void>((resolve) => { wake = resolve; });
      return reports.shift() as UserServiceResult;
    };
    for (const service of userServices) assert.equal((await next()).service, service);
    assert.ok(server);
    return { server, next };
  }

  it('follows the contact list by what is notified, and asks for it again where a change is missing; what cannot be read or is of no subscription changes nothing', async () => {
    const { server, next } = await withEverything();
    const uris = async () => {
      const { service, data } = await next();
      return service === 'contacts' ? data?.map(({ sipUri }) => sipUri) : service;
    };
    notifyContacts(server, '<contactDelta deltaNum="2" prevDeltaNum="1"><addedContact uri="carol@contoso.lab" name="" groups="1 " subscribed="true" externalURI=""/></contactDelta>');
    assert.deepEqual(await uris(), ['sip:bob@contoso.lab', 'sip:carol@contoso.lab']);
    const unreadable = bench.recorded(/cannot be read/);
    notifyContacts(server, '<no');
    await unreadable;
    notifyContacts(server, '<contactDelta deltaNum="3" prevDeltaNum="2"><deletedContact uri="bob@contoso.lab"/></contactDelta>', 'of another subscription');
    const gap = bench.recorded(/^BENOTIFY/);
    notifyContacts(server, '<contactDelta deltaNum="9" prevDeltaNum="8"/>');
    await gap;
    bench.loopback.clock.increment(0);
    assert.deepEqual(await uris(), ['sip:bob@contoso.lab']);
    notifyContacts(server, '<contactDelta deltaNum="2" prevDeltaNum="1"><deletedContact uri="bob@contoso.lab"/></contactDelta>');
    assert.deepEqual(await uris(), []);
    assert.equal(requests.filter((request) => serviceOf(request) === 'contacts').length, 2);
  });

  it('renews the credentials for the media relay before they end', async () => {
    const { next } = await withEverything();
    bench.loopback.clock.increment(475 * 60_000 - 1);
    requests = [];
    bench.loopback.clock.increment(1);
    assert.equal((await next()).service, 'mediaRelay');
    assert.deepEqual(requests.map(serviceOf).filter((service) => service === 'mediaRelay'), ['mediaRelay']);
  });

  it('asks for them again, five minutes later each time, where they could not be renewed', async () => {
    const { next } = await withEverything();
    const healthy = answer;
    answer = (request, server, service) => {
      if (service === 'mediaRelay') server.reply(request, 503, [], (response) => { server.security?.sign(response); });
      else healthy(request, server, service);
    };
    const obtained: boolean[] = [];
    for (const wait of [475, 5, 5]) {
      bench.loopback.clock.increment(wait * 60_000);
      const result = await next();
      assert.equal(result.service, 'mediaRelay');
      obtained.push(result.data !== undefined);
      if (obtained.length === 2) answer = healthy;
    }
    assert.deepEqual(obtained, [false, false, true]);
  });

  it('publishes the device and its state over the versions that roaming-self told (MS-PRES)', async () => {
    await background(await signedIn());
    const published = parseXml(requests[1]?.body ?? Buffer.alloc(0)).elements('publications').flatMap((each) => each.elements('publication'));
    assert.deepEqual(published.map((each) => ['categoryName', 'container', 'version', 'expireType'].map((name) => each.attribute(name))), [
      ['device', '2', '0', 'endpoint'], ['state', '2', '0', 'endpoint'], ['state', '3', '0', 'endpoint'],
    ]);
    assert.equal(published[1]?.attribute('instance'), published[2]?.attribute('instance'));
    assert.equal(published[1]?.find('state', 'availability')?.text, '3500');
  });

  /** A refusal that names other versions than the ones published over. */
  const wrongDelta = (request: SipMessage, server: ScriptedRegistrar) => server.reply(request, 409, [['Content-Type', 'application/msrtc-fault+xml']], (response) => {
    response.body = Buffer.from('<Fault xmlns="http://schemas.microsoft.com/2006/09/sip/msrtc-fault"><Faultcode>Client.BadCall.WrongDelta</Faultcode><details><operation index="2" version="0" curVersion="7"/><operation index="99" version="0" curVersion="1"/><operation index="x" curVersion="-1"/></details></Fault>');
    server.security?.sign(response);
  });

  it('publishes once more over the versions that a 409 tells, and not a third time', async () => {
    let conflicts = 1;
    const healthy = answer;
    answer = (request, server, service) => {
      if (service === 'presence' && conflicts-- > 0) wrongDelta(request, server);
      else healthy(request, server, service);
    };
    const session = await signedIn();
    assert.equal((await background(session)).results[1]?.data, 3500);
    const versions = requests.filter((request) => serviceOf(request) === 'presence')
      .map(({ body }) => parseXml(body).elements('publications').flatMap((each) => each.elements('publication').map((item) => item.attribute('version'))));
    assert.deepEqual(versions, [['0', '0', '0'], ['0', '7', '0']]);

    conflicts = Infinity;
    requests = [];
    const { results } = await background(session);
    assert.match(results[1]?.sentence ?? '', /409/);
    assert.equal(requests.filter((request) => serviceOf(request) === 'presence').length, 2);
  });

  const faults: Record<string, typeof answer> = {
    'no answer': (request) => { if (request.method !== 'REGISTER') bench.loopback.clock.increment(30_000); },
    'garbage': (request, server, service) => { server.replySigned(request, [['Content-Type', types[service]]], '\0\x01<<<'); },
    'no document': (request, server, service) => { server.replySigned(request, [['Content-Type', types[service]]]); },
    'another content type': (request, server, service) => { server.replySigned(request, [['Content-Type', 'text/html']], answers[service]); },
    'another document': (request, server, service) => {
      server.replySigned(request, [['Content-Type', types[service]]], service === 'presence' ? '<!DOCTYPE html><html/>' : '<html xmlns="http://www.w3.org/1999/xhtml"/>');
    },
    'an oversize document': (request, server, service) => { server.replySigned(request, [['Content-Type', types[service]]], `<a>${'<b/>'.repeat(60_000)}</a>`); },
    'a refusal': (request, server) => { server.reply(request, 403, [], (response) => { server.security?.sign(response); }); },
    'a fault of the server': (request, server) => { server.reply(request, 504, [], (response) => { server.security?.sign(response); }); },
    'an unsigned answer': (request, server, service) => {
      server.reply(request, 200, [['Content-Type', types[service]]], (response) => { response.body = Buffer.from(answers[service]); });
      bench.loopback.clock.increment(30_000);
    },
  };
  for (const [name, fault] of Object.entries(faults)) {
    it(`is done without where it meets ${name}: the phone stays signed in`, async () => {
      answer = fault;
      const session = await signedIn();
      const { results, others } = await background(session);
      assert.deepEqual(results.map(({ service, data }) => [service, data]), userServices.map((service) => [service, undefined]));
      assert.ok(results.every(({ sentence }) => sentence.length > 10 && sentence.endsWith('.')), JSON.stringify(results));
      assert.deepEqual(others, []);
      assert.equal((await session.provision(never)).serverConfiguration['mrasUri'], mrasUri);
    });
  }

  it('is not asked for where in-band provisioning gives no address, or none that can be used', async () => {
    for (const uri of ['', 'edge', 'sip:edge contoso\r\nX: y@contoso.lab']) {
      settings = provisioning(uri, uri);
      requests = [];
      const { results } = await background(await signedIn());
      assert.deepEqual(results.map(({ data }) => data !== undefined), [true, true, false, false]);
      assert.deepEqual(requests.map(serviceOf), ['contacts', 'presence']);
    }
  });
});
