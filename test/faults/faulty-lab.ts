import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { Lab } from '../../src/lab/lab.js';
import type { ServiceName } from '../../src/lab/lab-service.js';
import { tlsServerOptions } from '../../src/lab/tls-listener.js';
import { createWebRequestListener } from '../../src/lab/web/listener.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import type { Endpoint, Network } from '../../src/network/network.js';
import { UnaddressedNetwork } from '../../src/network/unaddressed-network.js';
import type { Phone } from '../../src/phone/phone.js';
import type { SimulatedClock } from '../simulated-clock.js';
import { faultTopology } from './fault-topology.js';
import { startLab } from '../start-lab.js';

/** Makes of the real answer to a request what arrives instead; undefined: nothing. The answer itself: this one is in order. */
export type DatagramFault = (answer: Buffer, request: Buffer) => Buffer | undefined;

/** Answers a request otherwise; true says that it did. */
export type WebSpoiler = (request: IncomingMessage, response: ServerResponse) => boolean;

export type Site = 'http' | 'https' | 'exchange';
export type DatagramServiceName = 'dhcp' | 'dns' | 'ntp';

/** What the servers do instead of serving. */
export interface Misbehaviour extends Partial<Record<DatagramServiceName, DatagramFault>>, Partial<Record<Site, WebSpoiler>> {
  /** Has a new connection to the registrar, before there is TLS on it. */
  sipConnection?: (socket: Socket) => void;
  /** Has a new connection to the directory. */
  directory?: (socket: Socket) => void;
  /** A SIP message of the phone, inside TLS; false lets it through. */
  sip?: (message: string, socket: Socket) => boolean;
  /** Ports at which nothing listens, as `443/tcp`, or `10.0.0.11:443/tcp` where one server is meant. */
  closed?: ReadonlySet<string>;
}

/**
 * A lab with a stand-in before each of its services: it passes everything on unless the misbehaviour of the moment takes it. Time is a test's own,
 * and moves on to the next timer only when a stand-in stalls.
 */
export class FaultyLab {
  readonly lab: Lab;
  readonly clock: SimulatedClock;
  misbehaviour: Misbehaviour = {};
  /** Whoever is misbehaved to. */
  phone: Phone | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #close: (() => void)[] = [];
  readonly #forward = new Map<string, Endpoint[]>();

  private constructor(lab: Lab, clock: SimulatedClock) {
    this.lab = lab;
    this.clock = clock;
  }

  static async start(clock: SimulatedClock): Promise<FaultyLab> {
    const faulty = new FaultyLab(await startLab(faultTopology(), { now: () => clock.now() }), clock);
    const identity = tlsServerOptions(faulty.lab.deployment.certificate('pool'));
    const serve = (fqdn: string, site: Site) => {
      const real = createWebRequestListener(faulty.lab.deployment, fqdn, site);
      return (request: IncomingMessage, response: ServerResponse) => {
        if (faulty.misbehaviour[site]?.(request, response) !== true) real(request, response);
      };
    };
    await Promise.all([
      faulty.#listen('10.0.0.10:80/tcp', createHttpServer(serve('lync.contoso.lab', 'http'))),
      faulty.#listen('10.0.0.10:443/tcp', createHttpsServer(identity, serve('lync.contoso.lab', 'https'))),
      faulty.#listen('10.0.0.11:443/tcp', createHttpsServer(identity, serve('mail.contoso.lab', 'exchange'))),
      faulty.#listenSip(identity),
      faulty.#listen('10.0.0.2:389/tcp', faulty.#through('directory', 'directory')),
      faulty.#listenDatagrams('255.255.255.255:67/udp', 'dhcp'),
      faulty.#listenDatagrams('10.0.0.2:53/udp', 'dns'),
      faulty.#listenDatagrams('10.0.0.2:123/udp', 'ntp'),
    ]);
    return faulty;
  }

