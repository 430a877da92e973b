import { readFileSync, statSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { Failure } from '../failure.js';
import { fileTrouble } from '../whole-file.js';

const longestFile = 1_000_000;

/** The text of a file of at most 1 MB. @throws Failure `profile/unreadable` */
export function readText(file: string): string {
  try {
    if (statSync(file).size > longestFile) throw new Error('it is longer than 1 MB');
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('profile/unreadable', `The file ${file} cannot be read: ${fileTrouble(error)}.`, { facts: { file }, cause: error });
  }
}

/**
 * Reads a YAML 1.2 file and checks it.
 * @throws Failure `profile/unreadable`, `profile/not-yaml` (with line and column), or `profile/invalid` naming the path inside the file
 * and what was expected there.
 */
export function readYaml<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  const text = readText(file);
  let value: unknown;
  try {
    value = parse(text, { prettyErrors: true });
  } catch (error) {
    const first = (error as Error).message.split('\n', 1)[0]?.replace(/:$/, '') ?? '';
    throw new Failure('profile/not-yaml', `The file ${file} is not YAML: ${first}.`, { facts: { file }, cause: error });
  }
  const checked = schema.safeParse(value);
  if (!checked.success) {
    const issues = checked.error.issues.map(explain);
    const more = issues.length > 3 ? `, and ${issues.length - 3} more` : '';
    throw new Failure('profile/invalid', `The file ${file} is not valid: ${issues.slice(0, 3).join('; ')}${more}.`, { facts: { file, issues } });
  }
  return checked.data;
}

/** `certificate.wildcardSan.web.value: expected one of "none"|"leftmost-label"`. */
function explain(issue: z.core.$ZodIssue): string {
  const path = issue.path.length === 0 ? 'the top level' : issue.path.join('.');
  const message = issue.message.replace(/^Invalid (?:input|option): /, '').replace(/^Unrecognized/, 'unrecognized');
  return `${path}: ${message}`;
}
