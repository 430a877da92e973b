import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/** Asks on the terminal for a line. Resolves to an empty string when interrupted. */
export function ask(prompt: string, signal: AbortSignal): Promise<string> {
  return askLine(signal, { output: process.stderr, prompt });
}

/** Asks on the terminal for a secret; what is typed is not shown. Resolves to an empty string when interrupted. */
export async function askSecret(prompt: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(prompt);
  const answer = await askLine(signal, { output: new Writable({ write: (_chunk, _encoding, done) => { done(); } }), prompt: '' });
  process.stderr.write('\n');
  return answer;
}

function askLine(signal: AbortSignal, { output, prompt }: { output: NodeJS.WritableStream; prompt: string }): Promise<string> {
  const lines = createInterface({ input: process.stdin, output, prompt, terminal: true });
  return new Promise((resolve) => {
    const finish = (answer: string) => {
      lines.close();
      resolve(answer);
    };
    lines.once('line', finish);
    // Not process.kill: on Windows that ends the process at once, whoever listens (Node.js, "Signal events").
    lines.once('SIGINT', () => { process.emit('SIGINT'); });
    signal.addEventListener('abort', () => { finish(''); }, { once: true });
    lines.prompt();
  });
}
