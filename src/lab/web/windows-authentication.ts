import type { Socket } from 'node:net';
import { Failure } from '../../failure.js';
import { NtlmHttpServer } from '../../protocol/ntlm/http.js';
import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import type { WebCall, WebReply } from './call.js';

type Challenge = ReturnType<NtlmHttpServer['challenge']>;

/** Challenges under way. NTLM belongs to a connection: the third message counts on the one that carried the second. */
const challenges = new WeakMap<Socket, Challenge>();

const signature = Buffer.from('NTLMSSP\0');

/**
 * IIS Windows authentication (MS-NTHT, RFC 4559) as UseWindowsAuth sets it: either the user that the connection's three
 * messages prove, or the 401 that comes next.
 */
export function authenticateWindows({ deployment, fqdn, connection, authorization = '' }: WebCall): { user: LabUser } | { reply: WebReply } {
  const schemes = deployment.policy.UseWindowsAuth === 'NTLM' ? ['NTLM'] : ['Negotiate', 'NTLM'];
  const refused = { reply: { status: 401, headers: { 'WWW-Authenticate': schemes } } };
  const [, scheme, base64 = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(authorization) ?? [];
  const offered = schemes.find((each) => each.toLowerCase() === scheme?.toLowerCase());
  const message = ntlmMessage(base64);
  const pending = challenges.get(connection);
  challenges.delete(connection);
  if (offered === undefined || message === undefined) return refused;

  if (message.type === 1) {
    try {
      const challenge = serverOf(deployment, fqdn).challenge(message.base64);
      challenges.set(connection, challenge);
      return { reply: { status: 401, headers: { 'WWW-Authenticate': `${offered} ${challenge.challenge}` } } };
    } catch (error) {
      if (error instanceof Failure) return refused;
      throw error;
    }
  }
  const verdict = pending?.verify(message.base64);
  if (verdict === undefined || !verdict.ok) {
    deployment.trace.record('web', { layer: 'note', summary: `Windows authentication failed: ${verdict?.reason ?? 'no challenge was sent on this connection'}` });
    return refused;
  }
  const user = deployment.users.byAccount(verdict.domain, verdict.user);
  return user === undefined ? refused : { user };
}

/** The NTLM message in a token and its type; SPNEGO may be wrapped around it (RFC 4178). */
function ntlmMessage(base64: string): { base64: string; type: number } | undefined {
  const token = Buffer.from(base64, 'base64');
  const start = token.indexOf(signature);
  if (start < 0 || token.length < start + 12) return undefined;
  const type = token.readUInt32LE(start + 8);
  return type === 1 || type === 3 ? { base64: token.subarray(start).toString('base64'), type } : undefined;
}

function serverOf({ topology, users, now }: Deployment, fqdn: string): NtlmHttpServer {
  return new NtlmHttpServer({
    netbiosDomain: topology.users[0]?.account.split('\\')[0] ?? 'LAB',
    dnsDomain: fqdn.slice(fqdn.indexOf('.') + 1),
    computer: (fqdn.split('.')[0] ?? fqdn).toUpperCase(),
    passwordOf: (domain, user) => users.byAccount(domain, user)?.password,
    now,
  });
}
