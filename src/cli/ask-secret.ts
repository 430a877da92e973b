import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on the terminal for a secret; what is typed is not shown. Resolves to an empty string when interrupted. */
export function askSecret(prompt: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => { done(); } });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve) => {
    const finish = (answer: string) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    };
    lines.once('line', finish);
    lines.once('SIGINT', () => { process.kill(process.pid, 'SIGINT'); });
    signal.addEventListener('abort', () => { finish(''); }, { once: true });
  });
}
