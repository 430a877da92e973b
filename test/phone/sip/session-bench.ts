import type { TLSSocket } from 'node:tls';
import type { ServerCertificate } from '../../../src/lab/certificate-authority.js';
import { IssuedClientCertificates } from '../../../src/lab/client-certificates.js';
import type { Deployment } from '../../../src/lab/deployment.js';
import type { KeyPair } from '../../../src/lab/key-pair.js';
import { Registrar, type Home } from '../../../src/lab/registrar/registrar.js';
import { topologySchema } from '../../../src/lab/topology-schema.js';
import { LabUsers } from '../../../src/lab/user-store.js';
import { connectRegistrar } from '../../../src/phone/sip/session.js';
import type { ClientCertificate, SessionEvent, SipSession } from '../../../src/phone/steps.js';
import { userServices } from '../../../src/phone/user-services.js';
import { Trace } from '../../../src/trace/trace.js';
import { Loopback } from '../loopback.js';

const host = 'sip.contoso.lab';
export const never: AbortSignal = new AbortController().signal;

const topology = topologySchema.parse({
  schema: 1, name: 'Contoso Lab', sipDomains: ['contoso.lab'], authorities: {}, certificates: {}, dns: [],
  dhcp: { domainName: 'contoso.lab', option43: null, option120: null },
  servers: [{ fqdn: host, address: '10.0.0.10', registrar: { certificate: 'x' }, web: { certificate: 'x' } }],
  users: [
    { sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', account: 'CONTOSO\\alice', password: 'lab-password' },
    { sipUri: 'sip:bob@contoso.lab', displayName: 'Bob', account: 'CONTOSO\\bob', password: 'other-lab-password' },
  ],
});

/** The lab's registrar, or whatever a test puts in its place, and sessions of a phone with it over TLS on loopback. */
export class SessionBench {
  readonly loopback: Loopback;
  readonly identity: ServerCertificate;
  readonly deployment: Deployment;
  /** What the registrar records. */
  readonly serverTrace = new Trace();
  readonly registrar: Registrar;
  /** Where the users are served. */
  home: Home = 'here';
  readonly #clientKeys: KeyPair;
  readonly #sessions: SipSession[] = [];

  private constructor(loopback: Loopback, identity: ServerCertificate, clientCertificates: IssuedClientCertificates, clientKeys: KeyPair) {
    this.loopback = loopback;
    this.identity = identity;
    this.#clientKeys = clientKeys;
    this.deployment = {
      topology, policy: structuredClone(topology.policy), users: new LabUsers(topology.users), clientCertificates, trace: this.serverTrace,
      now: Date.now, baseUrl: (fqdn, scheme) => `${scheme}://${fqdn}:443`, webIssuerChain: () => [],
      authorityChain: () => undefined, ewsUrl: (name) => `https://${name}:443/EWS/Exchange.asmx`,
    };
    this.registrar = new Registrar({ deployment: this.deployment, fqdn: host, port: 5061, identity: () => identity, homeOf: () => this.home });
  }

  static async start(): Promise<SessionBench> {
    const loopback = await Loopback.start([host]);
    const [identity, certificates, keys] = await Promise.all([
      loopback.certificate(host), IssuedClientCertificates.create(Date.now, undefined, loopback.keySource), loopback.keySource({ keyType: 'rsa', keyBits: 2048 }),
    ]);
    return new SessionBench(loopback, identity, certificates, keys);
  }

  /** A session with the lab's registrar. */
  connect(options: Parameters<Loopback['tools']>[0] = {}): Promise<SipSession> {
    return this.connectTo((socket) => { this.registrar.accept(socket, { address: '127.0.0.1', port: socket.remotePort ?? 0 }); }, options);
  }

  /** A session with a server of the test's own making. */
  async connectTo(onConnection: (socket: TLSSocket) => void, options: Parameters<Loopback['tools']>[0] = {}): Promise<SipSession> {
    const server = await this.loopback.listenTls(5061, this.identity);
    server.on('secureConnection', (socket: TLSSocket) => { socket.on('error', () => undefined); onConnection(socket); });
    const session = await connectRegistrar({
      candidate: { source: 'internal-srv-tls', asked: 'SRV _sipinternaltls._tcp.contoso.lab', host, port: 5061, transport: 'tls' },
      sipUri: 'sip:alice@contoso.lab', method: 'pin', trust: this.loopback.trust,
    }, this.loopback.tools(options));
    this.#sessions.push(session);
    return session;
  }

  /** A client certificate published for a user; every one has the bench's one key. */
  certificateOf(sipUri = 'sip:alice@contoso.lab', hours = 24): ClientCertificate {
    const { certificate } = this.deployment.clientCertificates.issueAndPublish({ publicKey: this.#clientKeys.publicKey, sipUri, deviceId: 'x', hours });
    return {
      sipUri, notAfter: Date.now() + hours * 3_600_000,
      certificatePem: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`,
      privateKeyPem: this.#clientKeys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  }

  /** What the phone recorded of SIP since the trace had that many events: `sent REGISTER sip:contoso.lab`. */
  messages(since: number): string[] {
    return this.loopback.trace.events.slice(since).flatMap((event) => (event.layer === 'sip' ? [`${event.direction} ${event.summary}`] : []));
  }

  /** Resolves when the phone records a message or note that matches. */
  recorded(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      const stop = this.loopback.trace.subscribe((event) => {
        if ((event.layer !== 'sip' && event.layer !== 'note') || event.actor !== 'phone' || !pattern.test(event.summary)) return;
        stop();
        resolve(event.summary);
      });
    });
  }

  async closeSessions(): Promise<void> {
    for (const session of this.#sessions.splice(0)) session.close();
    this.registrar.close();
    await this.loopback.closeServers();
  }

  async close(): Promise<void> {
    await this.closeSessions();
    await this.loopback.close();
  }
}

/** What a maintained session reports, but for what it gets in the background. */
export interface Maintained {
  events: SessionEvent[];
  /** The first event of that type since. */
  first: <Type extends SessionEvent['type']>(type: Type) => Promise<Extract<SessionEvent, { type: Type }>>;
  stop: () => void;
}

/** Maintains a session, and resolves when it has asked for all that it asks for in the background. */
export function maintained(session: SipSession): Promise<Maintained> {
  return new Promise((resolve) => {
    const events: SessionEvent[] = [];
    const waiting = new Set<() => void>();
    let asked = 0;
    const stop = session.maintain((event) => {
      if (event.type === 'userService') {
        if (++asked === userServices.length) resolve({ events, stop, first });
        return;
      }
      events.push(event);
      for (const look of waiting) look();
    });
    const first = <Type extends SessionEvent['type']>(type: Type) => new Promise<Extract<SessionEvent, { type: Type }>>((found) => {
      const look = () => {
        const event = events.find((each): each is Extract<SessionEvent, { type: Type }> => each.type === type);
        if (event !== undefined) found(event);
      };
      waiting.add(look);
      look();
    });
  });
}
