import { createServer, type Socket } from 'node:net';
import { Failure } from '../failure.js';
import type { Trace } from '../trace/trace.js';
import {
  encodeLdapMessage, encodeResult, LdapFramer, resultCodes, type LdapEntry, type LdapMessage, type LdapOperation, type LdapResult,
} from '../protocol/ldap/message.js';
import { filterText } from '../protocol/ldap/filter.js';
import { acceptIncomplete, readClientToken, spnegoMechanism, writeResponseToken } from '../protocol/ldap/spnego.js';
import { NtlmHttpServer } from '../protocol/ntlm/http.js';
import type { UserStore } from './deployment.js';
import { directoryEntries, searchEntries } from './directory-entries.js';
import { listenForConnections, type TcpService } from './tcp-listener.js';

export interface DirectoryServerOptions {
  /** DER of the roots published by `certutil -dspublish -f FILE RootCA`; read at every search. */
  roots: () => readonly Buffer[];
  /** `dc.contoso.lab`. */
  fqdn: string;
  /** Milliseconds since 1970. */
  now: () => number;
  users: UserStore;
  trace: Trace;
  bindAddress: string;
  /** 0, the default, takes a free one. */
  port?: number;
}

/** A connection that says nothing for so long is closed. */
const idleMilliseconds = 60_000;
/** A client that asks on without reading is cut off at so much unread. */
const mostUnread = 4 << 20;
const abandonRequest = 0x50;

/**
 * The part of Active Directory that a tethered phone reads: LDAPv3 (RFC 4511) over TCP with rootDSE, bind by an AD account, simple or with NTLM in
 * SPNEGO, and the published certification authorities. Rejects with `lab/port-in-use` or `lab/cannot-listen`.
 */
export function startDirectoryServer(options: DirectoryServerOptions): Promise<TcpService> {
  const { bindAddress, port = 0 } = options;
  const server = createServer({ noDelay: true }, (socket) => { serve(socket, options); });
  return listenForConnections(server, { name: 'directory', bindAddress, port });
}

/** What one connection has come to. */
interface Session {
  bound: boolean;
  /** A bind with NTLM is under way. */
  challenge: ReturnType<NtlmHttpServer['challenge']> | undefined;
}

