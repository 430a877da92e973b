import { readdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { readDeclaration } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { serverChangeSchema } from '../lab/topology-schema.js';
import { rules } from '../phone/stage-failure.js';
import { stages } from '../phone/steps.js';
import { expectedOutcomes } from '../rehearsal/verdict.js';
import { fileTrouble } from '../whole-file.js';

const id = z.string().regex(/^[a-z0-9-]{1,20}$/);
const change = z.record(z.string(), z.unknown());

/** What a lesson switches: phones by their name in the lesson, the lab as its control API does. */
const actionSchema = z.union([
  z.strictObject({ power: id, on: z.boolean().default(true) }),
  z.strictObject({ signIn: id, by: z.enum(['pin', 'tethered', 'typed']), user: z.string().optional().describe('SIP URI; default: the first user of the lab'), pin: z.string().optional().describe("default: the user's own") }),
  z.strictObject({ signOut: id }),
  z.strictObject({ retry: id }),
  z.strictObject({ endWait: id }).describe('of a phone that boots or waits before it tries again'),
  z.strictObject({ reset: id, kind: z.enum(['hard', 'factory']) }),
  z.strictObject({ usb: id, plugged: z.boolean() }),
  z.strictObject({ certificate: z.string(), change }),
  z.strictObject({ dns: z.strictObject({ add: z.array(change).default([]), remove: z.array(z.string()).default([]).describe('names') }) }),
  z.strictObject({ dhcp: change }),
  z.strictObject({ policy: change }),
  z.strictObject({ updates: change }),
  z.strictObject({ faults: change }),
  z.strictObject({ user: z.string().describe('SIP URI'), change }),
  serverChangeSchema.extend({ server: z.string().describe('FQDN') }),
]);
export type LessonAction = z.output<typeof actionSchema>;

const expectationSchema = z.strictObject({
  phone: id,
  state: z.union([z.enum(stages), z.enum(['off', 'signingOut', 'retrying', 'refused', 'rebooting', 'rebootLoop'])]).optional(),
  outcome: z.enum(expectedOutcomes).optional().describe('once it has come to rest'),
  stage: z.enum(stages).optional().describe('where it failed'),
  rule: z.enum(rules).optional().describe('of the failure'),
  screen: z.string().optional().describe('somewhere on the display'),
  firmware: z.string().optional().describe('the build it runs by then'),
});
export type LessonExpectation = z.output<typeof expectationSchema>;

const stepSchema = z.strictObject({
  text: z.string().describe('what the class reads'),
  do: z.array(actionSchema).default([]).describe('in order, when the step begins'),
  expect: z.array(expectationSchema).default([]).describe('what has to come before the next step; of a phone that the step acts on, only what comes after that'),
  question: z.strictObject({
    text: z.string(), choices: z.array(z.string()).min(2).max(6), right: z.int().nonnegative().describe('index of the right choice'), because: z.string(),
  }).optional().describe('asked once the expectations are met; the next step waits for an answer'),
});

/** A guided tour, as a YAML file declares it (`examples/lessons/*.yaml`). */
export const lessonSchema = z.strictObject({
  schema: z.literal(1),
  title: z.string(),
  description: z.string(),
  minutes: z.int().min(1).max(120).default(10).describe('it takes about so long with a class'),
  lab: z.string().describe('topology file, relative to the lesson'),
  phones: z.array(z.strictObject({ id, model: z.string().default('CX600'), firmware: z.string() })).min(1).max(6),
  steps: z.array(stepSchema).min(1),
});

/** A lesson that was read from a file. */
export interface Lesson extends Omit<z.output<typeof lessonSchema>, 'phones'> {
  /** The file's name without ending. */
  id: string;
  /** Absolute. */
  labFile: string;
  phones: readonly { id: string; model: string; build: string }[];
}

/** Reads a lesson. Fails with `lesson/unreadable`, `lesson/not-yaml`, `lesson/invalid`, `lesson/unknown-phone` or `lesson/no-such-choice`. */
export function loadLesson(file: string): Lesson {
  const lesson = readDeclaration(file, lessonSchema, 'lesson', 'lesson');
  const phones = lesson.phones.map((phone) => phone.id);
  for (const [index, step] of lesson.steps.entries()) {
    const named = [...step.expect.map(({ phone }) => phone), ...step.do.flatMap(phoneOf)];
    const unknown = named.find((phone) => !phones.includes(phone));
    if (unknown !== undefined) throw new Failure('lesson/unknown-phone', `The lesson ${file} is wrong at steps.${index}: there is no phone "${unknown}"; declared are ${phones.join(', ')}.`);
    if (step.question !== undefined && step.question.right >= step.question.choices.length) {
      throw new Failure('lesson/no-such-choice', `The lesson ${file} is wrong at steps.${index}.question.right: there are ${step.question.choices.length} choices, the first is 0.`);
    }
  }
  return {
    ...lesson, id: basename(file).replace(/\.ya?ml$/, ''), labFile: resolve(dirname(file), lesson.lab),
    phones: lesson.phones.map(({ id: phone, model, firmware }) => ({ id: phone, model, build: firmware })),
  };
}

/** Every lesson of a folder, by file name. Fails with `lesson/unreadable`, `lesson/none` and as `loadLesson` does. */
export function loadLessons(folder: string): Lesson[] {
  let files: string[];
  try {
    files = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file)).sort();
  } catch (error) {
    throw new Failure('lesson/unreadable', `The folder of lessons ${folder} cannot be read: ${fileTrouble(error)}.`, { cause: error });
  }
  if (files.length === 0) {
    throw new Failure('lesson/none', `There is no lesson in ${folder}: a lesson is a file that ends in .yaml or .yml.`, { hint: 'The package has some to copy, in examples/lessons.' });
  }
  return files.map((file) => loadLesson(join(folder, file)));
}

/** The phone that an action acts on, if it is one. */
export function phoneOf(action: LessonAction): string[] {
  if ('power' in action) return [action.power];
  if ('signIn' in action) return [action.signIn];
  if ('signOut' in action) return [action.signOut];
  if ('retry' in action) return [action.retry];
  if ('endWait' in action) return [action.endWait];
  if ('reset' in action) return [action.reset];
  return 'usb' in action ? [action.usb] : [];
}
