import assert from 'node:assert/strict';
import type { TLSSocket } from 'node:tls';
import { deviceEpid, endpointGruu } from '../../../src/protocol/sip/endpoint-identity.js';
import { Registrar } from '../../../src/lab/registrar/registrar.js';
import { connectRegistrar } from '../../../src/phone/sip/session.js';
import { StageFailure } from '../../../src/phone/stage-failure.js';
import type { SessionEvent, SipSession } from '../../../src/phone/steps.js';
import { maintained, never, SessionBench } from './session-bench.js';

describe('a SIP session with the lab\'s registrar', () => {
  let bench: SessionBench;
  before(async () => { bench = await SessionBench.start(); });
  afterEach(() => bench.closeSessions());
  after(() => bench.close());

  const signedIn = async (): Promise<SipSession> => {
    const session = await bench.connect();
    await session.register(bench.certificateOf(), never);
    return session;
  };
  const marked = () => bench.loopback.trace.events.length;

  it('signs in with four REGISTERs, three 401s and one 200', async () => {
    const since = marked();
    const session = await bench.connect();
    assert.deepEqual(await session.challenge(never), {
      offered: ['NTLM', 'Kerberos', 'TLS-DSK'], certProvUrl: 'https://sip.contoso.lab:443/CertProv/CertProvisioningService.svc',
    });
    const registration = await session.register(bench.certificateOf(), never);
    assert.deepEqual(registration, {
      gruu: endpointGruu('sip:alice@contoso.lab', deviceEpid('00-04-F2-00-01-76', 'sip:alice@contoso.lab')),
      expires: 7200, keepAlive: 300, displayName: 'Alice',
    });
    const request = 'sent REGISTER sip:contoso.lab';
    const challenged = 'received 401 Unauthorized (REGISTER)';
    assert.deepEqual(bench.messages(since), [request, challenged, request, challenged, request, challenged, request, 'received 200 OK (REGISTER)']);
  });

  it('keeps Call-ID and From tag over the legs, counts CSeq, and records neither tokens nor signatures', async () => {
    const since = marked();
    await signedIn();
    const requests = bench.loopback.trace.events.slice(since).flatMap((event) => (event.layer === 'sip' && event.direction === 'sent' ? [event.text ?? ''] : []));
    const each = (pattern: RegExp) => requests.map((text) => pattern.exec(text)?.[1]);
    assert.equal(new Set(each(/^Call-ID: ([0-9a-f]{32})\r$/m)).size, 1);
    assert.equal(new Set(each(/^From: <sip:alice@contoso\.lab>;tag=([0-9a-f]{10});epid=[0-9a-f]{10}\r$/m)).size, 1);
    assert.deepEqual(each(/^CSeq: (\d+) REGISTER\r$/m), ['1', '2', '3', '4']);
    assert.deepEqual(each(/gssapi-data="([^"]*)"/), [undefined, '(redacted)', '(redacted)', undefined]);
    assert.deepEqual(each(/response="([^"]*)"/), [undefined, undefined, undefined, '(redacted)']);
    assert.equal(new Set(each(/branch=(\w+)/)).size, 4);
  });

  it('learns name, number and server configuration in band', async () => {
    const session = await signedIn();
    const settings = await session.provision(never);
    assert.equal(settings.displayName, 'Alice');
    assert.equal(settings.lineUri, 'tel:+15550100;ext=100');
    assert.equal(settings.serverConfiguration['organization'], 'Contoso Lab');
  });

  it('is refused with another user\'s certificate', async () => {
    const session = await bench.connect();
    await assert.rejects(session.register(bench.certificateOf('sip:bob@contoso.lab'), never), (error: unknown) => {
      assert.ok(error instanceof StageFailure);
      assert.deepEqual([error.rule, error.reaction, error.facts['status'], error.facts['id']], ['registration-refused', 'stop', 403, 4004]);
      assert.match(error.message, /^sip\.contoso\.lab:5061 answered REGISTER with 403 Forbidden \(ms-diagnostics 4004: .+\)\.$/);
      return true;
    });
  });

  it('sets the security association up again when the server has lost it, and sends the request once more', async () => {
    const session = await signedIn();
    const { events } = await maintained(session);
    bench.registrar.loseSecurityAssociations();
    const since = marked();
    assert.equal((await session.provision(never)).lineUri, 'tel:+15550100;ext=100');
    assert.deepEqual(events, [{ type: 're-authenticated' }]);
    assert.deepEqual(bench.messages(since).filter((each) => each.startsWith('sent')).map((each) => each.split(' ')[1]),
      ['SUBSCRIBE', 'REGISTER', 'REGISTER', 'REGISTER', 'REGISTER', 'SUBSCRIBE', 'SUBSCRIBE']);
  });

  it('sends CRLF CRLF when nothing was sent for the server\'s time', async () => {
    const session = await signedIn();
    const { stop } = await maintained(session);
    const since = marked();
    bench.loopback.clock.increment(299_000);
    assert.deepEqual(bench.messages(since), []);
    bench.loopback.clock.increment(1_000);
    assert.deepEqual(bench.messages(since), ['sent keep-alive']);
    bench.loopback.clock.increment(300_000);
    assert.deepEqual(bench.messages(since), ['sent keep-alive', 'sent keep-alive']);
    stop();
    bench.loopback.clock.increment(600_000);
    assert.equal(bench.messages(since).length, 2);
    assert.equal((await session.provision(never)).displayName, 'Alice', 'the server still understands what follows the empty lines');
  });

  it('renews the registration before it ends', async () => {
    const session = await signedIn();
    const { first } = await maintained(session);
    const since = marked();
    bench.loopback.clock.increment(7_169_000);
    assert.ok(!bench.messages(since).some((each) => each.includes('REGISTER')));
    bench.loopback.clock.increment(1_000);
    const event = await first('refreshed');
    assert.equal(event.registration.expires, 7200);
    assert.deepEqual(bench.messages(since).filter((each) => each.includes('REGISTER')), ['sent REGISTER sip:contoso.lab', 'received 200 OK (REGISTER)']);
  });

  it('renews the security association with the registration when it would not last', async () => {
    const session = await bench.connect();
    await session.register(bench.certificateOf('sip:alice@contoso.lab', 3), never);
    const { events, first } = await maintained(session);
    const since = marked();
    bench.loopback.clock.increment(7_170_000);
    await first('refreshed');
    assert.deepEqual(events.map(({ type }) => type), ['re-authenticated', 'refreshed']);
    assert.equal(bench.messages(since).filter((each) => each === 'received 401 Unauthorized (REGISTER)').length, 3);
  });

  it('renews the security association after eight hours less five minutes, though the registration lasts longer', async () => {
    const { policy } = bench.deployment;
    policy.registrationExpiresSeconds = 43_200;
    const session = await signedIn();
    policy.registrationExpiresSeconds = 7200;
    const { events, first } = await maintained(session);
    bench.loopback.clock.increment(28_500_000 - 1000);
    assert.deepEqual(events, []);
    bench.loopback.clock.increment(1000);
    await first('refreshed');
    assert.deepEqual(events.map(({ type }) => type), ['re-authenticated', 'refreshed']);
  });

  it('subscribes again when the server says that the registration was gone', async () => {
    const session = await signedIn();
    await session.provision(never);
    // What an operator's restart does to the server's memory, without the connection noticing.
    const { first } = await maintained(session);
    bench.registrar.deregister('sip:alice@contoso.lab', 'deactivated');
    await bench.recorded(/^200 OK \(NOTIFY\)$/);
    const since = marked();
    bench.loopback.clock.increment(7_170_000);
    await first('refreshed');
    assert.equal(bench.messages(since).filter((each) => each.startsWith('received 200 OK (SUBSCRIBE)')).length, 2);
  });

  it('renews its subscription within the dialog', async () => {
    const session = await signedIn();
    await session.provision(never);
    await maintained(session);
    const since = marked();
    const renewed = bench.recorded(/^200 OK \(SUBSCRIBE\)$/);
    bench.loopback.clock.increment(28_680_000);
    await renewed;
    const [request] = bench.loopback.trace.events.slice(since).flatMap((event) =>
      (event.layer === 'sip' && event.direction === 'sent' && event.summary.startsWith('SUBSCRIBE') ? [event.text ?? ''] : []));
    assert.match(request ?? '', /^To: <sip:alice@contoso\.lab>;tag=\w+\r$/m);
    assert.match(request ?? '', /^CSeq: 2 SUBSCRIBE\r$/m);
  });

  it('reads a BENOTIFY and does not answer it', async () => {
    const session = await signedIn();
    await session.provision(never);
    const since = marked();
    const changed = bench.recorded(/own data changed/);
    bench.registrar.notifyPresence('sip:alice@contoso.lab', 6500);
    assert.match(await changed, /availability 6500/);
    await session.provision(never);
    assert.ok(!bench.messages(since).some((each) => each.includes('(BENOTIFY)')));
  });

  for (const [event, mayRetry] of [['rejected', false], ['unregistered', true], ['deactivated', true]] as const) {
    it(`answers registration-notify and reports that the server ended the registration (${event})`, async () => {
      const session = await signedIn();
      const reported = new Promise<SessionEvent>((resolve) => { session.maintain(resolve); });
      const answered = bench.recorded(/^200 OK \(NOTIFY\)$/);
      bench.registrar.deregister('sip:alice@contoso.lab', event);
      await answered;
      const deregistered = await reported;
      assert.ok(deregistered.type === 'deregistered');
      assert.equal(deregistered.mayRetry, mayRetry);
    });
  }

  it('signs out with Expires 0 and closes', async () => {
    const session = await signedIn();
    const since = marked();
    await session.signOut(never);
    assert.deepEqual(bench.messages(since), ['sent REGISTER sip:contoso.lab', 'received 200 OK (REGISTER)']);
    const [request] = bench.loopback.trace.events.slice(since);
    assert.match((request?.layer === 'sip' && request.text) || '', /^Expires: 0\r$/m);
    await assert.rejects(session.provision(never), { code: 'connection-lost' });
  });

  it('reports a connection that is lost, also to someone who asks late', async () => {
    const session = await signedIn();
    const lost = bench.recorded(/was lost/);
    bench.registrar.close();
    await lost;
    const event = await new Promise<SessionEvent>((resolve) => { session.maintain(resolve); });
    assert.ok(event.type === 'lost');
    assert.equal(event.failure.message, 'The connection to sip.contoso.lab:5061 was lost: the server closed it.');
  });

  it('speaks plain TCP with a candidate that says so', async () => {
    await bench.loopback.listenTcp(5060, (socket) => { bench.registrar.accept(socket, { address: '127.0.0.1', port: socket.remotePort ?? 0 }); });
    const since = marked();
    const session = await connectRegistrar({
      candidate: { source: 'internal-srv-tcp', asked: 'SRV _sipinternal._tcp.contoso.lab', host: 'sip.contoso.lab', port: 5060, transport: 'tcp' },
      sipUri: 'sip:alice@contoso.lab', method: 'pin', trust: bench.loopback.trust,
    }, bench.loopback.tools());
    await session.register(bench.certificateOf(), never);
    session.close();
    const [request] = bench.loopback.trace.events.slice(since).flatMap((event) => (event.layer === 'sip' ? [event.text ?? ''] : []));
    assert.match(request ?? '', /^Via: SIP\/2\.0\/TCP 10\.0\.0\.20:\d+;branch=.*\r\nMax[^]*^Contact: <sip:10\.0\.0\.20:\d+;transport=tcp;/m);
  });

  it('cannot be had for something that is no SIP URI', async () => {
    for (const sipUri of ['alice', 'sip:alice contoso\r\nX: y@contoso.lab', 'sip:al%c3ce@contoso.lab']) {
      await assert.rejects(connectRegistrar({
        candidate: { source: 'host-names', asked: 'A sip.contoso.lab', host: 'sip.contoso.lab', port: 5061, transport: 'tls' },
        sipUri, method: 'pin', trust: bench.loopback.trust,
      }, bench.loopback.tools()), { code: 'credentials-refused' });
    }
  });

  it('follows a redirect to the user\'s home server, and remembers that one', async () => {
    const home = new Registrar({ deployment: bench.deployment, fqdn: 'sip.contoso.lab', port: 5062, identity: () => bench.identity });
    const homeServer = await bench.loopback.listenTls(5062, bench.identity);
    homeServer.on('secureConnection', (socket: TLSSocket) => { home.accept(socket, { address: '127.0.0.1', port: socket.remotePort ?? 0 }); });
    bench.home = { host: 'sip.contoso.lab', port: 5062 };
    const since = marked();
    const session = await bench.connect();
    assert.equal((await session.register(bench.certificateOf(), never)).displayName, 'Alice');
    bench.home = 'here';
    assert.deepEqual(bench.messages(since).filter((each) => each.startsWith('received')).map((each) => each.split(' ')[1]),
      ['401', '401', '401', '301', '401', '401', '401', '200']);
    assert.deepEqual([session.candidate.host, session.candidate.port, session.candidate.asked], ['sip.contoso.lab', 5062, 'redirect of sip.contoso.lab:5061']);
    assert.equal((await session.provision(never)).displayName, 'Alice');
    const tls = bench.loopback.trace.events.slice(since).flatMap((event) => (event.layer === 'tls' ? [`${event.peer} ${event.phase}`] : []));
    assert.ok(tls.includes('sip.contoso.lab:5061 closed') && !tls.includes('sip.contoso.lab:5062 closed'));
    home.close();
  });

  it('gives up when it is sent on and on', async () => {
    bench.home = { host: 'sip.contoso.lab', port: 5061 };
    const session = await bench.connect();
    const since = marked();
    await assert.rejects(session.register(bench.certificateOf(), never), {
      code: 'redirect-loop', reaction: 'retry',
      message: 'sip.contoso.lab:5061 sent the phone on to sip.contoso.lab:5061, after 5 other servers had sent it on.',
    });
    bench.home = 'here';
    assert.equal(bench.messages(since).filter((each) => each.startsWith('received 301')).length, 6);
    assert.equal(session.candidate.asked, 'SRV _sipinternaltls._tcp.contoso.lab');
  });

  it('closed while it follows a redirect, leaves nothing open', async () => {
    bench.home = { host: 'sip.contoso.lab', port: 5061 };
    const since = marked();
    const session = await bench.connect();
    const redirected = bench.recorded(/^301 /);
    const registering = session.register(bench.certificateOf(), never);
    await redirected;
    session.close();
    bench.home = 'here';
    await assert.rejects(registering, { code: 'connection-lost' });
    const { trace } = bench.loopback;
    const count = (phase: string) => trace.events.slice(since).filter((event) => event.layer === 'tls' && event.phase === phase).length;
    assert.equal(count('established'), 2);
    if (count('closed') < 2) {
      await new Promise<void>((resolve) => { const stop = trace.subscribe(() => { if (count('closed') === 2) { stop(); resolve(); } }); });
    }
  });

  it('leaves when its signal says so', async () => {
    const session = await bench.connect();
    const stop = new AbortController();
    const reason = new Error('powered off');
    const leaving = session.register(bench.certificateOf(), stop.signal);
    stop.abort(reason);
    await assert.rejects(leaving, reason);
  });
});
