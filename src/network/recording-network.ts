import type { Socket } from 'node:net';
import { Failure } from '../failure.js';
import type { Capture, WireEnd } from '../trace/capture.js';
import type { CallOptions, Endpoint, Lease, Network } from './network.js';

/** A DHCP client's port; other datagrams leave from a port that is made up, since the seam does not tell theirs. */
const [dhcpServer, dhcpClient] = [67, 68];
const [firstPort, ports] = [49_152, 16_384];

/** Another network, with every byte that crosses it kept in a capture, and the secrets of the TLS connections over it. */
export class RecordingNetwork implements Network {
  readonly #network: Network;
  readonly #capture: Capture;
  readonly withLease?: (lease: Lease) => Network;
  readonly inVlan?: (id: number) => Network;
  readonly lldp?: (options: CallOptions) => AsyncIterable<Buffer>;

  constructor(network: Network, capture: Capture) {
    this.#network = network;
    this.#capture = capture;
    const [withLease, inVlan, lldp] = [network.withLease?.bind(network), network.inVlan?.bind(network), network.lldp?.bind(network)];
    if (withLease !== undefined) this.withLease = (lease) => new RecordingNetwork(withLease(lease), capture);
    if (inVlan !== undefined) this.inVlan = (id) => new RecordingNetwork(inVlan(id), capture);
    if (lldp !== undefined) this.lldp = (options) => keptFrames(lldp(options), capture);
  }

  get localAddress(): string {
    return this.#network.localAddress;
  }

  get nameServers(): readonly string[] {
    return this.#network.nameServers;
  }

  get domainName(): string | undefined {
    return this.#network.domainName;
  }

  async *datagrams(to: Endpoint, payload: Buffer, options: CallOptions): AsyncGenerator<Buffer, void, undefined> {
    const phone = this.#phoneEnd(to.port === dhcpServer ? dhcpClient : this.#madeUpPort());
    const add = (direction: 'sent' | 'received', bytes: Buffer, peer: WireEnd) => {
      this.#capture.add({ kind: 'datagram', time: this.#capture.now, phone, peer, direction, bytes: Buffer.from(bytes) });
    };
    // Who answers a broadcast is not told here; a DHCP server writes its address into option 54.
    const answering = to.address === '255.255.255.255' ? { address: '0.0.0.0', port: to.port } : to;
    add('sent', payload, to);
    for await (const answer of this.#network.datagrams(to, payload, options)) {
      add('received', answer, answering);
      yield answer;
    }
  }

  async connect(to: Endpoint, options: CallOptions): Promise<Socket> {
    const connection = this.#capture.nextConnection();
    const connected = (port: number, outcome: 'open' | 'refused' | 'silent') => {
      const phone = this.#phoneEnd(port);
      this.#capture.add({ kind: 'connect', time: this.#capture.now, phone, peer: to, connection, outcome });
      return phone;
    };
    try {
      const socket = await this.#network.connect(to, options);
      this.#record(socket, connection, connected(socket.localPort ?? this.#madeUpPort(), 'open'), to);
      return socket;
    } catch (error) {
      connected(this.#madeUpPort(), error instanceof Failure && error.code === 'network/refused' ? 'refused' : 'silent');
      throw error;
    }
  }

  #madeUpPort(): number {
    return firstPort + this.#capture.nextConnection() % ports;
  }

  #phoneEnd(port: number): WireEnd {
    return { address: this.#network.localAddress, port };
  }

  /**
   * Looks into what the socket is given to send (`write`, `end`) and what it hands on (`push`); it stays the socket it is. The certificate gate
   * passes the key log of the TLS engine on to the raw socket, as an event `keylog`.
   */
  #record(socket: Socket, connection: number, phone: WireEnd, peer: WireEnd): void {
    const capture = this.#capture;
    const segment = (direction: 'sent' | 'received', chunk: unknown, encoding?: unknown) => {
      if (chunk == null || typeof chunk === 'function') return;
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk, typeof encoding === 'string' ? encoding as BufferEncoding : 'utf8') : Buffer.from(chunk as Uint8Array);
      if (bytes.length > 0) capture.add({ kind: 'segment', time: capture.now, phone, peer, connection, direction, bytes });
    };
    const ended = new Set<'sent' | 'received'>();
    const end = (direction: 'sent' | 'received', how: 'fin' | 'reset' = 'fin') => {
      if (!ended.has(direction)) capture.add({ kind: 'end', time: capture.now, phone, peer, connection, direction, how });
      ended.add(direction);
    };
    const own = (name: 'write' | 'end' | 'push') => (Reflect.get(socket, name) as (...parts: unknown[]) => unknown).bind(socket);
    const [write, finish, push] = [own('write'), own('end'), own('push')];
    Object.assign(socket, {
      write: (chunk: unknown, ...rest: unknown[]) => {
        segment('sent', chunk, rest[0]);
        return write(chunk, ...rest);
      },
      end: (chunk?: unknown, ...rest: unknown[]) => {
        segment('sent', chunk, rest[0]);
        return finish(chunk, ...rest);
      },
      push: (chunk: unknown, ...rest: unknown[]) => {
        if (chunk === null) end('received');
        else segment('received', chunk, rest[0]);
        return push(chunk, ...rest);
      },
    });
    socket.once('finish', () => { end('sent'); });
    socket.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'ECONNRESET') end('received', 'reset'); });
    socket.once('close', () => { end('sent'); });
    socket.on('keylog', (line: Buffer) => { capture.tlsSecrets.push(line.toString('latin1').trim()); });
  }
}

async function* keptFrames(frames: AsyncIterable<Buffer>, capture: Capture): AsyncGenerator<Buffer, void, undefined> {
  for await (const frame of frames) {
    capture.add({ kind: 'frame', time: capture.now, bytes: Buffer.from(frame) });
    yield frame;
  }
}
