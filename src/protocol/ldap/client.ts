import type { Duplex } from 'node:stream';
import { Failure } from '../../failure.js';
import type { Trace } from '../../trace/trace.js';
import { NtlmHttpClient, type NtlmCredentials } from '../ntlm/http.js';
import { filterText } from './filter.js';
import {
  encodeLdapMessage, LdapFramer, ldapVersion, resultCodes, type LdapEntry, type LdapMessage, type LdapOperation, type LdapResult, type SearchRequest,
} from './message.js';
import { readResponseToken, spnegoMechanism, writeInitToken, writeResponseToken } from './spnego.js';

/** More entries than this end a search with `ldap/too-many-entries`. */
const mostEntries = 1000;

/** One LDAPv3 connection (RFC 4511), one operation at a time, recorded under the actor `phone`. */
export class LdapClient {
  readonly #socket: Duplex;
  readonly #trace: Trace;
  readonly #peer: string;
  readonly #framer = new LdapFramer();
  #lastId = 0;
  #receive: ((message: LdapMessage) => void) | undefined;
  #fail: ((failure: Failure) => void) | undefined;
  #closed: Failure | undefined;

  /** @param peer `dc.contoso.lab:389`, for messages and the trace */
  constructor(options: { socket: Duplex; trace: Trace; peer: string }) {
    this.#socket = options.socket;
    this.#trace = options.trace;
    this.#peer = options.peer;
    this.#socket.on('data', (bytes: Buffer) => { this.#onData(bytes); });
    this.#socket.on('error', (error: Error) => { this.#end(new Failure('ldap/connection', `The LDAP connection to ${this.#peer} failed: ${error.message}.`, { cause: error })); });
    this.#socket.on('close', () => { this.#end(new Failure('ldap/connection', `${this.#peer} closed the LDAP connection before it answered.`)); });
  }

  /**
   * Binds with NTLM inside SPNEGO (RFC 4513 section 5.2, MS-ADTS 5.1.1.1.2), with nothing signed or sealed afterwards; the password is not sent.
   * Rejects with `ldap/result` when it is refused, `ldap/connection` when nothing came back, `ldap/malformed` or `ntlm/malformed` when what came cannot be used.
   */
  async bindWithNtlm(credentials: NtlmCredentials, now: () => number): Promise<void> {
    const ntlm = new NtlmHttpClient(credentials, now);
    const account = `bind ${spnegoMechanism} ${credentials.domain}\\${credentials.user}`;
    const challenge = await this.#bindStep(account, writeInitToken(Buffer.from(ntlm.negotiate(), 'base64')), resultCodes.saslBindInProgress);
    const token = ntlm.authenticate(readResponseToken(challenge).toString('base64'));
    await this.#bindStep(account, writeResponseToken({ token: Buffer.from(token, 'base64') }), resultCodes.success);
  }

  /** One request of a SASL bind; resolves with what the server answers for the next. */
  async #bindStep(summary: string, credentials: Buffer, expected: number): Promise<Buffer> {
    let answer: Buffer = Buffer.alloc(0);
    const authentication = { method: 'sasl', mechanism: spnegoMechanism, credentials } as const;
    await this.#request({ kind: 'bindRequest', version: ldapVersion, name: '', authentication }, summary, (operation, done) => {
      if (operation.kind !== 'bindResponse') return;
      answer = operation.credentials ?? answer;
      done(operation);
    }, expected);
    return answer;
  }

  /** The entries found; references to other servers are not followed. Rejects as a bind does, and with `ldap/too-many-entries`. */
  async search(request: SearchRequest): Promise<LdapEntry[]> {
    const entries: LdapEntry[] = [];
    const summary = `search ${request.scope} '${request.base}' ${filterText(request.filter)} ${request.attributes.join(' ')}`;
    await this.#request({ kind: 'searchRequest', ...request }, summary, (operation, done) => {
      if (operation.kind === 'searchResultDone') done(operation);
      if (operation.kind !== 'searchResultEntry') return;
      if (entries.length === mostEntries) this.#end(new Failure('ldap/too-many-entries', `${this.#peer} sent more than ${mostEntries} entries.`));
      entries.push({ name: operation.name, attributes: operation.attributes });
      this.#record('received', `entry ${operation.name}`);
    });
    return entries;
  }

  /** Says goodbye and closes; whatever is under way rejects with `reason`. */
  close(reason = new Failure('ldap/connection', `The LDAP connection to ${this.#peer} was closed.`)): void {
    if (this.#closed !== undefined) return;
    const goodbye = encodeLdapMessage({ id: ++this.#lastId, operation: { kind: 'unbindRequest' } });
    this.#socket.end(goodbye, () => { this.#socket.destroy(); });
    this.#end(reason);
  }

  /** Sends `operation` and hands every message of the same id to `collect` until that calls `done`. */
  #request(
    operation: LdapOperation, summary: string, collect: (operation: LdapOperation, done: (result: LdapResult) => void) => void, expected: number = resultCodes.success,
  ): Promise<void> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const done = (result: LdapResult) => {
        this.#receive = this.#fail = undefined;
        this.#record('received', `${summary} -> result ${result.resultCode} ${result.diagnosticMessage}`.trimEnd());
        if (result.resultCode === expected) resolve();
        else reject(resultFailure(this.#peer, summary, result));
      };
      this.#fail = reject;
      this.#receive = (message) => { if (message.id === id) collect(message.operation, done); };
      this.#record('sent', summary);
      this.#socket.write(encodeLdapMessage({ id, operation }));
    });
  }

  #onData(bytes: Buffer): void {
    try {
      for (const message of this.#framer.push(bytes)) this.#receive?.(message);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.#end(error);
    }
  }

  #end(failure: Failure): void {
    if (this.#closed !== undefined) return;
    this.#closed = failure;
    if (!this.#socket.writableEnded) this.#socket.destroy();
    this.#fail?.(failure);
    this.#receive = this.#fail = undefined;
  }

  #record(direction: 'sent' | 'received', summary: string): void {
    this.#trace.record('phone', { layer: 'ldap', direction, peer: this.#peer, summary });
  }
}

function resultFailure(peer: string, summary: string, { resultCode, diagnosticMessage }: LdapResult): Failure {
  const detail = diagnosticMessage === '' ? '' : `: ${diagnosticMessage}`;
  return new Failure('ldap/result', `${peer} answered '${summary}' with LDAP result ${resultCode}${detail}.`, { facts: { resultCode } });
}
