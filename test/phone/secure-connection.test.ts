import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { verifyServerCertificate, type CertificatePolicy } from '../../src/firmware/certificate-policy.js';
import type { ServerCertificate } from '../../src/lab/certificate-authority.js';
import { secureConnect } from '../../src/phone/secure-connection.js';
import { StageFailure } from '../../src/phone/stage-failure.js';
import { Loopback } from './loopback.js';

describe('the phone\'s TLS connections', () => {
  let loopback: Loopback;
  let exact: ServerCertificate;
  let wildcard: ServerCertificate;
  before(async () => {
    loopback = await Loopback.start(['sip.contoso.lab', 'pool.contoso.lab']);
    [exact, wildcard] = await Promise.all([loopback.certificate('pool.contoso.lab', 'sip.contoso.lab'), loopback.certificate('pool.contoso.lab', '*.contoso.lab')]);
  });
  afterEach(() => loopback.closeServers());
  after(() => loopback.close());

  const sip = () => ({ host: 'sip.contoso.lab', port: 5061, service: 'sip', sipDomain: 'contoso.lab', method: 'pin', trust: loopback.trust } as const);
  const web = () => ({ ...sip(), port: 443, service: 'web' } as const);
  const ended = () => loopback.trace.events.findLast((event) => event.layer === 'tls')?.ended;
  const refusal = async (attempt: Promise<unknown>) => {
    const error: unknown = await attempt.then(() => undefined, (reason: unknown) => reason);
    assert.ok(error instanceof StageFailure, String(error));
    return error;
  };

  it('resolves the name, speaks the build\'s TLS and lets an exact name through, recording each step', async () => {
    const server = await loopback.listenTls(5061, exact);
    const accepted = once(server, 'secureConnection');
    const before = loopback.trace.events.length;
    const socket = await secureConnect(sip(), loopback.tools({ build: '4.0.7577.107' }));
    await accepted;
    assert.equal(socket.getProtocol(), 'TLSv1');
    socket.destroy();
    await once(socket, 'close');
    const phases = loopback.trace.events.slice(before).flatMap((event) => (event.layer === 'tls' ? [event] : []));
    assert.deepEqual(phases.map(({ phase }) => phase), ['started', 'certificate-judged', 'established', 'closed']);
    assert.ok(phases.every(({ peer, actor }) => peer === 'sip.contoso.lab:5061' && actor === 'phone'));
    assert.equal(phases[2]?.summary, 'TLSv1 with TLS_RSA_WITH_AES_128_CBC_SHA');
    assert.equal(phases[1]?.detail?.['accepted'], true);
    assert.deepEqual(phases[1]?.chain?.map((each) => [each?.subject, each?.names, each?.key]), [['CN=pool.contoso.lab', ['pool.contoso.lab', 'sip.contoso.lab'], 'rsa 2048']]);
    assert.deepEqual(phases[3]?.ended, { by: 'phone' });
  });

  for (const when of ['at once', 'later'] as const) {
    it(`tells when it is the server that closes the connection, ${when}`, async () => {
      const server = await loopback.listenTls(5061, exact);
      server.once('secureConnection', (socket: Socket) => {
        if (when === 'at once') socket.end();
        else socket.once('data', () => { socket.end(); });
      });
      const socket = await secureConnect(sip(), loopback.tools());
      socket.write('?');
      await once(socket.resume(), 'close');
      assert.deepEqual(ended(), { by: 'server' });
    });
  }

  it('refuses a wildcard on SIP in CU1: the server sees the connection close before TLS is done', async () => {
    const server = await loopback.listenTls(5061, wildcard);
    const seen = once(server, 'tlsClientError') as Promise<[NodeJS.ErrnoException]>;
    const failure = await refusal(secureConnect(sip(), loopback.tools({ build: '4.0.7577.107' })));
    const [{ code }] = await seen;
    assert.equal(code, 'ECONNRESET');
    assert.equal(failure.rule, 'certificate-refused');
    assert.equal(failure.reaction, 'retry');
    assert.equal(failure.screen, 'cannot-connect-retrying');
    assert.match(failure.message, /^The phone refused the certificate of sip\.contoso\.lab:5061: .*\*\.contoso\.lab.*\.$/);
    assert.deepEqual(failure.facts['presentedNames'], ['pool.contoso.lab', '*.contoso.lab']);
    assert.deepEqual((failure.facts['failedChecks'] as { rule: string }[]).map(({ rule }) => rule), ['name']);
    assert.deepEqual(failure.because.map(({ confidence, evidence }) => [confidence, evidence]), [['observed', ['schertz-2011-02']]]);
    assert.equal(loopback.trace.events.findLast((event) => event.layer === 'tls')?.phase, 'refused');
    assert.deepEqual(ended(), { by: 'phone' });
  });

  it('asks the policy it is given instead of the build\'s own', async () => {
    await loopback.listenTls(5061, wildcard);
    const asked: string[] = [];
    const lenient: CertificatePolicy = (input) => {
      asked.push(input.host);
      return { ...verifyServerCertificate(input), accepted: true };
    };
    (await secureConnect(sip(), { ...loopback.tools({ build: '4.0.7577.107' }), certificatePolicy: lenient })).destroy();
    const strict: CertificatePolicy = (input) => {
      const verdict = verifyServerCertificate(input);
      const pin = { rule: 'pin', passed: false, sentence: 'It is not the pinned one.', decisive: true, facts: {}, confidence: 'documented', evidence: [] } as const;
      return { ...verdict, accepted: false, checks: [...verdict.checks, pin] };
    };
    const { message } = await refusal(secureConnect(sip(), { ...loopback.tools(), certificatePolicy: strict }));
    assert.equal(message, 'The phone refused the certificate of sip.contoso.lab:5061: It is not the pinned one.');
    assert.deepEqual(asked, ['sip.contoso.lab']);
  });

  it('accepts the same certificate in the June 2012 build', async () => {
    await loopback.listenTls(5061, wildcard);
    (await secureConnect(sip(), loopback.tools({ build: '4.0.7577.4100' }))).destroy();
  });

  it('restarts the beta over a wildcard on its web leg, but not when tethered', async () => {
    await loopback.listenTls(443, wildcard);
    const failure = await refusal(secureConnect(web(), loopback.tools({ build: '4.0.7400.0' })));
    assert.deepEqual([failure.rule, failure.reaction, failure.screen], ['certificate-refused', 'reboot', 'certificate-problem']);
    (await secureConnect({ ...web(), method: 'tethered' }, loopback.tools({ build: '4.0.7400.0' }))).destroy();
  });

  it('refuses a root it has not learnt', async () => {
    await loopback.listenTls(5061, exact);
    const failure = await refusal(secureConnect({ ...sip(), trust: { downloadedRoots: [], directoryRoots: [], intermediates: [] } }, loopback.tools()));
    assert.equal(failure.rule, 'certificate-refused');
    assert.ok((failure.facts['failedChecks'] as { rule: string }[]).some(({ rule }) => rule === 'trust'));
  });

  it('fails at a server that speaks TLS 1.2 only, for what is known of the build\'s TLS', async () => {
    await loopback.listenTls(5061, exact, { minVersion: 'TLSv1.2' });
    const tools = loopback.tools();
    const failure = await refusal(secureConnect(sip(), tools));
    assert.equal(failure.rule, 'tls-failed');
    assert.equal(failure.message, 'The TLS handshake with sip.contoso.lab:5061 failed: the server answered with the fatal alert protocol_version (70).');
    assert.ok(failure.because.includes(tools.profile.tls.versions));
    assert.deepEqual(ended(), { by: 'server', alert: 'protocol_version (70)' });
  });

  it('closes the connection when the build\'s suites are none that this host has', async () => {
    const server = await loopback.listenTcp(5061, () => undefined);
    const connected = once(server, 'connection') as Promise<[Socket]>;
    const tools = loopback.tools();
    const { tls } = tools.profile;
    const rc4 = { ...tls, cipherSuites: { ...tls.cipherSuites, value: ['TLS_RSA_WITH_RC4_128_SHA'] } };
    const failure = await refusal(secureConnect(sip(), { ...tools, profile: { ...tools.profile, tls: rc4 } }));
    assert.match(failure.message, /^The TLS handshake with sip\.contoso\.lab:5061 failed: none of this client's cipher suites is one that OpenSSL still has: TLS_RSA_WITH_RC4_128_SHA\.$/);
    const [socket] = await connected;
    if (!socket.closed) await once(socket.resume(), 'close');
  });

  it('fails at a server that is no TLS server, which says nothing about the build', async () => {
    await loopback.listenTcp(5061, (socket) => { socket.once('data', () => { socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'); }); });
    const failure = await refusal(secureConnect(sip(), loopback.tools()));
    assert.equal(failure.rule, 'tls-failed');
    assert.match(failure.message, /the peer sent something that is not TLS/);
    assert.deepEqual(failure.because, []);
  });

  it('gives up a silent server after the profile\'s time', async () => {
    await loopback.listenTcp(5061, (socket) => { socket.once('data', () => { loopback.clock.increment(10_000); }); });
    const failure = await refusal(secureConnect(sip(), loopback.tools()));
    assert.equal(failure.message, 'The TLS handshake with sip.contoso.lab:5061 failed: it did not finish within 10000 ms.');
  });

  it('tells a name that does not exist and a port where nothing listens, by service', async () => {
    const unknown = await refusal(secureConnect({ ...sip(), host: 'sip.elsewhere.lab' }, loopback.tools()));
    assert.deepEqual([unknown.rule, unknown.screen], ['registrar-unreachable', 'registrar-not-contacted']);
    assert.equal(unknown.message, 'sip.elsewhere.lab:5061 could not be reached: DNS gave no address (no such name).');
    const refused = await refusal(secureConnect({ ...web(), port: 4443 }, loopback.tools()));
    assert.deepEqual([refused.rule, refused.screen], ['web-service-unreachable', 'web-service-not-found']);
    assert.equal(refused.message, 'sip.contoso.lab:4443 could not be reached: 10.0.0.10 refused port 4443 (TCP): nothing listens there.');
  });

  it('rejects with the reason of whoever gave the phone up', async () => {
    const outer = new AbortController();
    const reason = new Error('powered off');
    await loopback.listenTcp(5061, (socket) => { socket.once('data', () => { outer.abort(reason); }); });
    await assert.rejects(secureConnect(sip(), loopback.tools({ signal: outer.signal })), reason);
  });
});
