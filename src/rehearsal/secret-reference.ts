import { statSync } from 'node:fs';
import { z } from 'zod';
import { readText } from '../declaration-file.js';
import { Failure } from '../failure.js';

/** Where a secret is; a plan never holds the secret itself. */
export const secretReferenceSchema = z.union([
  z.strictObject({ env: z.string().min(1).describe('environment variable') }),
  z.strictObject({ file: z.string().min(1).describe('file that only its owner may read, relative to the plan') }),
  z.strictObject({ prompt: z.literal(true).describe('ask at the terminal') }),
], 'expected where the secret is, never the secret itself: { env: NAME }, { file: NAME } or { prompt: true }');
/** Where a secret is, since a plan holds none. */
export type SecretReference = z.output<typeof secretReferenceSchema>;

/** Where secrets are looked for. */
export interface SecretSources {
  env: Readonly<Record<string, string | undefined>>;
  /** Asks at the terminal; undefined where there is none. */
  ask: ((what: string) => Promise<string>) | undefined;
}

/**
 * The secret behind a reference. `what` is for the prompt and the errors: `PIN of sip:alice@contoso.com`. Rejects with a Failure
 * `plan/no-secret` or `plan/secret-file`.
 */
export async function readSecretReference(reference: SecretReference, what: string, { env, ask }: SecretSources): Promise<string> {
  if ('env' in reference) {
    const value = env[reference.env];
    if (value === undefined || value === '') throw new Failure('plan/no-secret', `The ${what} should be in the environment variable ${reference.env}, which is not set.`);
    return value;
  }
  if ('file' in reference) {
    return readSecretFile(reference.file, what, 'plan');
  }
  const typed = await ask?.(what);
  if (typed === undefined || typed === '') {
    throw new Failure('plan/no-secret', `The ${what} was to be asked for, but ${ask === undefined ? 'there is no terminal to ask at' : 'nothing was typed'}.`, {
      hint: 'Name an environment variable or a file in the plan instead.',
    });
  }
  return typed;
}

/** The secret in a file, without the end of its line. Fails with `<area>/secret-file` where others may read it, with `<area>/no-secret` or `<area>/unreadable`. */
export function readSecretFile(file: string, what: string, area: 'plan' | 'usage'): string {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  // Windows keeps permissions elsewhere; there the file is the user's own business.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Failure(`${area}/secret-file`, `The file ${file} with the ${what} can be read by others (mode ${(mode & 0o777).toString(8)}).`, { hint: `chmod 600 ${file}` });
  }
  const text = readText(file, area, `file with the ${what}`).replace(/\r?\n$/, '');
  if (text === '') throw new Failure(`${area}/no-secret`, `The file ${file} should hold the ${what}, but it is empty.`);
  return text;
}
