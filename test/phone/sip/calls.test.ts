import assert from 'node:assert/strict';
import type { Call } from '../../../src/phone/call.js';
import type { SipSession } from '../../../src/phone/steps.js';
import { formatSessionDescription } from '../../../src/protocol/sdp/session-description.js';
import { audioOffer } from '../../../src/protocol/sdp/audio.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { ScriptedRegistrar } from './scripted-registrar.js';
import { never, SessionBench } from './session-bench.js';

const offer = formatSessionDescription(audioOffer({ sessionId: '1', version: 1 }));
const sdp = ['Content-Type', 'application/sdp'] as const;

describe('calls at a registrar that misbehaves', () => {
  let bench: SessionBench;
  let session: SipSession;
  let server: ScriptedRegistrar;
  /** What came of the phone's call, in order. */
  let calls: Call[];
  /** What the server does with the phone's INVITE, ACK, BYE and CANCEL. */
  let onRequest: (request: SipMessage) => void;
  const answers: SipMessage[] = [];
  let wake: () => void = () => undefined;
  before(async () => { bench = await SessionBench.start(); });
  after(() => bench.close());
  afterEach(() => bench.closeSessions());

  beforeEach(async () => {
    calls = [];
    answers.length = 0;
    onRequest = () => undefined;
    session = await bench.connectTo((socket) => {
      server = new ScriptedRegistrar(socket, bench, (request, self) => self.authenticate(request, () => {
        if (request.method === 'REGISTER') self.replySigned(request, [['Expires', '600']]);
        else if (['INVITE', 'ACK', 'BYE', 'CANCEL'].includes(request.method)) onRequest(request);
        else self.reply(request, 404, [], (response) => { self.security?.sign(response); });
      }), (answer, self) => {
        assert.deepEqual(self.security?.verify(answer), { ok: true });
        answers.push(answer);
        wake();
      });
    });
    await session.register(bench.certificateOf(), never);
    session.maintain((event) => {
      if (event.type === 'call') calls.push(event.call);
      wake();
    });
  });

  /** Resolves once `met`; something arrives before it can become so. */
  async function until(met: () => boolean): Promise<void> {
    while (!met()) await new Promise<void>((resolve) => { wake = resolve; });
  }

  function send(method: string, callId: string, headers: readonly (readonly [string, string])[] = [], body = '', signed = true): SipMessage {
    const request = new SipMessage({ kind: 'request', method, uri: 'sip:10.0.0.50:1;transport=tls' }, [], body);
    request.add('Via', `SIP/2.0/TLS 10.0.0.10:5061;branch=z9hG4bK${callId}${method === 'CANCEL' || method === 'ACK' ? 'INVITE' : method}`).add('Max-Forwards', '70').add('From', '<sip:bob@contoso.lab>;tag=1')
      .add('To', '<sip:alice@contoso.lab>').add('Call-ID', callId).add('CSeq', `1 ${method}`).add('Contact', '<sip:bob@contoso.lab;opaque=user:epid:x;gruu>');
    for (const [name, value] of headers) {
      request.remove(name);
      if (value !== '') request.add(name, value);
    }
    if (signed) server.security?.sign(request);
    server.socket.write(request.toBuffer());
    return request;
  }

  const answered = async (callId: string) => {
    const final = () => answers.find((each) => each.get('Call-ID') === callId && (each.status ?? 0) >= 200);
    await until(() => final() !== undefined);
    return final()?.status;
  };
  const ended = async () => {
    await until(() => calls.at(-1)?.state === 'ended');
    return calls.at(-1)?.ended;
  };

  it('an offer that cannot be used is refused: 400 garbage, 415 another type, 488 nothing to talk over, an instant message', async () => {
    for (const [callId, headers, body, status] of [
      ['garbage', [sdp], 'v=0\r\ngarbage', 400], ['oversize', [sdp], `${offer}a=${'x'.repeat(70_000)}\r\n`, 400], ['binary', [sdp], '\0\u00ff\r\n', 400],
      ['html', [['Content-Type', 'text/html']], '<p>', 415], ['untyped', [], 'x', 415],
      ['video', [sdp], offer.replace('m=audio', 'm=video'), 488], ['im', [sdp], offer.replace(/m=audio[^]*/, 'm=message 5060 sip null\r\n'), 488],
      ['contactless', [sdp, ['Contact', '']], offer, 400],
    ] as const) {
      send('INVITE', callId, headers, body);
      assert.equal(await answered(callId), status, callId);
      send('ACK', callId);
    }
    const unread = bench.recorded(/^this cannot be read: INVITE /);
    send('INVITE', 'contact', [sdp, ['Contact', '<<<']], offer);
    await unread;
    assert.deepEqual(calls, []);
  });

  it('other requests out of the blue are answered, each by itself', async () => {
    for (const [method, status] of [['BYE', 481], ['CANCEL', 481], ['MESSAGE', 405], ['INFO', 405], ['REFER', 405], ['OPTIONS', 200], ['PUBLISH', 405], ['UPDATE', 405]] as const) {
      send(method, `blue${method}`);
      assert.equal(await answered(`blue${method}`), status, method);
    }
    for (const [method, status] of [['BYE', 481], ['INFO', 481], ['INVITE', 481]] as const) {
      send(method, `tagged${method}`, [['To', '<sip:alice@contoso.lab>;tag=other']]);
      assert.equal(await answered(`tagged${method}`), status, method);
    }
  });

  it('an INVITE that is not signed, or changed after it was, does not ring', async () => {
    const ignored = bench.recorded(/^INVITE .* ignored: unsigned$/);
    send('INVITE', 'unsigned', [sdp], offer, false);
    await ignored;
    send('INVITE', 'signed', [sdp], offer);
    await until(() => answers.length > 0);
    assert.deepEqual(answers.map((answer) => answer.get('Call-ID')), ['signed']);
    const ending = bench.recorded(/^sip\.contoso\.lab:5061 sent a INVITE .* whose signature is wrong, so the phone ended the connection\.$/);
    const changed = send('INVITE', 'other', [sdp], offer, false);
    server.security?.sign(changed);
    changed.remove('Call-ID').add('Call-ID', 'changed');
    server.socket.write(changed.toBuffer());
    await ending;
    assert.deepEqual(calls.at(-1)?.ended, { reason: 'the connection to the server was lost' });
  });

  it('a flood of INVITEs rings once: 486 to the second, 503 beyond what is bounded', async () => {
    for (let count = 0; count < 50; count++) send('INVITE', `flood${count}`, [sdp], offer);
    await answered('flood49');
    const statuses = answers.map(({ status }) => status);
    assert.deepEqual([180, 486, 503].map((status) => statuses.filter((each) => each === status).length), [1, 31, 18]);
    assert.equal(calls.length, 1);
  });

  it('a call without an offer is answered with one', async () => {
    send('INVITE', 'late');
    await until(() => calls.at(-1)?.state === 'ringing');
    session.call({ do: 'answer' });
    await answered('late');
    assert.match(answers.at(-1)?.body.toString() ?? '', /m=audio 9 RTP\/AVP 0 8 101/);
    // Nobody may say BYE before the ACK, so hanging up waits for it.
    session.call({ do: 'hang-up' });
    assert.deepEqual(await ended(), { reason: 'hung up here' });
    const bye = new Promise<SipMessage>((resolve) => { onRequest = resolve; });
    const to = answers.at(-1)?.get('To') ?? '';
    send('ACK', 'late', [['To', to], ['Via', 'SIP/2.0/TLS 10.0.0.10:5061;branch=z9hG4bKack']]);
    assert.equal((await bye).method, 'BYE');
  });

  it('an answer with media that nobody knows ends the call by BYE; a second answer is ended too', async () => {
    const requests: string[] = [];
    onRequest = (request) => {
      requests.push(request.method);
      wake();
      if (request.method === 'INVITE') server.replySigned(request, [sdp, ['Contact', '<sip:bob@contoso.lab;gruu>']], offer.replace('RTP/AVP', 'RTP/SAVP'));
    };
    session.call({ do: 'dial', target: 'bob@contoso.lab' });
    assert.deepEqual(await ended(), { reason: 'the other end answered with media that the phone does not know' });
    await until(() => requests.length === 3);
    assert.deepEqual(requests, ['INVITE', 'ACK', 'BYE']);

    requests.length = 0;
    onRequest = (request) => {
      requests.push(`${request.method} ${/tag=(\w+)/.exec(request.get('To') ?? '')?.[1] ?? ''}`);
      wake();
      if (request.method !== 'INVITE') return;
      for (const tag of ['one', 'two']) {
        const response = new SipMessage({ kind: 'response', status: 200, reason: 'OK' }, [], offer);
        for (const name of ['Via', 'From', 'Call-ID', 'CSeq']) response.add(name, request.get(name) ?? '');
        response.add('To', `<sip:bob@contoso.lab>;tag=${tag}`).add('Contact', '<sip:bob@contoso.lab;gruu>').add(...sdp);
        server.security?.sign(response);
        server.socket.write(response.toBuffer());
      }
    };
    session.call({ do: 'dial', target: 'bob@contoso.lab' });
    await until(() => requests.length === 4);
    assert.deepEqual(requests, ['INVITE ', 'ACK one', 'ACK two', 'BYE two']);
    assert.equal(calls.at(-1)?.state, 'connected');
  });

  it('an answer that cannot be read leaves the phone ringing out; the user gives up, and keys without use do nothing', async () => {
    const cancelled = new Promise<void>((resolve) => {
      onRequest = (request) => {
        if (request.method === 'CANCEL') resolve();
        if (request.method !== 'INVITE') return;
        for (const status of [180, 200]) {
          server.reply(request, status, [], (response) => {
            response.remove('To').add('To', '<<<;tag');
            server.security?.sign(response);
          });
        }
        server.reply(request, 100, [], (response) => { server.security?.sign(response); });
      };
    });
    session.call({ do: 'answer' });
    session.call({ do: 'hang-up' });
    assert.equal(calls.length, 0);
    session.call({ do: 'dial', target: '101' });
    session.call({ do: 'dial', target: '102' });
    session.call({ do: 'answer' });
    session.call({ do: 'reject' });
    session.call({ do: 'hang-up' });
    assert.deepEqual(await ended(), { reason: 'hung up here' });
    assert.deepEqual(calls.map(({ peer, state }) => [peer.uri, state]), [['sip:101@contoso.lab;user=phone', 'calling'], ['sip:101@contoso.lab;user=phone', 'ended']]);
    await cancelled;
  });

  /** What the phone sends from now on, one by one; its INVITEs are answered as `answer` says. */
  function answering(answer: (invite: SipMessage) => readonly (readonly [string, string])[]): () => Promise<SipMessage> {
    const requests: SipMessage[] = [];
    onRequest = (request) => {
      requests.push(request);
      if (request.method === 'INVITE') server.replySigned(request, [sdp, ['Contact', '<sip:bob@contoso.lab;gruu>'], ...answer(request)], offer);
      else if (request.method === 'BYE') server.replySigned(request, []);
      wake();
    };
    return async () => {
      await until(() => requests.length > 0);
      return requests.shift() as SipMessage;
    };
  }

  it('a session timer that the phone is to keep is refreshed by a re-INVITE with the same media, until the other end wants none (RFC 4028)', async () => {
    let timer = 'Session-Expires';
    const next = answering(() => [[timer, '600;refresher=uac'], ['Require', 'timer']]);
    session.call({ do: 'dial', target: 'bob@contoso.lab' });
    const invite = await next();
    assert.deepEqual([invite.get('Supported'), invite.get('Session-Expires')], ['timer', '1800']);
    assert.equal((await next()).method, 'ACK');
    timer = 'X-None';
    bench.loopback.clock.increment(300_000);
    const refresh = await next();
    assert.deepEqual([refresh.method, refresh.get('Session-Expires'), refresh.get('Call-ID')], ['INVITE', '600;refresher=uac', invite.get('Call-ID')]);
    assert.deepEqual([refresh.body.toString(), refresh.get('Contact')], [invite.body.toString(), invite.get('Contact')]);
    assert.match(refresh.get('To') ?? '', /;tag=/);
    assert.equal((await next()).method, 'ACK');
    bench.loopback.clock.increment(3_000_000);
    assert.equal(calls.at(-1)?.state, 'connected');
  });

  it('a refresh that the server does not know the signature of is sent again, under a new security association', async () => {
    const sent: SipMessage[] = [];
    onRequest = (request) => {
      sent.push(request);
      if (request.method === 'INVITE' && sent.length === 3) server.reply(request, 401);
      else if (request.method === 'INVITE') server.replySigned(request, [sdp, ['Contact', '<sip:bob@contoso.lab;gruu>'], ['Session-Expires', '600;refresher=uac']], offer);
      wake();
    };
    session.call({ do: 'dial', target: 'bob@contoso.lab' });
    await until(() => sent.length === 2);
    bench.loopback.clock.increment(300_000);
    await until(() => sent.filter(({ method }) => method === 'INVITE').length === 3 && sent.at(-1)?.method === 'ACK');
    assert.deepEqual(sent.map(({ method }) => method), ['INVITE', 'ACK', 'INVITE', 'ACK', 'INVITE', 'ACK']);
    assert.equal(calls.at(-1)?.state, 'connected');
  });

  it('a session timer that the other end does not keep ends the call before its time is over; one that it does goes on', async () => {
    const next = answering(() => [['Session-Expires', '600;refresher=uas']]);
    session.call({ do: 'dial', target: 'bob@contoso.lab' });
    const invite = await next();
    await next();
    bench.loopback.clock.increment(300_000);
    const tag = /tag=\w+/.exec(invite.get('From') ?? '')?.[0] ?? '';
    send('INVITE', invite.get('Call-ID') ?? '', [sdp, ['To', `<sip:alice@contoso.lab>;${tag}`], ['From', '<sip:bob@contoso.lab>;tag=5E61CCD925D17E043D9A74835A88F664'], ['Session-Expires', '600;refresher=uac'], ['Supported', 'timer']], offer);
    assert.equal(await answered(invite.get('Call-ID') ?? ''), 200);
    assert.equal(answers.at(-1)?.get('Session-Expires'), '600;refresher=uac');
    bench.loopback.clock.increment(567_000);
    assert.equal(calls.at(-1)?.state, 'connected');
    bench.loopback.clock.increment(1000);
    assert.deepEqual(await ended(), { reason: 'the other end did not keep the session up' });
    assert.equal((await next()).method, 'BYE');
  });

  /** Requests of a call that is refused with 422 each time, for want of so many seconds. */
  async function refused(...least: number[]): Promise<SipMessage[]> {
    const requests: SipMessage[] = [];
    onRequest = (request) => {
      if (request.method !== 'INVITE') return;
      requests.push(request);
      const wanted = least.shift() ?? 86_400;
      server.reply(request, 422, [['Min-SE', String(wanted)]], (response) => { server.security?.sign(response); });
    };
    session.call({ do: 'dial', target: 'bob@contoso.lab' });
    assert.equal((await ended())?.status, 422);
    return requests;
  }

  it('a 422 of each proxy is answered with the interval that it wants (the call flow of RFC 4028 section 13, with erratum 1681)', async () => {
    const requests = await refused(3600, 4000, 4000);
    const headers = (name: string) => requests.map((request) => request.get(name));
    assert.deepEqual(headers('Session-Expires'), ['1800', '3600', '4000']);
    assert.deepEqual(headers('Min-SE'), [undefined, '3600', '4000']);
    assert.deepEqual(headers('CSeq'), ['1 INVITE', '2 INVITE', '3 INVITE']);
    assert.equal(new Set(headers('Call-ID')).size, 1);
    assert.equal(new Set(headers('From')).size, 3);
  });

  it('a 422 that wants no more than it got, or wants more without end, ends the call', async () => {
    assert.equal((await refused(1800)).length, 1);
    assert.equal((await refused(...Array.from({ length: 100 }, (_, index) => 2000 + index))).length, 5);
  });

  it('an incoming call says who keeps the session up, and is held by a re-INVITE, which is answered under the next version', async () => {
    send('INVITE', 'short', [sdp, ['Session-Expires', '20'], ['Supported', 'timer']], offer);
    assert.equal(await answered('short'), 422);
    assert.equal(answers.at(-1)?.get('Min-SE'), '90');
    send('ACK', 'short');
    send('INVITE', 'timed', [sdp, ['Session-Expires', '600'], ['Supported', 'timer']], offer);
    await until(() => calls.at(-1)?.state === 'ringing');
    session.call({ do: 'answer' });
    await answered('timed');
    const first = answers.at(-1);
    assert.deepEqual([first?.get('Session-Expires'), first?.get('Require')], ['600;refresher=uac', 'timer']);
    const to = first?.get('To') ?? '';
    send('ACK', 'timed', [['To', to], ['Via', 'SIP/2.0/TLS 10.0.0.10:5061;branch=z9hG4bKack']]);
    answers.length = 0;
    const held = offer.replace('a=sendrecv', 'a=sendonly').replace('o=- 1 1', 'o=- 1 2');
    send('INVITE', 'timed', [sdp, ['To', to], ['CSeq', '2 INVITE'], ['Via', 'SIP/2.0/TLS 10.0.0.10:5061;branch=z9hG4bKhold'], ['Session-Expires', '600;refresher=uac'], ['Supported', 'timer']], held);
    assert.equal(await answered('timed'), 200);
    const body = answers.at(-1)?.body.toString() ?? '';
    const version = (text: string) => /^o=- (\d+ \d+) /m.exec(text)?.[1];
    assert.match(body, /^a=recvonly\r$/m);
    assert.equal(version(body), version(first?.body.toString() ?? '')?.replace(/ 1$/, ' 2'));
    assert.ok(answers.at(-1)?.get('Contact'));
    assert.equal(calls.at(-1)?.state, 'connected');
  });
});
