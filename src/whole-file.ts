import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.js';

/** Writes a file whole or not at all; `secret` ones are for their owner's eyes only. Fails with `output/unwritable`. */
export function writeWholeFile(file: string, text: string, { secret = false } = {}): void {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(unfinished, text, { mode: secret ? 0o600 : 0o644, flag: 'wx' });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new Failure('output/unwritable', `${file} cannot be written: ${fileTrouble(error)}.`, { cause: error });
  }
}

/** Why a file could not be read or written, in words. */
export function fileTrouble(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT': return 'there is no such file or folder';
    case 'EISDIR': return 'it is a folder';
    case 'ENOTDIR': return 'a part of its path is no folder';
    case 'EACCES': case 'EPERM': return 'permission denied';
    case 'ENOSPC': return 'the disk is full';
    default: return code ?? String(error);
  }
}
