import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { ServerCertificate } from '../../../src/lab/certificate-authority.js';
import { connectSip, type SipTransport } from '../../../src/phone/sip/tls-transport.js';
import { StageFailure } from '../../../src/phone/stage-failure.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { Loopback } from '../loopback.js';
import { PlainCore } from './plain-core.js';

describe('sip.js over the phone\'s TLS', () => {
  let loopback: Loopback;
  let wildcard: ServerCertificate;
  before(async () => {
    loopback = await Loopback.start(['sip.contoso.lab']);
    wildcard = await loopback.certificate('pool.contoso.lab', '*.contoso.lab');
  });
  afterEach(() => loopback.closeServers());
  after(() => loopback.close());

  const at = (build: string) => {
    const { network, profile, trace } = loopback.tools({ build });
    return { host: 'sip.contoso.lab', sipDomain: 'contoso.lab', network, profile, trace, roots: loopback.trust.downloadedRoots };
  };
  const answerTo = (request: SipMessage) => ['SIP/2.0 200 OK', ...['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${request.get(name) ?? ''}${name === 'To' ? ';tag=1' : ''}`),
    'Content-Length: 0', '', ''].join('\r\n');

  /** A server, sip.js as its client, and what the server then reads. */
  async function connected(options: { onLost?: (failure: StageFailure) => void } = {}) {
    const server = await loopback.listenTls(5061, wildcard);
    const accepted = once(server, 'secureConnection') as Promise<[Socket]>;
    const core: PlainCore = new PlainCore('sip:alice@contoso.lab', () => transport);
    const transport: SipTransport = await connectSip({ core, ...at('4.0.7577.4100'), ...options });
    const [socket] = await accepted;
    const read = async () => SipMessage.parse((await once(socket, 'data') as [Buffer])[0]);
    return { core, transport, socket, read };
  }

  it('carries requests and their answers, both ways', async () => {
    const { core, transport, socket, read } = await connected();
    assert.match(transport.localAddress, /^10\.0\.0\.20:\d+$/);
    const answered = core.ask('OPTIONS');
    const request = await read();
    assert.equal(request.get('Via')?.startsWith('SIP/2.0/TLS plain.invalid'), true);
    socket.write(answerTo(request));
    assert.equal((await answered).statusCode, 200);

    const replied = read();
    socket.write(['OPTIONS sip:alice@contoso.lab SIP/2.0', 'Via: SIP/2.0/TLS 10.0.0.10;branch=z9hG4bK1', 'Max-Forwards: 70', 'From: <sip:contoso.lab>;tag=2', 'To: <sip:alice@contoso.lab>',
      'Call-ID: 3', 'CSeq: 1 OPTIONS', 'Content-Length: 0', '', ''].join('\r\n'));
    assert.equal((await replied).method, 'OPTIONS');
    await transport[Symbol.asyncDispose]();
    if (!socket.closed) await once(socket, 'close');
    core.dispose();
  });

  it('refuses a certificate as the build does', async () => {
    await loopback.listenTls(5061, wildcard);
    const core = new PlainCore('sip:alice@contoso.lab', () => undefined);
    await assert.rejects(connectSip({ core, ...at('4.0.7577.107') }), (error) => error instanceof StageFailure && error.rule === 'certificate-refused');
    (await connectSip({ core, ...at('4.0.7577.107'), certificatePolicy: () => ({ accepted: true, checks: [], onRefusal: 'silent-close' }) })).close();
  });

  it('says when the connection is lost, once, and sends no more', async () => {
    const failures: StageFailure[] = [];
    let lost = () => {};
    const gone = new Promise<void>((resolve) => { lost = resolve; });
    const { transport, socket } = await connected({ onLost: (failure) => { failures.push(failure); lost(); } });
    socket.destroy();
    await gone;
    await assert.rejects(transport.keepAlive(), failures[0]);
    assert.deepEqual(failures.map(({ rule }) => rule), ['connection-lost']);
  });

  it('survives what sip.js cannot read', async () => {
    const { core, transport, socket, read } = await connected();
    socket.write('OPTIONS sip:alice@contoso.lab SIP/2.0\r\nVia: ?\r\nCSeq: 1 OPTIONS\r\nCall-ID: 1\r\nFrom: \r\nContent-Length: 0\r\n\r\n');
    const answered = core.ask('OPTIONS');
    socket.write(answerTo(await read()));
    assert.equal((await answered).statusCode, 200);
    transport.close();
    core.dispose();
  });
});
