import { Duplex } from 'node:stream';

/** What a TLS object takes for its socket: what it writes is the next token to send, what it reads came in one. */
export class TokenWire {
  readonly stream: Duplex;
  #outgoing: Buffer[] = [];

  /** @param written called after each write */
  constructor(written: () => void) {
    this.stream = new Duplex({
      read: () => {}, // bytes are pushed when a token arrives
      write: (chunk: Buffer, _encoding, done) => {
        this.#outgoing.push(chunk);
        done();
        written();
      },
    });
  }

  /** What was written since the last `take`. */
  peek(): Buffer {
    return Buffer.concat(this.#outgoing);
  }

  take(): Buffer {
    const outgoing = this.peek();
    this.#outgoing = [];
    return outgoing;
  }
}
