import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { systemClock } from '../../src/clock.js';
import type { Network } from '../../src/network/network.js';
import type { Lab} from '../../src/lab/lab.js';
import { type LabOptions } from '../../src/lab/lab.js';
import { closedBeforeNegotiation } from '../../src/lab/tls-listener.js';
import { Resolver } from '../../src/protocol/dns/resolver.js';
import type { TlsEvent, TraceEvent } from '../../src/trace/event.js';
import { Trace } from '../../src/trace/trace.js';
import { freePort } from '../interop/debian-program.js';
import { leasedNetwork } from '../leased-network.js';
import { smallTopology } from './small-topology.js';
import { startLab } from '../start-lab.js';

const tlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES256-SHA:@SECLEVEL=0', rejectUnauthorized: false } as const;
const signal = () => AbortSignal.timeout(20_000);

/** A TLS connection to an address of the lab's own network. */
async function secure(network: Network, address: string, port: number): Promise<TLSSocket> {
  const socket = connect({ ...tlsOptions, socket: await network.connect({ address, port }, { signal: signal() }) });
  await once(socket, 'secureConnect', { signal: signal() });
  return socket;
}

/** The first bytes of a TLS client. */
async function clientHello(): Promise<Buffer> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const client = connect({ ...tlsOptions, ...listener.address() as { port: number }, host: '127.0.0.1' });
  client.on('error', () => {});
  const [server] = await once(listener, 'connection') as [Socket];
  const [hello] = await once(server, 'data') as [Buffer];
  client.destroy();
  server.destroy();
  listener.close();
  return hello;
}

function nextEvent<E extends TraceEvent['layer']>(trace: Trace, layer: E): Promise<TraceEvent & { layer: E }> {
  return new Promise((resolve) => {
    const stop = trace.subscribe((event) => {
      if (event.layer !== layer) return;
      stop();
      resolve(event as TraceEvent & { layer: E });
    });
  });
}

const resolver = (network: Network) => new Resolver({ network, trace: new Trace(), clock: systemClock, timeout: 2000, signal: signal() });

describe('a lab that is told to stop while it starts', () => {
  it('does not begin once the signal has aborted', async () => {
    await assert.rejects(startLab(smallTopology(), { signal: AbortSignal.abort(new Error('enough')) }), /^Error: enough$/);
  });

  it('leaves nothing listening', async () => {
    const port = await freePort();
    const stop = new AbortController();
    let asked = 0;
    const ports = new Proxy<NonNullable<LabOptions['ports']>>({}, {
      get: (_, name) => {
        asked += 1;
        stop.abort(new Error('enough'));
        return String(name).endsWith('/registrar') ? port : undefined;
      },
    });
    await assert.rejects(startLab(smallTopology(), { signal: stop.signal, ports }), /^Error: enough$/);
    assert.ok(asked > 1);
    const again = createServer().listen(port, '127.0.0.1');
    await once(again, 'listening');
    again.close();
  });
});

