import { z } from 'zod';
import { checkDeclaration, readText } from '../declaration-file.js';
import { Failure } from '../failure.js';
import type { Capture } from '../trace/capture.js';
import type { TraceEvent } from '../trace/event.js';
import { expectationSchema, planPhoneSchema } from './plan-schema.js';
import { verdictSchema } from './verdict.js';

/** One cell of the matrix. */
const runSchema = z.strictObject({
  phone: planPhoneSchema,
  account: z.string().describe('as the plan calls it, or the SIP URI'),
  target: z.string(),
  verdict: verdictSchema,
  expected: expectationSchema.omit({ phone: true, account: true, target: true }),
  matches: z.boolean().describe('whether the verdict is as expected'),
});
/** One cell of a rehearsal: who signed in where, and what came of it. */
export type Run = z.output<typeof runSchema>;

const unfinishedSchema = runSchema.pick({ phone: true, account: true, target: true }).extend({ reason: z.string() });
export type UnfinishedCell = z.output<typeof unfinishedSchema>;

/** A rehearsal's result, as `lpe rehearse --json` writes it. */
export const reportSchema = z.strictObject({
  schema: z.literal(1),
  plan: z.strictObject({ name: z.string(), description: z.string() }),
  runs: z.array(runSchema),
  unfinished: z.array(unfinishedSchema).describe('cells without a verdict, and why; those that an interruption kept from starting are not among them'),
  summary: z.strictObject({
    runs: z.int(),
    planned: z.int().describe('cells of the plan; more than `runs` where the rehearsal was interrupted'),
    stopped: z.int().describe('dry runs that went well as far as they were let go'),
    signedIn: z.int(), degraded: z.int(), failed: z.int(), asExpected: z.int(), otherwise: z.int(),
    duration: z.int().describe('milliseconds'),
  }),
});
/** The result of a rehearsal (`examples/schemas/rehearsal-report.schema.json`). */
export type Report = z.output<typeof reportSchema>;

/** A run with the phone's own trace of it: what ladders, logs and timelines are drawn from. */
export interface Recording {
  run: Run;
  events: readonly TraceEvent[];
  /** Every byte it sent and received, unredacted; where that was asked for. @internal */
  capture?: Capture;
}

/** What a rehearsal comes to: the verdicts, and how each came about, in the same order. */
export interface Rehearsal {
  report: Report;
  recordings: readonly Recording[];
  /** What of the plan came to nothing, a sentence each; not of a dry run or an interrupted one, which come to less by design. */
  warnings?: readonly string[];
}

/** Some 20,000 cells. */
const longestReport = 64_000_000;

/** A result that was written as JSON. Throws a Failure `report/unreadable`, `report/not-json` or `report/invalid`. */
export function readReport(file: string): Report {
  const text = readText(file, 'report', 'result', longestReport);
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new Failure('report/not-json', `The result ${file} is not JSON: ${(error as Error).message.replace(/\s+/g, ' ').replace(/\.$/, '')}.`, { cause: error });
  }
  return checkDeclaration(data, file, reportSchema, 'report', 'result');
}

/** Whether a verdict is what the plan expects: every field the expectation names is equal. */
export function meets(run: Pick<Run, 'verdict' | 'expected'>): boolean {
  const { verdict, expected } = run;
  // What a dry run stops short of is not known to be otherwise.
  const outcome = verdict.outcome === 'stopped' ? 'signed-in' : verdict.outcome;
  return outcome === expected.outcome
    && (expected.screen === undefined || [verdict.screen.join(' '), verdict.screen.join('\n')].some((text) => text.includes(expected.screen ?? '')))
    && (expected.stage === undefined || verdict.stage === expected.stage)
    && (expected.rule === undefined || verdict.cause?.rule === expected.rule || verdict.cause?.id === expected.rule);
}

/** Puts runs and their count together. `planned`: how many runs there were to be; default: these. `duration`: milliseconds. */
export function summarise(
  plan: { name: string; description: string }, runs: Run[], { duration, unfinished = [], planned = runs.length }: { duration: number; unfinished?: UnfinishedCell[]; planned?: number },
): Report {
  const count = (predicate: (run: Run) => boolean) => runs.filter(predicate).length;
  return {
    schema: 1,
    plan: { name: plan.name, description: plan.description },
    runs,
    unfinished,
    summary: {
      runs: runs.length,
      planned,
      stopped: count((run) => run.verdict.outcome === 'stopped'),
      signedIn: count((run) => run.verdict.outcome === 'signed-in'),
      degraded: count((run) => run.verdict.outcome === 'degraded'),
      failed: count((run) => run.verdict.outcome === 'failed'),
      asExpected: count((run) => run.matches),
      otherwise: count((run) => !run.matches) + unfinished.length,
      duration: Math.round(duration),
    },
  };
}
