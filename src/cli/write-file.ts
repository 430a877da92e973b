import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname, basename, join } from 'node:path';
import { Failure } from '../failure.js';

/** Writes a file whole or not at all. Fails with `output/unwritable`. */
export async function writeWholeFile(file: string, text: string, mode = 0o644): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID().slice(0, 8)}`);
  try {
    await writeFile(temporary, text, { mode, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new Failure('output/unwritable', `${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`, { cause: error });
  }
}