describe('a lab', () => {
  let lab: Lab;
  let network: Network;
  before(async () => {
    lab = await startLab(smallTopology());
    network = leasedNetwork(lab);
  });
  after(() => lab.close());

  it('is found on its own network by the topology\'s names, addresses and ports', async () => {
    const { records: [target] } = await resolver(network).srv('_sipinternaltls._tcp.contoso.lab');
    assert.deepEqual([target?.target, target?.port], ['lync.contoso.lab', 5061]);
    assert.deepEqual((await resolver(network).addresses('lync.contoso.lab')).records, ['10.0.0.10']);
    await assert.rejects(network.connect({ address: '10.0.0.10', port: 5060 }, { signal: signal() }), { code: 'network/refused' });
  });

  it('serves TLS 1.0 with a chain that OpenSSL verifies up to the root', async () => {
    for (const port of [5061, 443]) {
      const raw = await network.connect({ address: '10.0.0.10', port }, { signal: signal() });
      const socket = connect({
        ...tlsOptions, maxVersion: 'TLSv1', socket: raw, ca: lab.rootCertificates().map(({ pem }) => pem), rejectUnauthorized: true, servername: 'lync.contoso.lab',
      });
      await once(socket, 'secureConnect', { signal: signal() });
      assert.equal(socket.getProtocol(), 'TLSv1');
      socket.destroy();
    }
    assert.deepEqual(lab.rootCertificates().map(({ name, pem }) => [name, new X509Certificate(pem).subject]), [['root', 'CN=Contoso Root']]);
  });

  it('tells the issuers of its web certificate and its URLs', () => {
    const { deployment } = lab;
    assert.deepEqual(deployment.webIssuerChain('LYNC.contoso.lab').map((der) => new X509Certificate(der).subject), ['CN=Contoso Issuing', 'CN=Contoso Root']);
    assert.deepEqual(deployment.webIssuerChain('dc.contoso.lab'), []);
    assert.equal(deployment.baseUrl('lync.contoso.lab', 'https'), 'https://lync.contoso.lab:443');
    assert.equal(deployment.baseUrl('lync.contoso.lab', 'http'), 'http://lync.contoso.lab:80');
  });

  it('says in its log that a client left when it saw the certificate', async () => {
    const failed = nextEvent(lab.trace, 'tls');
    const raw = await network.connect({ address: '10.0.0.10', port: 5061 }, { signal: signal() });
    const local = `127.0.0.1:${raw.localPort}`;
    raw.write(await clientHello());
    // The server's first bytes hold its certificate.
    raw.once('data', () => raw.destroy());
    const event: TlsEvent & { actor: string } = await failed;
    assert.deepEqual([event.actor, event.phase, event.peer, event.summary], ['registrar', 'failed', local, closedBeforeNegotiation]);
  });

  it('says what OpenSSL says of any other failure', async () => {
    const failed = nextEvent(lab.trace, 'tls');
    const raw = await network.connect({ address: '10.0.0.10', port: 443 }, { signal: signal() });
    raw.on('error', () => {}).write('GET / HTTP/1.0\r\n\r\n');
    const event = await failed;
    assert.deepEqual([event.actor, event.peer, event.summary], ['web', `127.0.0.1:${raw.localPort}`, 'The TLS handshake failed: http request.']);
    raw.destroy();
  });

  it('shows a certificate issued again from the next handshake on, and leaves connections alone', async () => {
    const earlier = await secure(network, '10.0.0.10', 443);
    const fingerprint = earlier.getPeerCertificate().fingerprint256;
    await lab.setCertificate('pool', { subjectAlternativeNames: ['lync.contoso.lab', 'sip.contoso.lab'], hash: 'sha256' });

    for (const port of [443, 5061]) {
      const later = await secure(network, '10.0.0.10', port);
      assert.equal(later.getPeerCertificate().subjectaltname, 'DNS:lync.contoso.lab, DNS:sip.contoso.lab');
      assert.notEqual(later.getPeerCertificate().fingerprint256, fingerprint);
      assert.equal(later.getPeerCertificate().subject.CN, 'lync.contoso.lab', 'what was not named stays');
      later.destroy();
    }
    earlier.write('GET /nowhere HTTP/1.1\r\nHost: lync.contoso.lab\r\n\r\n');
    const [answer] = await once(earlier, 'data', { signal: signal() }) as [Buffer];
    assert.match(answer.toString('latin1'), /^HTTP\/1\.1 404 /);
    earlier.destroy();
    assert.equal(lab.topology.certificates['pool']?.hash, 'sha256');
  });

  it('refuses a change that makes no sense, and stays as it was', async () => {
    const before = lab.topology;
    await assert.rejects(lab.setCertificate('iis', {}), { code: 'lab/unknown-certificate', message: 'This lab has no certificate "iis".' });
    await assert.rejects(lab.setCertificate('pool', { issuer: 'other' }), { code: 'lab/unknown-authority', message: 'This lab has no authority "other".' });
    await assert.rejects(lab.setCertificate('pool', { hash: 'crc32' }), { code: 'lab/invalid' });
    await assert.rejects(lab.setCertificate('pool', { keyBits: 512, ipAddresses: ['::1'] }), { code: 'pkcs/ip-address' });
    assert.throws(() => { lab.setDhcp({ option121: 'x' }); }, {
      code: 'lab/invalid', message: 'The change to DHCP settings is wrong at its top: unrecognized key: "option121".',
    });
    assert.throws(() => { lab.setPolicy('off'); }, { code: 'lab/invalid' });
    assert.throws(() => { lab.setDnsRecords({}); }, { code: 'lab/invalid' });
    assert.equal(lab.topology, before);
  });

  it('answers by changed records, settings and switches at once', async () => {
    lab.setDnsRecords([{ name: 'lync.contoso.lab', type: 'A', address: '10.0.0.11' }]);
    assert.deepEqual((await resolver(network).addresses('lync.contoso.lab')).records, ['10.0.0.11']);
    lab.setDhcp({ option43: null });
    assert.deepEqual([lab.deployment.dhcpSettings().option43, lab.deployment.dhcpSettings().option120], [null, 'lync.contoso.lab']);
    lab.setPolicy({ UsePinAuth: false });
    assert.deepEqual([lab.deployment.policy.UsePinAuth, lab.deployment.policy.UseCertificateAuth], [false, true]);
    assert.ok(lab.trace.events.some((event) => event.actor === 'lab' && event.layer === 'note' && event.summary === 'The policy was changed.'));
  });
});

