/** An address and a port at either end of what is captured. */
export interface WireEnd {
  address: string;
  port: number;
}

interface BetweenEnds {
  /** Milliseconds since 1970. */
  time: number;
  phone: WireEnd;
  peer: WireEnd;
}

/** Something that crossed between the phone and a peer. `sent` is from the phone. */
export type PeerEvent = BetweenEnds & (
  | { kind: 'datagram'; direction: 'sent' | 'received'; bytes: Buffer }
  /** A TCP connection attempt and what came of it; `connection` tells it from every other. */
  | { kind: 'connect'; connection: number; outcome: 'open' | 'refused' | 'silent' }
  | { kind: 'segment'; connection: number; direction: 'sent' | 'received'; bytes: Buffer }
  | { kind: 'end'; connection: number; direction: 'sent' | 'received'; how: 'fin' | 'reset' }
);

/** An Ethernet frame that the phone received, without its checksum. */
interface FrameEvent {
  kind: 'frame';
  time: number;
  bytes: Buffer;
}

export type WireEvent = PeerEvent | FrameEvent;

/** What a phone sent and received, byte for byte, with the secrets of its TLS connections. Unlike a trace it is not redacted. */
export class Capture {
  readonly events: WireEvent[] = [];
  /** Lines of a TLS key log, as NSS defined it (`SSLKEYLOGFILE`): whoever has them can decrypt the connections. */
  readonly tlsSecrets: string[] = [];
  readonly #now: () => number;
  readonly #limit: number;
  #bytes = 0;
  #full = false;
  #connections = 0;

  /** @param options limit: bytes of payload to keep, default 32 MiB; `now`: milliseconds since 1970 */
  constructor({ now = Date.now, limit = 32 * 1024 * 1024 }: { now?: () => number; limit?: number } = {}) {
    this.#now = now;
    this.#limit = limit;
  }

  /** Whether the limit was reached: nothing after that moment is kept. */
  get full(): boolean {
    return this.#full;
  }

  get now(): number {
    return this.#now();
  }

  /** Tells connections apart, and the ports that are made up. */
  nextConnection(): number {
    return ++this.#connections;
  }

  add(event: WireEvent): void {
    this.#bytes += 'bytes' in event ? event.bytes.length : 0;
    if (this.#bytes > this.#limit) this.#full = true;
    if (!this.#full) this.events.push(event);
  }
}
