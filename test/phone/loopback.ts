import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { loadProfiles } from '../../src/firmware/loader.js';
import { createAuthorities, type CertificateAuthority, type ServerCertificate } from '../../src/lab/certificate-authority.js';
import { startDnsServer } from '../../src/lab/dns-server.js';
import type { KeySource } from '../../src/lab/key-pair.js';
import { authoritySchema, certificateSchema } from '../../src/lab/topology-schema.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import type { Endpoint } from '../../src/network/network.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import type { StepTools, Trust } from '../../src/phone/steps.js';
import { Trace } from '../../src/trace/trace.js';
import { SimulatedClock } from '../simulated-clock.js';
import { usedKeys } from '../start-lab.js';

const profiles = loadProfiles();
const serverAddress = '10.0.0.10';

/** A network with one root, one name server and one machine at 10.0.0.10, all on loopback, for tests of the phone's connections. */
export class Loopback {
  readonly trace = new Trace();
  readonly clock = new SimulatedClock(Date.now());
  readonly trust: Trust;
  readonly keySource: KeySource;
  readonly #forward = new Map<string, readonly Endpoint[]>();
  readonly #root: CertificateAuthority;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #closeDns: () => Promise<unknown> = () => Promise.resolve();

  private constructor(root: CertificateAuthority, keySource: KeySource) {
    this.#root = root;
    this.keySource = keySource;
    this.trust = { downloadedRoots: [root.certificate], directoryRoots: [], intermediates: [] };
  }

  /** @param hosts names that DNS gives the machine's address for */
  static async start(hosts: readonly string[]): Promise<Loopback> {
    const keySource = usedKeys();
    const root = (await createAuthorities({ root: authoritySchema.parse({ commonName: 'Lab Root' }) }, Date.now(), keySource)).get('root');
    if (root === undefined) throw new Error('the authority just made is there');
    const loopback = new Loopback(root, keySource);
    const records = hosts.map((name) => ({ type: 'A', name, address: serverAddress }) as const);
    const dns = await startDnsServer({ records: () => records, trace: new Trace(), bindAddress: '127.0.0.1' });
    loopback.#closeDns = () => dns.close();
    loopback.#forward.set('10.0.0.2:53/udp', [{ address: '127.0.0.1', port: dns.port }]);
    return loopback;
  }

  /** A server certificate of the root for exactly these names. */
  async certificate(...names: string[]): Promise<ServerCertificate> {
    const spec = certificateSchema.parse({ commonName: names[0], subjectAlternativeNames: names, issuer: 'root' });
    return this.#root.issueServer(spec, await this.keySource(spec), Date.now());
  }

  /** A TLS server at 10.0.0.10 and that port, as a Lync server of the time is set up. */
  async listenTls(port: number, { certificatePem, privateKeyPem }: ServerCertificate, options: TlsOptions = {}): Promise<Server> {
    return this.#listen(port, createServer({
      cert: certificatePem, key: privateKeyPem, minVersion: 'TLSv1', maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES256-SHA:@SECLEVEL=0', ...options,
    }));
  }

  async listenTcp(port: number, onConnection: (socket: Socket) => void): Promise<Server> {
    return this.#listen(port, createTcpServer(onConnection));
  }

  tools({ build = '4.0.7577.4100', signal = new AbortController().signal }: { build?: string; signal?: AbortSignal } = {}): StepTools {
    return {
      network: new MappedNetwork({ localAddress: '10.0.0.20', nameServers: ['10.0.0.2'], domainName: undefined, forward: this.#forward }),
      trace: this.trace, clock: new PhoneClock(this.clock), profile: profiles.get(build).profile, publicRoots: [], macAddress: '00-04-F2-00-01-76', signal,
    };
  }

  /** Ends every server but the name server, and every connection. */
  async closeServers(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.splice(0).map((server) => new Promise((resolve) => { server.close(resolve); })));
  }

  async close(): Promise<void> {
    await Promise.all([this.closeServers(), this.#closeDns()]);
  }

  async #listen(port: number, server: Server): Promise<Server> {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => { this.#sockets.delete(socket); });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
    this.#forward.set(`${serverAddress}:${port}/tcp`, [{ address: '127.0.0.1', port: (server.address() as AddressInfo).port }]);
    return server;
  }
}
