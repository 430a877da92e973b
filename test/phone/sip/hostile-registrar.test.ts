import assert from 'node:assert/strict';
import type { SipMessage } from '../../../src/protocol/sip/message.js';
import { StageFailure } from '../../../src/phone/stage-failure.js';
import type { SessionEvent, SipSession } from '../../../src/phone/steps.js';
import { names, ScriptedRegistrar } from './scripted-registrar.js';
import { maintained, never, SessionBench } from './session-bench.js';

describe('a SIP session with a registrar that misbehaves', () => {
  let bench: SessionBench;
  before(async () => { bench = await SessionBench.start(); });
  afterEach(() => bench.closeSessions());
  after(() => bench.close());

  /** Serves each request of the phone with the answers `serve` gives, in order of arrival. */
  const serve = (answer: (request: SipMessage, server: ScriptedRegistrar) => Promise<void> | void, onAnswer?: (answer: SipMessage, server: ScriptedRegistrar) => void): Promise<SipSession> =>
    bench.connectTo((socket) => { new ScriptedRegistrar(socket, bench, answer, onAnswer); });
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
    assert.deepEqual((await session.challenge(never)).offered, ['TLS-DSK']);
  });

  it('says what the server offers when TLS-DSK is not among it', async () => {
    const session = await serve((request, server) => { server.reply(request, 401, [['WWW-Authenticate', `NTLM ${names}`], ['WWW-Authenticate', `Kerberos ${names}`]]); });
    const error = await failure(register(session));
    assert.deepEqual([error.rule, error.facts['offered']], ['authentication-not-offered', 'NTLM, Kerberos']);
  });

  it('gives up a server whose tokens make no TLS handshake', async () => {
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

  it('ignores requests before there is a security association, and answers signed ones after, signed itself', async () => {
    const { promise: arrived, resolve: answered } = promised();
    const answers: unknown[] = [];
    const session = await serve((request, server) => {
      if (request.get('Proxy-Authorization') === undefined) server.notify();
      return server.authenticate(request, () => {
        server.replySigned(request, [['Expires', '600']]);
        server.notify((notification) => { server.security?.sign(notification); });
      });
    }, (answer, server) => { answers.push([answer.status, answer.method, server.security?.verify(answer)]); answered(); });
    const ignored = bench.recorded(/^NOTIFY .* ignored: unsigned$/);
    await register(session);
    await Promise.all([ignored, arrived]);
    assert.deepEqual(answers, [[200, 'NOTIFY', { ok: true }]]);
  });

  it('answers a NOTIFY within the dialog once, and makes do with subscriptions that bring no document', async () => {
    const { promise: arrived, resolve: answered } = promised();
    const answers: (number | undefined)[] = [];
    const session = await serve((request, server) => server.authenticate(request, () => {
      const response = server.replySigned(request, [['Expires', '600'], ['subscription-state', 'active;expires=600']]);
      if (!request.get('Event')?.includes('roaming-self')) return;
      server.notify((notification) => {
        notification.remove('From').remove('To').remove('Call-ID').remove('Event').add('From', response.get('To') ?? '').add('To', request.get('From') ?? '')
          .add('Call-ID', request.get('Call-ID') ?? '').add('Event', 'vnd-microsoft-roaming-self');
        server.security?.sign(notification);
      });
    }), (answer) => { answers.push(answer.status); answered(); });
    await register(session);
    assert.deepEqual(await session.provision(never), { displayName: undefined, lineUri: undefined, serverConfiguration: {} });
    await arrived;
    assert.deepEqual(answers, [200]);
  });

  it('renews a subscription by the time the last answer gave it, and a new one by its own', async () => {
    const lives = [3600, 600, 600];
    let added = false;
    const session = await serve((request, server) => server.authenticate(request, () => {
      const seconds = request.get('Event')?.includes('roaming-self') ? lives.shift() ?? 3600 : 0;
      server.replySigned(request, request.method === 'REGISTER'
        ? [['Expires', '7200'], ['presence-state', `register-action="${added ? 'added' : 'refreshed'}"`]]
        : [['Expires', String(seconds)], ['subscription-state', seconds > 0 ? `active;expires=${seconds}` : 'terminated;expires=0']]);
    }));
    await register(session);
    await session.provision(never);
    await maintained(session);
    const since = bench.loopback.trace.events.length;
    const asked = async (seconds: number, count: number) => {
      const answer = bench.recorded(/^200 OK \(SUBSCRIBE\)$/);
      bench.loopback.clock.increment(seconds * 1000);
      await answer;
      await new Promise(setImmediate);
      assert.equal(bench.messages(since).filter((message) => message.startsWith('sent SUBSCRIBE')).length, count);
    };
    await asked(3480, 1);
    await asked(480, 2);
    // At 7170 seconds the registration turns out to be lost, and the subscription that replaces the lost one lasts 3600.
    added = true;
    lives.push(3600, 3600);
    await asked(480, 3);
    await asked(7170 - 4440, 5);
    await asked(3480, 6);
  });

  for (const [status, challenge] of [[401, 'WWW-Authenticate'], [407, 'Proxy-Authenticate']] as const) {
    it(`takes its challenges with status ${status}`, async () => {
      const session = await serve((request, server) => server.authenticate(request, () => { server.replySigned(request, [['Expires', '600']]); }, status, challenge));
      assert.equal((await register(session)).expires, 600);
    });
  }

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

/** A promise and what resolves it. */
function promised(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => { resolve = settle; });
  return { promise, resolve };
}
