import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { Registrar, type Home, type RegistrarOptions } from '../../../src/lab/registrar/registrar.js';
import type { RemoteAccess } from '../../../src/lab/registrar/connection.js';
import { IssuedClientCertificates } from '../../../src/lab/client-certificates.js';
import type { Deployment } from '../../../src/lab/deployment.js';
import { topologySchema } from '../../../src/lab/topology-schema.js';
import { LabUsers } from '../../../src/lab/user-store.js';
import { authenticationHeaders } from '../../../src/protocol/sip/authentication-header.js';
import { endpointUuid } from '../../../src/protocol/sip/endpoint-identity.js';
import { SipFramer } from '../../../src/protocol/sip/framing.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { SecurityAssociation } from '../../../src/protocol/sip/security-association.js';
import { TlsDskClient } from '../../../src/protocol/tlsdsk/handshake.js';
import { tlsDskSigner } from '../../../src/protocol/tlsdsk/keys.js';
import { Trace } from '../../../src/trace/trace.js';
import { testIdentity } from '../../test-identity.js';

export const fqdn = 'se01.contoso.lab';

const topology = topologySchema.parse({
  schema: 1, name: 'Contoso Lab', sipDomains: ['contoso.lab'], authorities: {}, certificates: {}, dns: [], dhcp: { domainName: 'contoso.lab', option43: null, option120: null },
  servers: [{ fqdn, address: '10.0.0.10', registrar: { certificate: 'x' }, web: { certificate: 'x' } }],
  users: [
    { sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '48213', account: 'CONTOSO\\alice', password: 'lab-password' },
    { sipUri: 'sip:bob@contoso.lab', displayName: 'Bob', lineUri: 'tel:+15550101;ext=101', account: 'CONTOSO\\bob', password: 'other-lab-password' },
  ],
});

/** Keys for every bench: making them takes longer than most tests. */
let keys: { server: ReturnType<typeof testIdentity>; client: ReturnType<typeof testIdentity>; authority: IssuedClientCertificates } | undefined;

/** A registrar behind a real TLS listener on loopback, for two users, alice and bob. */
export class RegistrarBench {
  readonly trace = new Trace();
  readonly clientKeys: ReturnType<typeof testIdentity>;
  readonly clientCertificates: IssuedClientCertificates;
  readonly deployment: Deployment;
  readonly registrar: Registrar;
  /** Where the users are served. */
  home: Home = 'here';
  /** How the next clients come in. */
  remote: RemoteAccess | undefined;
  now: () => number = Date.now;
  readonly #server: Server;
  readonly #clients: RawClient[] = [];

  private constructor({ server: identity, client, authority: clientCertificates }: NonNullable<typeof keys>, clock?: RegistrarOptions['clock']) {
    this.clientKeys = client;
    this.clientCertificates = clientCertificates;
    this.#server = createServer({ cert: identity.certificatePem, key: identity.privateKeyPem, ciphers: 'DEFAULT:@SECLEVEL=0' });
    this.deployment = {
      topology, policy: structuredClone(topology.policy), users: new LabUsers(topology.users), clientCertificates, trace: this.trace,
      now: () => this.now(), baseUrl: (host, scheme) => `${scheme}://${host}:443`, webIssuerChain: () => [],
      authorityChain: () => undefined, ewsUrl: (name) => `https://${name}:443/EWS/Exchange.asmx`,
    };
    this.registrar = new Registrar({ deployment: this.deployment, fqdn, port: 5061, identity: () => identity, homeOf: () => this.home, ...(clock && { clock }) });
    this.#server.on('secureConnection', (socket) => { this.registrar.accept(socket, { address: '127.0.0.1', port: socket.remotePort ?? 0 }, this.remote); });
  }

