import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { Failure } from '../../../src/failure.js';
import { tlsThroughGate, type Judgement } from '../../../src/protocol/tls/certificate-gate.js';
import { createClientContext, type TlsVersion } from '../../../src/protocol/tls/client-context.js';
import type { PresentedCertificate } from '../../../src/protocol/tls/server-flight.js';
import { issueCertificate } from './issue-certificate.js';

const identity = issueCertificate(['sip.contoso.lab']);
const oldSuites = ['TLS_RSA_WITH_RC4_128_SHA', 'TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_AES_256_CBC_SHA'];
const deviceContext = createClientContext({ versions: ['TLSv1'], cipherSuites: oldSuites });

describe('the certificate gate', () => {
  const open = new Set<Socket>();
  let server: Server | undefined;

  async function listen(listening: Server): Promise<Socket> {
    server = listening;
    listening.on('connection', (socket: Socket) => {
      open.add(socket);
      socket.on('error', () => undefined);
    });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const socket = connect((listening.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }
  const tlsServer = (options: TlsOptions = {}) => createServer({
    key: identity.key, cert: identity.cert, minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'ALL:@SECLEVEL=0', ...options,
  });
  const handshake = (socket: Socket, judge: (presented: PresentedCertificate) => Judgement, options: { serverName?: string; signal?: AbortSignal } = {}) =>
    tlsThroughGate({ socket, context: deviceContext, judge, signal: new AbortController().signal, ...options });

  afterEach(async () => {
    for (const socket of open) socket.destroy();
    open.clear();
    if (server?.listening) await new Promise((resolve) => { server?.close(resolve); });
  });

  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2'] satisfies TlsVersion[]) {
    it(`shows the chain before the ${version} handshake completes, then carries data both ways`, async () => {
      const listening = tlsServer({ minVersion: version, maxVersion: version });
      listening.on('secureConnection', (socket: TLSSocket) => { socket.pipe(socket); });
      const socket = await listen(listening);
      let presented: PresentedCertificate | undefined;
      const context = createClientContext({ versions: [version], cipherSuites: oldSuites });
      const secured = await tlsThroughGate({
        socket, context, signal: new AbortController().signal, judge: (shown) => { presented = shown; return { accept: true }; },
      });
      assert.deepEqual(presented?.chain, [identity.der]);
      assert.equal(presented?.version, version);
      assert.match(presented?.cipherSuite ?? '', /^TLS_RSA_WITH_AES_(128|256)_CBC_SHA$/);
      assert.equal(secured.getProtocol(), version);
      assert.equal(secured.localPort, socket.localPort);
      const payload = Buffer.alloc(300_000, 'lync');
      secured.end(payload);
      const echoed: Buffer[] = [];
      for await (const chunk of secured) echoed.push(chunk as Buffer);
      assert.ok(Buffer.concat(echoed).equals(payload));
    });
  }

  it('leaves silently: the server sees the connection close before the handshake is done, and no alert', async () => {
    const listening = tlsServer();
    const refusal = once(listening, 'tlsClientError');
    const socket = await listen(listening);
    await assert.rejects(handshake(socket, () => ({ accept: false, how: 'silent-close' })), failure('tls/certificate-refused'));
    const [error] = await refusal as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
    assert.equal(socket.destroyed, true);
  });

  for (const [alert, code] of [[42, 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE'], [48, 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA']] as const) {
    it(`leaves with alert ${alert}: the server sees exactly that`, async () => {
      const listening = tlsServer();
      const refusal = once(listening, 'tlsClientError');
      const socket = await listen(listening);
      await assert.rejects(handshake(socket, () => ({ accept: false, how: 'alert', alert })), failure('tls/certificate-refused'));
      const [error] = await refusal as [NodeJS.ErrnoException];
      assert.equal(error.code, code);
      assert.equal(socket.destroyed, true);
    });
  }

  it('ends the connection when the judge itself fails', async () => {
    const socket = await listen(tlsServer());
    await assert.rejects(handshake(socket, () => { throw new Failure('x509/malformed', 'Not a certificate.'); }), failure('x509/malformed'));
    assert.equal(socket.destroyed, true);
  });

  it('names the alert of a server that will not speak TLS 1.0', async () => {
    const socket = await listen(tlsServer({ minVersion: 'TLSv1.2' }));
    await assert.rejects(handshake(socket, never), failure('tls/alert', /protocol_version \(70\)/));
  });

  it('sends no server name unless told to', async () => {
    const names: unknown[] = [];
    for (const serverName of [undefined, 'sip.contoso.lab']) {
      const listening = tlsServer({ SNICallback: (name, done) => { names.push(name); done(null); } });
      const socket = await listen(listening);
      const secured = await handshake(socket, () => ({ accept: true }), serverName === undefined ? {} : { serverName });
      secured.destroy();
      listening.close();
    }
    assert.deepEqual(names, ['sip.contoso.lab']);
  });

  const answers: [string, string, (socket: Socket) => void][] = [
    ['speaks HTTP', 'tls/malformed', (socket) => { socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'); }],
    ['announces a record of 64 kB', 'tls/malformed', (socket) => { socket.write(Buffer.from('160301ffff', 'hex')); }],
    ['announces a certificate of 10 MB', 'tls/oversized', (socket) => { socket.write(Buffer.from('16030100040b989680', 'hex')); }],
    ['never ends its certificate', 'tls/oversized', (socket) => {
      socket.write(Buffer.concat([Buffer.from('16030100010b', 'hex'), ...Array<Buffer>(60_000).fill(Buffer.from('1603010000', 'hex'))]));
    }],
    ['goes on without a certificate', 'tls/no-certificate', (socket) => { socket.write(Buffer.from('140301000101', 'hex')); }],
    ['shows a certificate before its hello', 'tls/malformed', (socket) => { socket.write(Buffer.from('160301000b0b000007000004000001aa', 'hex')); }],
    ['shows an empty chain', 'tls/no-certificate', (socket) => { socket.write(Buffer.from('16030100070b000003000000', 'hex')); }],
    ['contradicts its own lengths', 'tls/malformed', (socket) => { socket.write(Buffer.from('16030100080b00000400000500', 'hex')); }],
    ['closes at once', 'tls/closed', (socket) => { socket.end(); }],
    ['resets the connection', 'tls/closed', (socket) => { socket.resetAndDestroy(); }],
  ];
  for (const [what, code, answer] of answers) {
    it(`a peer that ${what} is a clear error, and nothing stays open`, async () => {
      const socket = await listen(createTcpServer((peer) => { peer.once('data', () => { answer(peer); }); }));
      await assert.rejects(handshake(socket, never), failure(code));
      assert.equal(socket.destroyed, true);
    });
  }

  it('a silent peer is left when the signal says so', async () => {
    const deadline = new AbortController();
    const socket = await listen(createTcpServer((peer) => { peer.once('data', () => { deadline.abort(new Failure('test/deadline', 'Too late.')); }); }));
    await assert.rejects(handshake(socket, never, { signal: deadline.signal }), failure('test/deadline'));
    assert.equal(socket.destroyed, true);
  });

  it('a peer that keeps its end open after the alert holds the refusal up only until the deadline', async () => {
    const deadline = new AbortController();
    const socket = await listen(createTcpServer({ allowHalfOpen: true }, (peer) => {
      peer.once('data', () => { peer.write(flightOf(identity.der)); peer.once('data', () => { deadline.abort(new Error('late')); }); });
    }));
    await assert.rejects(handshake(socket, () => ({ accept: false, how: 'alert' }), { signal: deadline.signal }), failure('tls/certificate-refused'));
    assert.equal(socket.destroyed, true);
  });

  it('does not start when the signal is aborted already', async () => {
    const socket = await listen(tlsServer());
    await assert.rejects(handshake(socket, never, { signal: AbortSignal.abort(new Failure('test/early', 'Gone.')) }), failure('test/early'));
  });

  it('closing the established connection closes the raw one, from either side', async () => {
    const listening = tlsServer();
    const accepted = once(listening, 'secureConnection') as Promise<[TLSSocket]>;
    const socket = await listen(listening);
    const secured = await handshake(socket, () => ({ accept: true }));
    const [peer] = await accepted;
    secured.resume();
    const gone = once(secured, 'close');
    peer.destroy();
    await gone;
    if (!socket.destroyed) await once(socket, 'close');
  });
});

const never = (): Judgement => { throw new Error('nothing to judge'); };

function failure(code: string, sentence = /^[A-Z].*\.$/) {
  return (error: unknown) => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, sentence);
    return true;
  };
}

/** ServerHello and Certificate, a record each. */
function flightOf(der: Buffer): Buffer {
  const hello = Buffer.concat([Buffer.from('020000260301', 'hex'), Buffer.alloc(32), Buffer.from('00002f00', 'hex')]);
  const size = (length: number) => Buffer.from([length >> 16, (length >> 8) & 255, length & 255]);
  const message = Buffer.concat([Buffer.from([11]), size(der.length + 6), size(der.length + 3), size(der.length), der]);
  const record = (body: Buffer) => Buffer.concat([Buffer.from([22, 3, 1, body.length >> 8, body.length & 255]), body]);
  return Buffer.concat([record(hello), record(message)]);
}