  /** The network of a phone that was just plugged in. */
  network(): Network {
    return new UnaddressedNetwork({ forward: this.#open(), vlans: this.lab.topology.vlans });
  }

  /** The network of a phone that has its address, in the VLAN of phones. */
  leasedNetwork(): Network {
    return new MappedNetwork({ localAddress: '10.0.0.100', nameServers: ['10.0.0.2'], domainName: 'contoso.lab', forward: this.#open() });
  }

  /** What is behind each port at the moment of each call: nothing behind those that are closed. */
  #open(): ReadonlyMap<string, readonly Endpoint[]> {
    return {
      get: (key: string) => ([key, key.slice(key.indexOf(':') + 1)].some((each) => this.misbehaviour.closed?.has(each)) ? undefined : this.#forward.get(key)),
    } as ReadonlyMap<string, readonly Endpoint[]>;
  }

  /**
   * Nothing more will come: the next timer of the phone ends its wait. One that is signed in does several things at a time: there Exchange comes
   * to an end first, and then everything that the phone waits for.
   */
  stall(): void {
    const { phone } = this;
    if (phone?.state !== 'signedIn' || this.misbehaviour.exchange !== undefined) setImmediate(() => { this.clock.fireNext(); });
    else {
      const { connect, request } = phone.profile.timers;
      void phone.until(({ exchange }) => exchange !== undefined).then(() => { this.#endWaits(this.clock.now() + connect.value + request.value); }, () => undefined);
    }
  }

  /** Time goes on, a timer a turn, to the end of every wait for an answer that is under way. */
  #endWaits(end: number): void {
    setImmediate(() => { if (this.clock.fireNext(end)) this.#endWaits(end); });
  }

  /** What listens on that port is gone, and so is every connection to it once the request under way is answered. */
  closePort(port: string): void {
    this.misbehaviour.closed = new Set([...this.misbehaviour.closed ?? [], port]);
  }

  /** Ends every connection, as between two tests. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.disconnect();
    for (const close of this.#close) close();
    await this.lab.close();
  }

  async #listen(at: string, server: Server): Promise<void> {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => { this.#sockets.delete(socket); });
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#close.push(() => { server.close(); });
    this.#forward.set(at, [{ address: '127.0.0.1', port: (server.address() as AddressInfo).port }]);
  }

  /** A stand-in in two halves, so that a connection can be spoilt before there is TLS on it, and a message within. */
  async #listenSip(identity: ReturnType<typeof tlsServerOptions>): Promise<void> {
    const real = this.#portOf('registrar');
    const within = createTlsServer({ ...identity, noDelay: true }, (phone) => {
      const registrar = connectTls({ port: real, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2', ciphers: 'DEFAULT:@SECLEVEL=0', minVersion: 'TLSv1' });
      const end = () => { phone.destroy(); registrar.destroy(); };
      phone.on('error', end).on('close', end).on('data', (data: Buffer) => {
        if (this.misbehaviour.sip?.(data.toString('latin1'), phone) !== true) registrar.write(data);
      });
      registrar.on('error', end).on('close', end).on('data', (data: Buffer) => { phone.write(data); });
    });
    await this.#listen('within', within);
    const [inner] = this.#forward.get('within') ?? [];
    await this.#listen('10.0.0.10:5061/tcp', this.#through('sipConnection', inner?.port ?? 0));
  }

  /** Passes bytes on to a service of the lab, or a port, but for connections that the misbehaviour takes. */
  #through(misbehaviour: 'sipConnection' | 'directory', to: ServiceName | number): Server {
    return createTcpServer({ noDelay: true }, (phone) => {
      const misbehave = this.misbehaviour[misbehaviour];
      if (misbehave !== undefined) {
        misbehave(phone);
        return;
      }
      const end = () => { phone.destroy(); through.destroy(); };
      const through = connectTcp({ port: typeof to === 'number' ? to : this.#portOf(to), host: '127.0.0.1', noDelay: true });
      through.on('error', end).on('close', end);
      phone.on('close', end).pipe(through).pipe(phone);
    });
  }

  #portOf(name: ServiceName): number {
    return this.lab.services.find(({ service }) => service === name)?.port ?? 0;
  }

  async #listenDatagrams(at: string, service: DatagramServiceName): Promise<void> {
    const real = this.#portOf(service);
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    socket.on('message', (message, from) => {
      passOn(message, real, (answer) => {
        const misbehave = this.misbehaviour[service];
        const changed = misbehave === undefined ? answer : misbehave(answer, message);
        // A lost datagram and one that is passed over look the same to who waits; but a broadcast that all have answered ends by itself.
        if (service === 'dhcp' ? changed === undefined : changed !== answer) setImmediate(() => { this.stall(); });
        if (changed !== undefined) socket.send(changed, from.port, from.address);
      });
    });
    this.#close.push(() => { socket.close(); });
    this.#forward.set(at, [{ address: '127.0.0.1', port: socket.address().port }]);
  }
}

/** Asks the real service and gives back its first answer. */
function passOn(message: Buffer, port: number, reply: (answer: Buffer) => void): void {
  const upstream = createSocket('udp4');
  upstream.once('message', (answer: Buffer) => {
    reply(answer);
    upstream.close();
  });
  upstream.send(message, port, '127.0.0.1');
}

/** One such lab for all tests of a `describe` block, in order again after each. */
export function faultyLabOf(clock: SimulatedClock): () => FaultyLab {
  let faulty: FaultyLab | undefined;
  before(async () => { faulty = await FaultyLab.start(clock); });
  afterEach(() => {
    if (faulty === undefined) return;
    faulty.misbehaviour = {};
    faulty.disconnect();
  });
  after(() => faulty?.close());
  return () => {
    if (faulty === undefined) throw new Error('the lab is not running yet');
    return faulty;
  };
}
