import { z } from 'zod';
import { confidences } from '../firmware/sourced.js';
import { rowTitle } from './labels.js';
import type { Report, Run } from './report.js';
import { outcomes, type Verdict } from './verdict.js';

const sideSchema = z.strictObject({
  outcome: z.enum(outcomes), stage: z.string(), cause: z.strictObject({ id: z.string(), rule: z.string(), sentence: z.string() }).optional(), confidence: z.enum(confidences),
});

/** What became of one cell between two results. `broke`: it signed in and no longer does. */
const effects = ['broke', 'mended', 'changed', 'confidence'] as const;

/** Two results of the same phones held against each other, as `lpe compare --json` prints it. */
export const comparisonSchema = z.strictObject({
  schema: z.literal(1),
  changes: z.array(z.strictObject({
    cell: z.string(), target: z.string(), effect: z.enum(effects), before: sideSchema, after: sideSchema,
    remedy: z.strictObject({ sentence: z.string(), commands: z.array(z.string()) }).optional(),
  })),
  unchanged: z.int(),
  only: z.strictObject({ before: z.array(z.string()), after: z.array(z.string()) }).describe('cells that one of them lacks'),
  names: z.strictObject({ new: z.array(z.string()), gone: z.array(z.string()) }).describe('server names that phones connect to over TLS, so that certificates must carry them'),
});
/** Two results held against each other (`examples/schemas/comparison.schema.json`). */
export type Comparison = z.output<typeof comparisonSchema>;

/**
 * Holds two reports against each other, cell by cell: the same phone, account and target. Where both have one target only, it is taken for the same
 * one whatever it is called; likewise one account.
 */
export function compare(before: Report, after: Report): Comparison {
  const [old, now] = [cellsOf(before, after), cellsOf(after, before)];
  const both = [...now].flatMap(([key, run]) => { const earlier = old.get(key); return earlier === undefined ? [] : [{ run, earlier }]; });
  const changes = both.flatMap(({ run, earlier }) => {
    const effect = effectOf(earlier.verdict, run.verdict);
    return effect === undefined ? [] : [{
      cell: rowTitle(run, after), target: run.target, effect, before: side(earlier.verdict), after: side(run.verdict),
      ...(effect === 'broke' && run.verdict.remedy !== undefined ? { remedy: run.verdict.remedy } : {}),
    }];
  });
  changes.sort((a, b) => effects.indexOf(a.effect) - effects.indexOf(b.effect));
  const [namesBefore, namesAfter] = [namesOf(before), namesOf(after)];
  return {
    schema: 1, changes, unchanged: both.length - changes.length,
    only: { before: without(old, now).map((run) => titleAt(run, before)), after: without(now, old).map((run) => titleAt(run, after)) },
    names: { new: [...namesAfter].filter((name) => !namesBefore.has(name)), gone: [...namesBefore].filter((name) => !namesAfter.has(name)) },
  };
}

/** Whether a phone that signed in no longer does. */
export const isWorse = ({ changes }: Comparison): boolean => changes.some(({ effect }) => effect === 'broke');

/** By what makes two cells the same one. */
function cellsOf(report: Report, other: Report): Map<string, Run> {
  const single = (key: 'target' | 'account') => [report, other].every(({ runs }) => new Set(runs.map((run) => run[key])).size <= 1);
  const [oneTarget, oneAccount] = [single('target'), single('account')];
  return new Map(report.runs.map((run) => [JSON.stringify([run.phone, oneTarget ? '' : run.target, oneAccount ? '' : run.account]), run]));
}

const without = (cells: ReadonlyMap<string, Run>, others: ReadonlyMap<string, Run>) => [...cells].flatMap(([key, run]) => (others.has(key) ? [] : [run]));

const titleAt = (run: Run, report: Report) => `${rowTitle(run, report)} at ${run.target}`;

/** Best first: what comes later in here is worse. A dry run that went well is as good as a sign-in. */
const ranks: Record<Verdict['outcome'], number> = { 'signed-in': 0, stopped: 0, degraded: 1, failed: 2 };

function effectOf(before: Verdict, after: Verdict): Comparison['changes'][number]['effect'] | undefined {
  const worse = ranks[after.outcome] - ranks[before.outcome];
  if (worse > 0) return 'broke';
  if (worse < 0) return 'mended';
  if (before.outcome !== after.outcome || before.stage !== after.stage || before.cause?.id !== after.cause?.id || before.cause?.rule !== after.cause?.rule || before.firmware !== after.firmware) return 'changed';
  return before.confidence === after.confidence ? undefined : 'confidence';
}

function side({ outcome, stage, cause, confidence }: Verdict): Comparison['changes'][number]['before'] {
  return { outcome, stage, confidence, ...(cause === undefined ? {} : { cause: { id: cause.id, rule: cause.rule, sentence: cause.sentence } }) };
}

function namesOf({ runs }: Report): Set<string> {
  return new Set(runs.flatMap(({ verdict }) => verdict.servers.map(({ host, service }) => `${host} (${service})`)).sort());
}
