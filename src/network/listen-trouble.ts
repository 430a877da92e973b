/** Why a server could not listen, in words. */
export function listenTrouble({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EADDRINUSE': return 'another program uses that port';
    case 'EADDRNOTAVAIL': case 'ENOTFOUND': return 'this computer has no such address';
    case 'EACCES': return 'this port takes more rights';
    default: return message;
  }
}
