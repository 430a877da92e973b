import assert from 'node:assert/strict';
import type { TLSSocket } from 'node:tls';
import { SipFramer } from '../../../src/protocol/sip/framing.js';
import { parseAuthentication } from '../../../src/protocol/sip/authentication-header.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { SecurityAssociation } from '../../../src/protocol/sip/security-association.js';
import { TlsDskServer, tlsDskServerContext } from '../../../src/protocol/tlsdsk/handshake.js';
import { tlsDskSigner } from '../../../src/protocol/tlsdsk/keys.js';
import { StageFailure } from '../../../src/phone/stage-failure.js';
import type { SessionEvent, SipSession } from '../../../src/phone/steps.js';
import { never, SessionBench } from './session-bench.js';

const names = 'realm="SIP Communications Service", targetname="sip.contoso.lab", version=4';

describe('a SIP session with a registrar that misbehaves', () => {
  let bench: SessionBench;
  before(async () => { bench = await SessionBench.start(); });
  afterEach(() => bench.closeSessions());
  after(() => bench.close());

  /** Serves each request of the phone with the answers `serve` gives, in order of arrival. */
  const serve = (answer: (request: SipMessage, server: ScriptedRegistrar) => Promise<void> | void): Promise<SipSession> =>
    bench.connectTo((socket) => { new ScriptedRegistrar(socket, bench, answer); });
  const failure = async (attempt: Promise<unknown>) => {
    const error: unknown = await attempt.then(() => undefined, (reason: unknown) => reason);
    assert.ok(error instanceof StageFailure, String(error));
    return error;
  };
  const register = (session: SipSession) => session.register(bench.certificateOf(), never);

  it('takes an unsigned 200 to REGISTER, as clients do with real servers, but no other unsigned answer', async () => {
    const session = await serve((request, server) => server.authenticate(request, () => {
      if (request.method === 'SUBSCRIBE') bench.loopback.clock.increment(30_000);
      server.reply(request, 200, [['Expires', '600']]);
    }));
    assert.equal((await register(session)).expires, 600);
    const ignored = bench.recorded(/^200 OK \(SUBSCRIBE\) ignored: unsigned$/);
    await session.provision(never);
    await ignored;
  });

  it('ends the connection at a wrong signature', async () => {
    const session = await serve((request, server) => server.authenticate(request, () => {
      server.reply(request, 200, [['Expires', '600']], (response) => {
        server.security?.sign(response);
        response.remove('Expires').add('Expires', '601');
      });
    }));
    const error = await failure(register(session));
    assert.equal(error.rule, 'signature-wrong');
    assert.equal(error.message, 'sip.contoso.lab:5061 sent a 200 OK (REGISTER) whose signature is wrong, so the phone ended the connection.');
  });

  it('passes over a signed answer that was there before', async () => {
    const session = await serve((request, server) => server.authenticate(request, () => {
      const response = server.reply(request, 200, [['Expires', '600']], (unsigned) => { server.security?.sign(unsigned); });
      if (request.method === 'REGISTER') server.socket.write(response.toBuffer());
    }));
    const ignored = bench.recorded(/^200 OK \(REGISTER\) ignored: replayed$/);
    await register(session);
    await ignored;
  });

  it('is told when the server closes in the middle of a message, or sends something else than SIP', async () => {
    const half = await serve((_request, server) => { server.socket.end('SIP/2.0 401 Unauth'); });
    assert.equal((await failure(half.challenge(never))).message, 'The connection to sip.contoso.lab:5061 was lost: the server closed it in the middle of a message.');
    await bench.closeSessions();
    const web = await serve((_request, server) => { server.socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'); });
    const error = await failure(web.challenge(never));
    assert.equal(error.rule, 'connection-lost');
    assert.match(error.message, /^The connection to sip\.contoso\.lab:5061 was lost: it carries something that is not SIP: .*HTTP.*\.$/);
  });

  it('gives up a header without end, and one of 10 MB', async () => {
    const session = await serve((_request, server) => { server.socket.write(`SIP/2.0 401 Unauthorized\r\nX: ${'x'.repeat(10 << 20)}`); });
    assert.match((await failure(session.challenge(never))).message, /header section of more than 65536 bytes/);
  });

  it('gives up a silent server after the profile\'s time', async () => {
    const session = await serve(() => { bench.loopback.clock.increment(30_000); });
    const error = await failure(session.challenge(never));
    assert.deepEqual([error.rule, error.message], ['registrar-silent', 'sip.contoso.lab:5061 did not answer REGISTER in time (30000 ms).']);
  });

  it('survives messages that sip.js cannot read', async () => {
    const session = await serve((request, server) => {
      const via = `Via: ${request.get('Via') ?? ''}`;
      server.socket.write(`SIP/2.0 401 Unauthorized\r\n${via}\r\nCSeq: nonsense\r\nContent-Length: 0\r\n\r\n`);
      server.socket.write(`SIP/2.0 401 Unauthorized\r\n${via}\r\nFrom: <<<>\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n`);
      server.reply(request, 401, [['WWW-Authenticate', `TLS-DSK ${names}`]]);
    });
    assert.equal((await session.challenge(never)).targetName, 'sip.contoso.lab');
  });

  it('says what the server offers when TLS-DSK is not among it', async () => {
    const session = await serve((request, server) => { server.reply(request, 401, [['WWW-Authenticate', `NTLM ${names}`], ['WWW-Authenticate', `Kerberos ${names}`]]); });
    const error = await failure(session.challenge(never));
    assert.deepEqual([error.rule, error.facts['offered']], ['challenge-unusable', 'NTLM, Kerberos']);
  });

  it('does not go on for ever when the server does not', async () => {
    const session = await serve((request, server) => {
      server.reply(request, 401, [['WWW-Authenticate', request.get('Proxy-Authorization') === undefined ? `TLS-DSK ${names}` : `TLS-DSK opaque="1", gssapi-data="FgMBAAQOAAAA", ${names}`]]);
    });
    assert.equal((await failure(register(session))).rule, 'challenge-unusable');
  });

  it('does not trust a server that wants no authentication', async () => {
    const session = await serve((request, server) => { server.reply(request, 200); });
    assert.equal((await failure(session.challenge(never))).rule, 'challenge-unusable');
  });

  for (const [status, diagnostics, reaction] of [
    [403, '4003;reason="Remote access is not enabled"', 'stop'], [404, '4005;reason="User does not exist"', 'stop'], [404, '4006;reason="Not in this pool"', 'retry'],
    [480, undefined, 'retry'], [503, undefined, 'retry'], [504, '1007;reason="Temporarily cannot route"', 'retry'],
  ] as const) {
    it(`reports ${status}${diagnostics === undefined ? '' : ` with ms-diagnostics ${diagnostics}`} and ${reaction === 'stop' ? 'stops' : 'tries again'}`, async () => {
      const session = await serve((request, server) => { server.reply(request, status, diagnostics === undefined ? [] : [['ms-diagnostics', diagnostics]]); });
      const error = await failure(session.challenge(never));
      assert.deepEqual([error.rule, error.reaction, error.facts['status'], error.facts['id']],
        ['registration-refused', reaction, status, diagnostics === undefined ? undefined : Number(diagnostics.slice(0, 4))]);
    });
  }

  it('ignores requests before there is a security association, and answers signed ones after', async () => {
    const session = await serve((request, server) => {
      if (request.get('Proxy-Authorization') === undefined) server.notify();
      return server.authenticate(request, () => {
        server.reply(request, 200, [['Expires', '600']], (response) => { server.security?.sign(response); });
        server.notify((notification) => { server.security?.sign(notification); });
      });
    });
    const ignored = bench.recorded(/^NOTIFY .* ignored: unsigned$/);
    const answered = bench.recorded(/^200 OK \(NOTIFY\)$/);
    await register(session);
    await Promise.all([ignored, answered]);
  });

  it('reports a lost connection once while it is maintained', async () => {
    const session = await serve((request, server) => server.authenticate(request, () => { server.reply(request, 200, [['Expires', '600']]); }));
    await register(session);
    const events: SessionEvent[] = [];
    const lost = new Promise<void>((resolve) => { session.maintain((event) => { events.push(event); resolve(); }); });
    await bench.loopback.closeServers();
    await lost;
    assert.deepEqual(events.map(({ type }) => type), ['lost']);
  });
});

/** A server that knows TLS-DSK and leaves the rest to a test. */
class ScriptedRegistrar {
  readonly socket: TLSSocket;
  security: SecurityAssociation | undefined;
  readonly #tls: TlsDskServer;
  readonly #framer = new SipFramer();

  constructor(socket: TLSSocket, bench: SessionBench, answer: (request: SipMessage, server: ScriptedRegistrar) => Promise<void> | void) {
    this.socket = socket;
    this.#tls = new TlsDskServer(tlsDskServerContext(bench.identity, [bench.deployment.clientCertificates.authorityPem]));
    let last = Promise.resolve();
    socket.on('data', (bytes: Buffer) => {
      for (const frame of this.#framer.push(bytes)) {
        if (frame.kind === 'keep-alive') continue;
        const message = SipMessage.parse(frame.bytes);
        if (message.isRequest) last = last.then(() => answer(message, this)).catch(() => { socket.destroy(); });
      }
    });
  }

  /** Legs 1 to 3; what comes after them is served by `then`. */
  async authenticate(request: SipMessage, then: () => void): Promise<void> {
    const { parameters } = parseAuthentication(request.get('Proxy-Authorization') ?? 'none') ?? { parameters: new Map<string, string>() };
    const token = parameters.get('gssapi-data');
    if (this.security !== undefined) then();
    else if (token === undefined) this.reply(request, 401, [['WWW-Authenticate', `TLS-DSK ${names}`]]);
    else {
      const flight = await this.#tls.step(Buffer.from(token, 'base64'));
      if (this.#tls.done) {
        this.security = new SecurityAssociation({
          end: 'server', scheme: 'TLS-DSK', opaque: '4671A717', realm: 'SIP Communications Service', targetName: 'sip.contoso.lab', version: 4,
          signer: tlsDskSigner(this.#tls.keys(), 'server'),
        });
      }
      this.reply(request, 401, [['WWW-Authenticate', `TLS-DSK opaque="4671A717", gssapi-data="${flight.toString('base64')}", ${names}`]]);
    }
  }

  reply(request: SipMessage, status: number, headers: readonly (readonly [string, string])[] = [], finish: (response: SipMessage) => void = () => undefined): SipMessage {
    const response = new SipMessage({ kind: 'response', status, reason: status === 200 ? 'OK' : status === 401 ? 'Unauthorized' : 'Other' });
    for (const name of ['Via', 'From', 'Call-ID', 'CSeq']) response.add(name, request.get(name) ?? '');
    response.add('To', `${request.get('To') ?? ''};tag=5E61CCD925D17E043D9A74835A88F664`);
    for (const [name, value] of headers) response.add(name, value);
    finish(response);
    this.socket.write(response.toBuffer());
    return response;
  }

  notify(finish: (notification: SipMessage) => void = () => undefined): void {
    const notification = new SipMessage({ kind: 'request', method: 'NOTIFY', uri: 'sip:alice@contoso.lab' });
    notification.add('Via', 'SIP/2.0/TLS 10.0.0.10:5061').add('From', '<sip:alice@contoso.lab>;tag=1').add('To', '<sip:alice@contoso.lab>;tag=2')
      .add('Call-ID', 'x').add('CSeq', '1 NOTIFY').add('Event', 'presence').add('subscription-state', 'active');
    finish(notification);
    this.socket.write(notification.toBuffer());
  }
}
