import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from './failure.js';

/** Writes a file whole or not at all; `secret` ones are for their owner's eyes only. Fails with `output/unwritable`. */
export function writeWholeFile(file: string, content: string | Buffer, { secret = false } = {}): void {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(unfinished, content, { mode: secret ? 0o600 : 0o644, flag: 'wx' });
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw unwritable(file, fileTrouble(error), error);
  }
}

/** Fails with `output/unwritable` where `writeWholeFile` would, so that long work is not done in vain; leaves everything as it is. */
export function requireWritable(file: string): void {
  // An unset variable of a script; beside it, the trial would succeed.
  if (file === '') throw unwritable('A file without a name', 'give it one');
  const trial = `${file}.${randomBytes(6).toString('hex')}`;
  let present;
  try {
    writeFileSync(trial, '', { flag: 'wx' });
    rmSync(trial);
    present = statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw unwritable(file, fileTrouble(error), error);
  }
  // Renaming would put a file in the place of a device or a pipe.
  if (present?.isFile() === false) throw unwritable(file, present.isDirectory() ? 'it is a folder' : 'it is no ordinary file');
}

/** Fails with `output/same-file` where one file is to be written twice, or over what is `read`; undefined is what was not asked for. */
export function requireDistinct(files: readonly (string | undefined)[], read: readonly (string | undefined)[] = []): void {
  // Windows does not tell PLAN.yaml from plan.yaml; nobody means two files by them elsewhere.
  const place = (file: string) => resolve(file).toLowerCase();
  const taken = new Set(read.flatMap((file) => (file === undefined ? [] : [place(file)])));
  for (const file of files) {
    if (file === undefined) continue;
    if (taken.has(place(file))) throw new Failure('output/same-file', `${file} is named twice, and the one would be written over the other.`);
    taken.add(place(file));
  }
}

/** Makes the folder where it is not there yet. Fails with `output/unwritable` where files cannot be written into it. */
export function requireFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, (error as NodeJS.ErrnoException).code === 'EEXIST' ? 'it is no folder' : fileTrouble(error), error);
  }
  requireWritable(join(folder, 'trial'));
}

function unwritable(file: string, trouble: string, cause?: unknown): Failure {
  return new Failure('output/unwritable', `${file} cannot be written: ${trouble}.`, { cause });
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
    default: return code ?? (error instanceof Error ? error.message : String(error));
  }
}
