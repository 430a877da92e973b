import assert from 'node:assert/strict';
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, createServer, type TlsOptions } from 'node:tls';
import { createServer as createHttpsServer } from 'node:https';
import { loadProfiles } from '../../../src/firmware/loader.js';
import type { Service } from '../../../src/firmware/schema.js';
import { HostNetwork } from '../../../src/network/host-network.js';
import { probe } from '../../../src/rehearsal/survey/probe.js';
import { endpointReportSchema, type EndpointReport } from '../../../src/rehearsal/survey/probe-report.js';
import { renderProbe } from '../../../src/rehearsal/survey/probe-text.js';
import { issue, rsaKey, serverAuth, type CertificateWish, type Identity } from '../../protocol/x509/issue.js';
import { pem } from '../../cli/command-line.js';

const store = loadProfiles();
const builds = ['4.0.7577.107', '4.0.7577.4100', 'windows-lync-2010'];
const host = 'sip.contoso.com';
const weak = { ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1' } as const;

describe('probing a server', () => {
  const open: (Server | HttpServer)[] = [];
  const connected = new Set<Socket>();
  afterEach(async () => {
    for (const socket of connected) socket.destroy();
    connected.clear();
    for (const server of open.splice(0)) await new Promise((done) => { server.close(done); });
  });
  let root: Identity;
  before(() => { root = issue({ commonName: 'Contoso Root', ca: true, key: rsaKey('authority'), notAfter: Date.now() + 1e9 }); });

  function identity(wish: CertificateWish = {}): { cert: string; key: string } {
    const { der, privateKey } = issue({
      commonName: 'pool.contoso.com', dnsNames: [host], key: rsaKey('server'), issuer: root, extendedKeyUsage: [serverAuth], notAfter: Date.now() + 1e9, ...wish,
    });
    return { cert: pem('CERTIFICATE', der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  }

  async function listen<S extends Server | HttpServer>(server: S): Promise<number> {
    open.push(server);
    server.on('connection', (socket: Socket) => { connected.add(socket.on('error', () => undefined)); });
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    return (server.address() as AddressInfo).port;
  }
  const tls = (options: TlsOptions) => listen(createServer({ ...weak, ...options }));

  async function probed(port: number, more: { service?: Service; timeout?: number; server?: string; port?: number } = {}): Promise<EndpointReport> {
    return endpointReportSchema.parse(await probe(
      { server: more.server ?? host, port: more.port ?? 5061, host, service: more.service ?? 'sip', ...(port === 0 ? {} : { at: { address: '127.0.0.1', port } }) },
      {
        network: new HostNetwork({ interface: '127.0.0.1', nameServers: [] }), profiles: builds.map((build) => store.get(build)), sipDomain: 'contoso.com',
        roots: [root.der], timeout: more.timeout ?? 10_000, signal: new AbortController().signal,
      },
    ));
  }
  const accepted = (report: EndpointReport) => report.versions.filter((each) => each.accepted).map(({ version }) => version);

  it('that speaks everything: each version, the suite, the chain as sent, and every build content', async () => {
    const report = await probed(await tls(identity()));
    assert.deepEqual(accepted(report), ['TLS 1.0', 'TLS 1.1', 'TLS 1.2', 'TLS 1.3']);
    assert.deepEqual([report.accepting, report.refusing, report.change], [builds, [], null]);
    assert.ok(store.get(builds[0] ?? '').profile.tls.cipherSuites.value.includes(report.versions[0]?.cipherSuite ?? ''), 'a suite that phones offer');
    assert.deepEqual(report.handshakes.map(({ firmware, serverNameSent, version }) => [firmware.length, serverNameSent, version]), [[2, false, 'TLSv1'], [1, true, 'TLSv1.2']]);
    assert.deepEqual(report.handshakes[0]?.chain.map((certificate) => certificate?.names), [[host]]);
    assert.equal(report.serverNameIndication?.needed, false);
    assert.match(report.clock.sentence, /^Not known: a registrar/);
  });

  it('whose certificate some builds refuse: which, why, and what to change', async () => {
    const report = await probed(await tls(identity({ dnsNames: ['*.contoso.com'] })));
    assert.deepEqual([report.accepting, report.refusing], [builds.slice(1), ['4.0.7577.107']]);
    assert.match(report.change?.commands[0] ?? '', /-DomainName "\*\.contoso\.com,sip\.contoso\.com"/);
    const text = renderProbe({ schema: 1, endpoints: [report] }, { width: 120, colour: false });
    assert.match(text, /^ {2}REFUSE {3}4\.0\.7577\.107$/m);
    assert.match(text, /covered only by the wildcard \*\.contoso\.com/);
  });

  it('whose certificate would play with the terminal: nothing of it gets there', async () => {
    const escape = 'evil\u001b[2J\u009b1m';
    const report = await probed(await tls(identity({ commonName: escape, dnsNames: [escape, '"; rm -rf /; "'] })));
    const text = renderProbe({ schema: 1, endpoints: [report] }, { width: 120, colour: false });
    assert.match(text, /evil\\x1b\[2J/);
    assert.doesNotMatch(text, /[\u001b\u009b]/);
    assert.match(report.change?.commands[0] ?? '', / -DomainName "sip\.contoso\.com" -CA /);
  });

  it('that has switched TLS 1.0 off: phones fail before they see the certificate, which is judged all the same', async () => {
    const report = await probed(await tls({ ...identity(), minVersion: 'TLSv1.2' }));
    assert.deepEqual(accepted(report), ['TLS 1.2', 'TLS 1.3']);
    assert.deepEqual([report.accepting, report.refusing], [['windows-lync-2010'], builds.slice(0, 2)]);
    assert.match(report.versions[0]?.sentence ?? '', /fatal alert protocol_version \(70\)/);
    assert.doesNotMatch(report.handshakes[0]?.sentence ?? '', /Not offered/, 'other suites would not have helped');
    assert.ok(report.results.every((result) => result.accepted) && report.results.length === 3);
    assert.match(report.change?.sentences.join() ?? '', /^Switch TLS 1\.0 on/);
  });

  it('that speaks TLS 1.3 alone', async () => {
    const report = await probed(await tls({ ...identity(), minVersion: 'TLSv1.3' }));
    assert.deepEqual([accepted(report), report.accepting, report.serverNameIndication?.needed], [['TLS 1.3'], [], null]);
  });

  it('that tells its servers apart by SNI: another certificate without it', async () => {
    const other = identity({ commonName: 'default.contoso.com', dnsNames: ['default.contoso.com'] });
    const named = createSecureContext({ ...identity(), ciphers: weak.ciphers });
    const report = await probed(await tls({ ...other, SNICallback: (name, done) => { done(null, name === host ? named : undefined); } }));
    assert.equal(report.serverNameIndication?.needed, true);
    assert.match(report.serverNameIndication.sentence, /another certificate \(CN=default\.contoso\.com\), and phones do not send it\./);
    assert.deepEqual([report.accepting, report.refusing], [['windows-lync-2010'], builds.slice(0, 2)]);
    assert.match(report.change?.sentences[0] ?? '', /^Bind the certificate as the default/);
    assert.match(renderProbe({ schema: 1, endpoints: [report] }, { width: 120, colour: false }), /^ {2}chain {4}as sent to windows-lync-2010$/m);
  });

  it('of web services, whose clock is told by its date', async () => {
    const server = createHttpsServer({ ...weak, ...identity() }, (_request, response) => {
      response.setHeader('Date', new Date(Date.now() - 3_600_000).toUTCString());
      response.end();
    });
    const report = await probed(await listen(server), { service: 'web' });
    assert.ok(Math.abs((report.clock.aheadSeconds ?? 0) + 3600) <= 2, report.clock.sentence);
    assert.match(report.clock.sentence, /^It is 3[56]\d\d s behind this machine\.$/);
  });

  it('that speaks plain HTTP at port 80', async () => {
    const report = await probed(await listen(createHttpServer((_request, response) => { response.end(); })), { service: 'update', port: 80 });
    assert.deepEqual([report.clock.aheadSeconds, report.accepting, report.versions], [0, builds, []]);
  });

  it('that is no TLS server, hangs up, or never says a word', async () => {
    const chatty = await probed(await listen(createTcpServer((socket) => { socket.end('220 mail.contoso.com ESMTP\r\n'); })));
    assert.match(chatty.versions[0]?.sentence ?? '', /not TLS/);
    const rude = await probed(await listen(createTcpServer((socket) => { socket.destroy(); })));
    assert.match(rude.handshakes[0]?.sentence ?? '', /(?:closed|broke).*\. Not offered here, .*: TLS_RSA_WITH_RC4_128_SHA, TLS_RSA_WITH_RC4_128_MD5, TLS_RSA_WITH_3DES_EDE_CBC_SHA\.$/);
    const silent = await probed(await listen(createTcpServer()), { timeout: 500 });
    assert.ok([...silent.versions, ...silent.handshakes].every(({ sentence }) => sentence.startsWith('The handshake did not finish in time.')), JSON.stringify(silent.versions));
    for (const report of [chatty, rude, silent]) assert.deepEqual([report.accepting, report.results], [[], []]);
  });

  it('that is not there', async () => {
    const port = await listen(createTcpServer());
    await new Promise((done) => { open.pop()?.close(done); });
    const report = await probed(port);
    assert.match(report.unreachable ?? '', /refused port/);
    assert.deepEqual(report.refusing, builds);
    const lost = await probed(0);
    assert.deepEqual([lost.address, lost.unreachable], [null, 'DNS gives no address of sip.contoso.com: no name server is known.']);
    assert.match(renderProbe({ schema: 1, endpoints: [lost] }, { width: 120, colour: false }), /DNS gives no address/);
  });

  it('gives up when told to', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await assert.rejects(probe({ server: host, port: 5061, host, service: 'sip', at: { address: '127.0.0.1', port: 9 } }, {
      network: new HostNetwork({ interface: '127.0.0.1', nameServers: [] }), profiles: [store.get('4.0.7577.107')], sipDomain: undefined, roots: undefined, timeout: 1000, signal: controller.signal,
    }), /enough/);
  });
});