  static async start(clock?: RegistrarOptions['clock']): Promise<RegistrarBench> {
    keys ??= { server: testIdentity(fqdn), client: testIdentity('client'), authority: await IssuedClientCertificates.create(Date.now) };
    const bench = new RegistrarBench(keys, clock);
    bench.#server.listen(0, '127.0.0.1');
    await once(bench.#server, 'listening');
    return bench;
  }

  async connect(): Promise<RawClient> {
    const socket = connect({ port: (this.#server.address() as AddressInfo).port, host: '127.0.0.1', rejectUnauthorized: false, ciphers: 'DEFAULT:@SECLEVEL=0' });
    await once(socket, 'secureConnect');
    const client = new RawClient(socket);
    this.#clients.push(client);
    return client;
  }

  async close(): Promise<void> {
    this.registrar.close();
    for (const client of this.#clients) client.socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** A certificate published for a user, with the bench's one client key. */
  certificateOf(sipUri: string, hours = 24): { certificatePem: string; privateKeyPem: string } {
    const { certificate } = this.clientCertificates.issueAndPublish({ publicKey: this.clientKeys.publicKey, sipUri, deviceId: sipUri, hours });
    return { certificatePem: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`, privateKeyPem: this.clientKeys.privateKeyPem };
  }

  /** Summaries of the notes in the trace. */
  notes(): string[] {
    return this.trace.events.flatMap((event) => (event.layer === 'note' ? [event.summary] : []));
  }
}

/** A client that sends what the test says and waits for what comes; it knows no transactions. */
export class RawClient {
  readonly socket: TLSSocket;
  /** All that came and nobody has asked for yet. */
  readonly received: SipMessage[] = [];
  security: SecurityAssociation | undefined;
  aor = 'sip:alice@contoso.lab';
  epid = '492a7ce35f';
  #cseq = 0;
  readonly #framer = new SipFramer();
  #wake: () => void = () => {};

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#framer.push(chunk)) if (frame.kind === 'message') this.received.push(SipMessage.parse(frame.bytes));
      this.#wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => { this.#wake(); });
  }

  /** The next message; rejects when the connection is closed instead. */
  async next(): Promise<SipMessage> {
    while (this.received.length === 0) {
      if (this.socket.closed) throw new Error('The registrar closed the connection.');
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
    return this.received.shift() as SipMessage;
  }

  /** A request of this user's endpoint, unsigned. Pairs add headers, and replace those of the same name. */
  request(method: string, headers: readonly (readonly [string, string])[] = [], body = ''): SipMessage {
    const request = new SipMessage({ kind: 'request', method, uri: method === 'REGISTER' ? 'sip:contoso.lab' : this.aor }, [], body);
    request.add('Via', 'SIP/2.0/TLS 10.0.0.20:49152').add('Max-Forwards', '70').add('From', `<${this.aor}>;tag=2d0be03279;epid=${this.epid}`)
      .add('To', `<${this.aor}>`).add('Call-ID', '74c55d45a6ee404680aa55c8fe126f11').add('CSeq', `${++this.#cseq} ${method}`);
    if (method === 'REGISTER') {
      request.add('Contact', `<sip:10.0.0.20:49152;transport=tls;ms-opaque=6fb3a8330a>;proxy=replace;+sip.instance="<urn:uuid:${endpointUuid(this.epid).toUpperCase()}>"`)
        .add('Supported', 'gruu-10, msrtc-event-categories').add('Event', 'registration');
    }
    for (const [name, value] of headers) request.remove(name).add(name, value);
    return request;
  }

  send(message: SipMessage): void {
    this.socket.write(message.toBuffer());
  }

  async ask(message: SipMessage): Promise<SipMessage> {
    this.send(message);
    return this.next();
  }

  /** Signs, sends, and gives the answer. */
  async askSigned(message: SipMessage): Promise<SipMessage> {
    this.security?.sign(message);
    return this.ask(message);
  }

  /** REGISTER with a TLS-DSK or NTLM token. */
  withToken(scheme: string, token: string, opaque?: string): SipMessage {
    return this.request('REGISTER', [['Authorization',
      `${scheme} qop="auth", ${opaque === undefined ? '' : `opaque="${opaque}", `}realm="SIP Communications Service", targetname="${fqdn}", gssapi-data="${token}", version=4`]]);
  }

  /** Legs 2 and 3 of TLS-DSK; the association is in place then. Gives the two 401s. */
  async handshake(identity: { certificatePem: string; privateKeyPem: string }): Promise<SipMessage[]> {
    const tls = new TlsDskClient(identity);
    const second = await this.ask(this.withToken('TLS-DSK', (await tls.step()).toString('base64')));
    const { opaque, token } = challengeOf(second);
    const third = await this.ask(this.withToken('TLS-DSK', (await tls.step(token)).toString('base64'), opaque));
    await tls.step(challengeOf(third).token);
    this.security = new SecurityAssociation({
      end: 'client', scheme: 'TLS-DSK', opaque, realm: 'SIP Communications Service', targetName: fqdn, version: 4, signer: tlsDskSigner(tls.keys(), 'client'),
    });
    return [second, third];
  }

  /** The signed REGISTER that completes a handshake. */
  completing(headers: readonly (readonly [string, string])[] = []): SipMessage {
    const request = this.request('REGISTER', headers);
    this.security?.sign(request, {});
    return request;
  }

  /** All the way to the 200, which is returned. */
  async signIn(identity: { certificatePem: string; privateKeyPem: string }): Promise<SipMessage> {
    await this.handshake(identity);
    return this.ask(this.completing());
  }
}

/** Handle and token of a 401 in the middle of a handshake. */
export function challengeOf(response: SipMessage): { opaque: string; token: Buffer } {
  const [header] = authenticationHeaders(response, 'challenge');
  return { opaque: header?.parameters.get('opaque') ?? '', token: Buffer.from(header?.parameters.get('gssapi-data') ?? '', 'base64') };
}
