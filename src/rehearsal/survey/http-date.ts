import type { Duplex } from 'node:stream';

/** Nobody's header is longer. */
const longestHeader = 16 * 1024;

/**
 * Asks a web server for nothing but its header (HEAD, RFC 9110 section 9.3.2) and resolves to the moment it names in `Date`, in milliseconds since
 * 1970; undefined where there is none to be read. The connection is of no use afterwards.
 */
export function httpDate(connection: Duplex, host: string, signal: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const finish = () => {
      const date = /^date:[ \t]*(.*?)[ \t]*\r?$/im.exec(text.split(/\r?\n\r?\n/)[0] ?? '')?.[1];
      const moment = date === undefined ? Number.NaN : Date.parse(date);
      resolve(/^HTTP\/1\.[01] /.test(text) && !Number.isNaN(moment) ? moment : undefined);
    };
    connection.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (/\r?\n\r?\n/.test(text) || text.length > longestHeader) finish();
    });
    for (const end of ['end', 'close', 'error']) connection.once(end, finish);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
    connection.write(`HEAD / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  });
}
