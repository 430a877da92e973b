import { randomBytes, type X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import { Failure } from '../../failure.js';
import { createDatagramChallenge, verifyDatagramAuthenticate } from '../../protocol/ntlm/datagram.js';
import type { NtlmServerNames } from '../../protocol/ntlm/target-info.js';
import type { MessageSigner } from '../../protocol/sip/security-association.js';
import { TlsDskServer } from '../../protocol/tlsdsk/handshake.js';
import { tlsDskSigner } from '../../protocol/tlsdsk/keys.js';
import type { UserStore } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';

/** Whom a finished handshake has proven, and how to sign messages with them. */
export interface Proven {
  signer: MessageSigner;
  identity: { kind: 'certificate'; certificate: X509Certificate } | { kind: 'account'; user: LabUser };
}

/** The server's side of the tokens that REGISTER requests and their 401 responses carry (`gssapi-data`). */
export interface Handshake {
  readonly scheme: 'TLS-DSK' | 'NTLM';
  /** The handle the client repeats from the second leg on. */
  readonly opaque: string;
  /** Once the client is proven. */
  readonly proven: Proven | undefined;
  /** Takes the client's token and gives the answer, empty when there is none. Rejects with a `Failure` when the handshake fails. */
  step(token: Buffer): Promise<Buffer>;
  close(): void;
}

function newOpaque(): string {
  return randomBytes(4).toString('hex').toUpperCase();
}

/** A TLS handshake in tokens (MS-SIPAE 3.3.5.1). The certificate is judged later, when it is known who signs in with it. */
export class TlsDskAuthentication implements Handshake {
  readonly scheme = 'TLS-DSK';
  readonly opaque = newOpaque();
  readonly #server: TlsDskServer;
  #proven: Proven | undefined;

  constructor(context: SecureContext) {
    this.#server = new TlsDskServer(context);
  }

  get proven(): Proven | undefined {
    return this.#proven;
  }

  async step(token: Buffer): Promise<Buffer> {
    const flight = await this.#server.step(token);
    if (this.#server.done) {
      const certificate = this.#server.peerCertificate();
      if (!certificate) throw new Failure('registrar/no-client-certificate', 'The client showed no certificate in the TLS-DSK handshake.');
      this.#proven = { signer: tlsDskSigner(this.#server.keys(), 'server'), identity: { kind: 'certificate', certificate } };
    }
    return flight;
  }

  close(): void {
    this.#server.close();
  }
}

/** Connectionless NTLM: an empty token, the challenge, and the answer, which comes in a message that is signed already. */
export class NtlmAuthentication implements Handshake {
  readonly scheme = 'NTLM';
  readonly opaque = newOpaque();
  readonly #names: NtlmServerNames;
  readonly #users: UserStore;
  #challenge: Buffer | undefined;
  #proven: Proven | undefined;

  constructor(names: NtlmServerNames, users: UserStore) {
    this.#names = names;
    this.#users = users;
  }

  get proven(): Proven | undefined {
    return this.#proven;
  }

  step(token: Buffer): Promise<Buffer> {
    return new Promise((resolve) => { resolve(this.#take(token)); });
  }

  close(): void {
    // Nothing is held open.
  }

  #take(token: Buffer): Buffer {
    if (!this.#challenge) {
      this.#challenge = createDatagramChallenge(this.#names);
      return this.#challenge;
    }
    const verdict = verifyDatagramAuthenticate({
      challenge: this.#challenge,
      authenticate: token,
      passwordOf: (domain, user) => this.#users.byAccount(domain, user)?.password,
    });
    if (!verdict.ok) throw new Failure('registrar/credentials', verdict.reason);
    const user = this.#users.byAccount(verdict.domain, verdict.user);
    if (!user) throw new Failure('registrar/credentials', `The account ${verdict.domain}\\${verdict.user} is gone.`);
    this.#proven = { signer: verdict.session, identity: { kind: 'account', user } };
    return Buffer.alloc(0);
  }
}
