import { createServer, type Socket } from 'node:net';
import { Failure } from '../failure.js';
import type { Trace } from '../trace/trace.js';
import {
  encodeLdapMessage, encodeResult, LdapFramer, resultCodes, type LdapEntry, type LdapMessage, type LdapOperation, type LdapResult,
} from '../protocol/ldap/message.js';
import { filterText } from '../protocol/ldap/filter.js';
import type { UserStore } from './deployment.js';
import { directoryEntries, searchEntries } from './directory-entries.js';
import { listenForConnections, type TcpService } from './tcp-listener.js';

export interface DirectoryServerOptions {
  /** DER of the roots published by `certutil -dspublish -f FILE RootCA`; read at every search. */
  roots: () => readonly Buffer[];
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
 * The part of Active Directory that a tethered phone reads: LDAPv3 (RFC 4511) over TCP with rootDSE, simple bind by an AD account, and
 * the published certification authorities. Rejects with `lab/port-in-use` or `lab/cannot-listen`.
 */
export function startDirectoryServer(options: DirectoryServerOptions): Promise<TcpService> {
  const { bindAddress, port = 0 } = options;
  const server = createServer({ noDelay: true }, (socket) => { serve(socket, options); });
  return listenForConnections(server, { name: 'directory', bindAddress, port });
}

function serve(socket: Socket, { roots, users, trace }: DirectoryServerOptions): void {
  const peer = `${socket.remoteAddress ?? 'gone'}:${socket.remotePort ?? 0}`;
  const framer = new LdapFramer();
  const session = { bound: false };
  const record = (direction: 'sent' | 'received', summary: string) => { trace.record('directory', { layer: 'ldap', direction, peer, summary }); };
  socket.setTimeout(idleMilliseconds, () => { socket.destroy(); });
  socket.on('error', () => { socket.destroy(); });
  socket.on('data', (bytes) => {
    try {
      for (const message of framer.push(bytes)) {
        record('received', summary(message.operation));
        if (message.operation.kind === 'unbindRequest') { socket.end(); return; }
        const answers = answer(message, session, directoryEntries(roots()), users);
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

function answer({ operation }: LdapMessage, session: { bound: boolean }, entries: readonly LdapEntry[], users: UserStore): LdapOperation[] {
  switch (operation.kind) {
    case 'bindRequest': {
      const result = bind(operation, users);
      session.bound = result.resultCode === resultCodes.success && operation.name !== '';
      return [{ kind: 'bindResponse', ...result }];
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

/** An empty name is anonymous; a name with an empty password is refused (RFC 4513 section 5.1.2). */
function bind({ name, password }: Extract<LdapOperation, { kind: 'bindRequest' }>, users: UserStore): LdapResult {
  if (password === undefined) return { resultCode: resultCodes.authMethodNotSupported, diagnosticMessage: 'Only simple bind is served' };
  if (name === '') return { resultCode: resultCodes.success, diagnosticMessage: '' };
  if (password === '') return { resultCode: resultCodes.unwillingToPerform, diagnosticMessage: 'A bind with a name needs a password' };
  const [domain, user] = name.includes('\\') ? splitOnce(name, '\\') : ['', splitOnce(name, '@')[0]];
  return users.byAccount(domain, user)?.password === password
    ? { resultCode: resultCodes.success, diagnosticMessage: '' }
    : { resultCode: resultCodes.invalidCredentials, diagnosticMessage: '' };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** One line for the trace; a password never gets into it. */
function summary(operation: LdapOperation): string {
  switch (operation.kind) {
    case 'bindRequest': return `bind ${operation.name === '' ? 'anonymously' : operation.name}`;
    case 'searchRequest': return `search ${operation.scope} '${operation.base}' ${filterText(operation.filter)}`;
    case 'searchResultEntry': return `entry ${operation.name}`;
    case 'bindResponse':
    case 'searchResultDone': return `result ${operation.resultCode} ${operation.diagnosticMessage}`.trimEnd();
    case 'unbindRequest': return 'unbind';
    case 'other': return `operation ${operation.tag & 0x1f}`;
  }
}
