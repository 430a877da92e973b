import { Failure } from '../failure.js';

/**
 * The failure of a server to listen: `<area>/port-in-use`, else `<area>/cannot-listen`.
 * @param attempt what was tried, as the beginning of a sentence: `The demo cannot listen on 127.0.0.1:80`
 */
export function listenFailure(area: 'lab' | 'demo', attempt: string, error: NodeJS.ErrnoException, facts: Readonly<Record<string, unknown>> = {}): Failure {
  return new Failure(`${area}/${error.code === 'EADDRINUSE' ? 'port-in-use' : 'cannot-listen'}`, `${attempt}: ${trouble(error)}.`, { facts, cause: error });
}

function trouble({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE': return 'another program uses that port';
    case 'EADDRNOTAVAIL': case 'ENOTFOUND': return 'this computer has no such address';
    case 'EACCES': return 'this port takes more rights';
    default: return message;
  }
}
