import { Failure } from '../failure.js';
import { readSecretFile, type SecretSources } from '../rehearsal/secret-reference.js';
import type { Io } from './io.js';

/** Where the secrets of a plan are looked for. */
export function secretSources({ env, askSecret, signal }: Io): SecretSources {
  return { env, ask: askSecret && ((what) => askSecret(`${what}: `, signal)) };
}

export interface SecretSource {
  /** For the prompt and the sentences: `PIN`, `password`. */
  name: string;
  variable: string;
  file: string | undefined;
  /** The lab user's own, taken when nobody gives another. */
  own: string | undefined;
  /** What is said where there is none; default: that the topology has no such user. */
  missing?: string;
}

/** Finds a secret: file, environment variable, prompt, or the lab user's own. Fails with `usage/no-secret` or `usage/secret-file`. */
export async function readSecret(source: SecretSource, io: Io): Promise<string> {
  if (source.file !== undefined) return readSecretFile(source.file, source.name, 'usage');
  const fromEnvironment = io.env[source.variable];
  if (fromEnvironment !== undefined && fromEnvironment !== '') return fromEnvironment;
  if (io.askSecret !== undefined) {
    const typed = await io.askSecret(`${source.name}${source.own === undefined ? '' : " (Enter for the lab user's own)"}: `, io.signal);
    io.signal.throwIfAborted();
    if (typed !== '') return typed;
  }
  if (source.own !== undefined) return source.own;
  throw new Failure('usage/no-secret', source.missing ?? `No ${source.name} was given, and the topology has no such user.`, {
    hint: `Give it with --secret-file FILE, in the environment variable ${source.variable}, or at the prompt.`,
  });
}
