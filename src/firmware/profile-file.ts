import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { readDeclaration } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { fileTrouble } from '../whole-file.js';
import type { EvidenceSource } from './evidence.js';
import { profileFileSchema } from './schema.js';

/** A group of a profile, or a sourced value (which has the key `value`). */
export interface ProfileValues { [key: string]: unknown }

/** One file as written, nothing inherited yet. */
export interface ProfileFile {
  file: string;
  build: string;
  kind: 'phone' | 'pc' | 'parent';
  parent: string | undefined;
  values: ProfileValues;
}

/**
 * The profile files of a folder (`*.yaml`, `*.yml`), by build.
 * @throws Failure `profile/unreadable-folder`, `profile/duplicate-build`, `profile/name-mismatch`, and those of `readDeclaration`.
 */
export function readProfileFolder(folder: string): Map<string, ProfileFile> {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name)).sort();
  } catch (error) {
    throw new Failure('profile/unreadable-folder', `The profile folder ${folder} cannot be read: ${fileTrouble(error)}.`, {
      facts: { folder }, cause: error,
    });
  }
  const files = new Map<string, ProfileFile>();
  for (const name of names) {
    const read = readProfileFile(join(folder, name));
    const earlier = files.get(read.build);
    if (earlier !== undefined) {
      throw new Failure('profile/duplicate-build', `The build ${read.build} is declared twice in one folder: in ${earlier.file} and in ${read.file}.`, {
        facts: { build: read.build },
      });
    }
    files.set(read.build, read);
  }
  return files;
}

function readProfileFile(file: string): ProfileFile {
  const { extends: parent, ...values } = readDeclaration(file, profileFileSchema, 'profile', 'profile file');
  const expected = basename(file).replace(/\.ya?ml$/, '');
  if (values.build !== expected) {
    throw new Failure('profile/name-mismatch', `The file ${file} declares the build ${values.build}: expected ${expected}, as the file is named.`, {
      facts: { file },
    });
  }
  const roots = (values as { certificate?: { publicRoots?: { value: string | null } } }).certificate?.publicRoots;
  // Said relative to this file: made absolute before another file, perhaps in another folder, inherits it.
  if (typeof roots?.value === 'string') roots.value = resolve(dirname(file), roots.value);
  return { file, build: values.build, kind: values.kind, parent, values };
}

/** Whole sourced values are replaced, never parts of one; groups are merged. */
export function inherit(base: ProfileValues, own: ProfileValues): ProfileValues {
  const merged: ProfileValues = { ...base };
  for (const [key, value] of Object.entries(own)) {
    const below = merged[key];
    merged[key] = isGroup(value) && isGroup(below) ? inherit(below, value) : value;
  }
  return merged;
}

/** Every evidence id a file cites must be declared. @throws Failure `profile/unknown-evidence` */
export function checkEvidence({ file, values }: ProfileFile, sources: ReadonlyMap<string, EvidenceSource>): void {
  const walk = (group: ProfileValues, path: string): void => {
    for (const [key, value] of Object.entries(group)) {
      const here = path === '' ? key : `${path}.${key}`;
      if (isGroup(value)) walk(value, here);
      else if (isSourced(value)) {
        const unknown = value.evidence.find((id) => !sources.has(id));
        if (unknown === undefined) continue;
        const sentence = `The profile file ${file} is wrong at ${here}.evidence: "${unknown}" is not the id of a source in evidence/sources.yaml.`;
        throw new Failure('profile/unknown-evidence', sentence, { facts: { file, path: here, id: unknown } });
      }
    }
  };
  walk(values, '');
}

function isGroup(value: unknown): value is ProfileValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !('value' in value);
}

function isSourced(value: unknown): value is { evidence: string[] } {
  return typeof value === 'object' && value !== null && 'evidence' in value;
}