function serve(socket: Socket, options: DirectoryServerOptions): void {
  const { roots, trace } = options;
  const peer = `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`;
  const framer = new LdapFramer();
  const session: Session = { bound: false, challenge: undefined };
  const record = (direction: 'sent' | 'received', summary: string) => { trace.record('directory', { layer: 'ldap', direction, peer, summary }); };
  socket.setTimeout(idleMilliseconds, () => { socket.destroy(); });
  socket.on('error', () => { socket.destroy(); });
  socket.on('data', (bytes) => {
    try {
      for (const message of framer.push(bytes)) {
        record('received', summary(message.operation));
        if (message.operation.kind === 'unbindRequest') { socket.end(); return; }
        const answers = answer(message, session, directoryEntries(roots()), options);
        for (const operation of answers) record('sent', summary(operation));
        socket.write(Buffer.concat(answers.map((operation) => encodeLdapMessage({ id: message.id, operation }))));
        if (socket.writableLength > mostUnread) { socket.destroy(); return; }
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      trace.record('directory', { layer: 'note', summary: `${peer}: ${error.message} The connection was closed.` });
      socket.destroy();
    }
  });
}

function answer({ operation }: LdapMessage, session: Session, entries: readonly LdapEntry[], options: DirectoryServerOptions): LdapOperation[] {
  switch (operation.kind) {
    case 'bindRequest': {
      const { result, account, credentials } = bind(operation, session, options);
      session.bound = account !== undefined;
      return [{ kind: 'bindResponse', ...result, credentials }];
    }
    case 'searchRequest': {
      // Active Directory shows rootDSE to anyone and the rest to users.
      if (!session.bound && !(operation.base === '' && operation.scope === 'base')) {
        return [{ kind: 'searchResultDone', resultCode: resultCodes.operationsError, diagnosticMessage: 'A successful bind must come first' }];
      }
      const found = searchEntries(entries, operation);
      const resultCode = found === undefined ? resultCodes.noSuchObject : resultCodes.success;
      const results = (found ?? []).map((entry): LdapOperation => ({ kind: 'searchResultEntry', ...entry }));
      return [...results, { kind: 'searchResultDone', resultCode, diagnosticMessage: '' }];
    }
    case 'other': {
      if (operation.tag === abandonRequest) return [];
      const content = encodeResult({ resultCode: resultCodes.unwillingToPerform, diagnosticMessage: 'This directory is only read' });
      // A response's tag follows its request's (RFC 4511 section 4.2 and on); DelRequest is the one that is primitive.
      return [{ kind: 'other', tag: (operation.tag | 0x20) + 1, content }];
    }
    default: throw new Failure('ldap/malformed', `A client sent ${operation.kind}, which only servers send.`);
  }
}

interface BindOutcome {
  result: LdapResult;
  /** Who it is, when that is proven. */
  account?: string;
  /** What a SASL bind goes on with. */
  credentials?: Buffer | undefined;
}

const outcome = (resultCode: number, diagnosticMessage = ''): BindOutcome => ({ result: { resultCode, diagnosticMessage } });

function bind({ name, authentication }: Extract<LdapOperation, { kind: 'bindRequest' }>, session: Session, options: DirectoryServerOptions): BindOutcome {
  const pending = session.challenge;
  session.challenge = undefined;
  switch (authentication.method) {
    case 'simple': return simpleBind(name, authentication.password, options.users);
    case 'sasl': return authentication.mechanism === spnegoMechanism
      ? ntlmBind(authentication.credentials, pending, session, options) : outcome(resultCodes.authMethodNotSupported, `Only ${spnegoMechanism} is served`);
    case 'other': return outcome(resultCodes.authMethodNotSupported, 'Only simple and SASL binds are served');
  }
}

/** An empty name is anonymous; a name with an empty password is refused (RFC 4513 section 5.1.2). */
function simpleBind(name: string, password: string, users: UserStore): BindOutcome {
  if (name === '') return outcome(resultCodes.success);
  if (password === '') return outcome(resultCodes.unwillingToPerform, 'A bind with a name needs a password');
  const [domain, user] = name.includes('\\') ? splitOnce(name, '\\') : ['', splitOnce(name, '@')[0]];
  return users.byAccount(domain, user)?.password === password ? { ...outcome(resultCodes.success), account: name } : outcome(resultCodes.invalidCredentials);
}

/** NTLM in SPNEGO (MS-ADTS 5.1.1.1.2): a challenge to the first message, and a verdict on the second. */
function ntlmBind(
  credentials: Buffer, pending: Session['challenge'], session: Session, { fqdn, users, now }: DirectoryServerOptions,
): BindOutcome {
  try {
    const token = readClientToken(credentials).toString('base64');
    if (pending === undefined) {
      const domain = fqdn.slice(fqdn.indexOf('.') + 1);
      session.challenge = new NtlmHttpServer({
        netbiosDomain: (domain.split('.')[0] ?? domain).toUpperCase(), dnsDomain: domain, computer: (fqdn.split('.')[0] ?? fqdn).toUpperCase(), now,
        passwordOf: (ofDomain, user) => users.byAccount(ofDomain, user)?.password,
      }).challenge(token);
      const challenge = Buffer.from(session.challenge.challenge, 'base64');
      return { ...outcome(resultCodes.saslBindInProgress), credentials: writeResponseToken({ token: challenge, state: acceptIncomplete }) };
    }
    const verdict = pending.verify(token);
    return verdict.ok ? { ...outcome(resultCodes.success), account: `${verdict.domain}\\${verdict.user}` } : outcome(resultCodes.invalidCredentials, verdict.reason);
  } catch (error) {
    if (error instanceof Failure) return outcome(resultCodes.invalidCredentials, error.message);
    throw error;
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** One line for the trace; a password never gets into it. */
function summary(operation: LdapOperation): string {
  switch (operation.kind) {
    case 'bindRequest': return `bind ${operation.authentication.method === 'sasl' ? operation.authentication.mechanism : operation.name === '' ? 'anonymously' : operation.name}`;
    case 'searchRequest': return `search ${operation.scope} '${operation.base}' ${filterText(operation.filter)}`;
    case 'searchResultEntry': return `entry ${operation.name}`;
    case 'bindResponse':
    case 'searchResultDone': return `result ${operation.resultCode} ${operation.diagnosticMessage}`.trimEnd();
    case 'unbindRequest': return 'unbind';
    case 'other': return `operation ${operation.tag & 0x1f}`;
  }
}
