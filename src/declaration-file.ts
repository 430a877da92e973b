import { readFileSync, statSync } from 'node:fs';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { Failure } from './failure.js';
import { fileTrouble } from './whole-file.js';

/**
 * Reads a YAML file that a person wrote and holds it to a schema. Fails with `<area>/unreadable`, `<area>/not-yaml` or
 * `<area>/invalid`, naming the file, the path inside it and what was expected there.
 *
 * @param area first half of the failure codes: `plan`, `topology`, `profile`
 * @param noun what the file should be, for the sentence: `rehearsal plan`
 */
export function readDeclaration<T extends z.ZodType>(file: string, schema: T, area: string, noun: string): z.output<T> {
  return checkDeclaration(parseYaml(readText(file, area, noun), file, area, noun), file, schema, area, noun);
}

/** Nothing that a person writes by hand comes near. */
const longestFile = 1_000_000;

/** Text as UTF-8, or as Windows PowerShell 5.1 redirects it, UTF-16 (Microsoft, "about_Character_Encoding"); a byte order mark is no part of it. */
export function textOf(bytes: Buffer): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
}

/** The text of a file of at most `longest` bytes (1 MB), or `<area>/unreadable`. */
export function readText(file: string, area: string, noun: string, longest = longestFile): string {
  try {
    if (statSync(file).size > longest) throw new Error(`it is longer than ${longest / 1_000_000} MB`);
    return textOf(readFileSync(file));
  } catch (error) {
    throw new Failure(`${area}/unreadable`, `The ${noun} ${file} cannot be read: ${fileTrouble(error)}.`, { cause: error });
  }
}

/** Nobody nests so deep. The parser recurses, and where its stack ends, a regular expression in it can end the whole process. */
const deepest = 100;

/** By brackets, those in quotes too, or by indentation. */
function isTooDeep(text: string): boolean {
  let open = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + ('[{'.includes(bracket) ? 1 : -1));
    if (open > deepest) return true;
  }
  return /^[ ?-]{200}/m.test(text);
}

/** Plain data of a YAML 1.2 text, or `<area>/not-yaml` with line and column. */
export function parseYaml(text: string, file: string, area: string, noun: string): unknown {
  if (isTooDeep(text)) throw new Failure(`${area}/not-yaml`, `The ${noun} ${file} is not usable YAML: lists or mappings stand in one another more than ${deepest} deep.`);
  const document = parseDocument(text);
  const broken = document.errors[0];
  const detail = broken?.code === 'MULTIPLE_DOCS' ? `it holds several documents, and one is wanted: there is a second line "---"` : broken?.message.split('\n')[0]?.replace(/:$/, '');
  if (detail !== undefined) throw new Failure(`${area}/not-yaml`, `The ${noun} ${file} is not YAML: ${detail}.`);
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw new Failure(`${area}/not-yaml`, `The ${noun} ${file} is not usable YAML: ${(error as Error).message}.`, { cause: error });
  }
}

/** Holds data to its schema, or fails with `<area>/invalid` on the first few things that are wrong. */
export function checkDeclaration<T extends z.ZodType>(data: unknown, file: string, schema: T, area: string, noun: string): z.output<T> {
  if (data === null) throw new Failure(`${area}/invalid`, `The ${noun} ${file} is empty.`);
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(explain);
  const more = issues.length > 3 ? `; and ${issues.length - 3} more` : '';
  throw new Failure(`${area}/invalid`, `The ${noun} ${file} is wrong ${issues.slice(0, 3).join('; ')}${more}.`, { facts: { file, issues } });
}

/** Zod's words for what YAML calls otherwise. */
const yamlWords: Readonly<Record<string, string>> = {
  record: 'a mapping', object: 'a mapping', array: 'a list', string: 'a text', int: 'a whole number', number: 'a number', boolean: 'true or false',
  undefined: 'nothing', null: 'nothing',
};

/** `at certificate.wildcardSan.web.value: expected one of "none"|"leftmost-label"`. */
function explain(issue: z.core.$ZodIssue): string {
  const path = issue.path.length === 0 ? 'at its top' : `at ${issue.path.map(String).join('.')}`;
  const message = issue.message.replace(/^Invalid (?:input|option): /, '').replace(/^Unrecognized/, 'unrecognized').replace(/\.$/, '')
    .replace(/^expected (\w+), received (\w+)$/, (_, expected: string, received: string) => `expected ${yamlWords[expected] ?? expected}, found ${yamlWords[received] ?? received}`);
  return `${path}: ${message}`;
}