describe('a lab that advertises an address', () => {
  it('names that address and its real ports in every URL and DNS answer', async () => {
    await using lab = await startLab(smallTopology(), { advertise: '127.0.0.1' });
    const port = (service: string) => lab.services.find((candidate) => candidate.service === service)?.port;
    assert.equal(lab.deployment.baseUrl('lync.contoso.lab', 'https'), `https://127.0.0.1:${port('https')}`);
    assert.equal(lab.deployment.baseUrl('lync.contoso.lab', 'http'), `http://127.0.0.1:${port('http')}`);
    const { records: [target] } = await resolver(leasedNetwork(lab)).srv('_sipinternaltls._tcp.contoso.lab');
    assert.deepEqual([target?.target, target?.port], ['lync.contoso.lab', port('registrar')]);
    assert.deepEqual((await resolver(leasedNetwork(lab)).addresses('lync.contoso.lab')).records, ['127.0.0.1']);
    const { option43 } = lab.deployment.dhcpSettings();
    assert.deepEqual([option43?.webServerFqdn, option43?.webServerPort], ['127.0.0.1', port('https')]);
    (await secure(leasedNetwork(lab), '127.0.0.1', port('registrar') ?? 0)).destroy();
  });
});

describe('starting and closing labs', () => {
  /** What keeps the process alive, once the loop has closed what was given to it to close. */
  const handles = async () => {
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').sort();
  };

  it('leaves nothing running, with clients connected or not', async () => {
    const before = await handles();
    await Promise.all(Array.from({ length: 20 }, async () => {
      const lab = await startLab(smallTopology());
      const network = leasedNetwork(lab);
      const clients = await Promise.all([secure(network, '10.0.0.10', 5061), network.connect({ address: '10.0.0.10', port: 443 }, { signal: signal() })]);
      // Some see a reset, which is an error, some an end; all are closed then.
      const gone = clients.map((client) => new Promise((resolve) => { client.on('error', () => {}).on('close', resolve).resume(); }));
      await Promise.all([lab.close(), ...gone]);
    }));
    assert.deepEqual(await handles(), before);
  }).timeout(60_000);

  const inUse = async (options: (port: number) => LabOptions) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const before = await handles();
    await assert.rejects(startLab(smallTopology(), options(port)), {
      code: 'lab/port-in-use',
      message: `The registrar service of lync.contoso.lab could not listen on 127.0.0.1:${port}: another program uses that port.`,
    });
    assert.deepEqual(await handles(), before);
    taken.close();
  };
  it('tells of a port that is taken, and leaves nothing running either', () => inUse((port) => ({ ports: { 'lync.contoso.lab/registrar': port } })));

  it('listens on the ports it is told', async () => {
    const port = await freePort();
    await using lab = await startLab(smallTopology(), { ports: { 'lync.contoso.lab/https': port } });
    assert.equal(lab.services.find(({ service }) => service === 'https')?.port, port);
  });
});
