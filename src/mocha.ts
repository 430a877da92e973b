/**
 * A plan as a mocha suite: `lync-phone-emulator/mocha`.
 * @module
 */
import type { CertificatePolicy } from './firmware/certificate-policy.js';
import { loadProfiles } from './firmware/loader.js';
import { cellTitle } from './rehearsal/labels.js';
import { loadPlan } from './rehearsal/plan.js';
import { plannedCells, type PlannedCell } from './rehearsal/planned-cells.js';
import { rehearse } from './rehearsal/rehearse.js';
import type { Recording, Rehearsal } from './rehearsal/report.js';
import type { SecretSources } from './rehearsal/secret-reference.js';
import { causeWords } from './rehearsal/wording.js';
import { ladderOf } from './trace/ladder.js';
import { renderLadderText } from './trace/ladder-text.js';

/** What a suite may be told. */
export interface DescribeSignInOptions {
  /** Folders with firmware profiles of your own. */
  profiles?: readonly string[];
  /** Where the plan's secrets are; default: this process's environment. */
  secrets?: SecretSources;
  /** How all phones of the plan judge the certificates of servers; default: as the build of each does. */
  certificatePolicy?: CertificatePolicy;
}

/** What of mocha's interface is used; mocha itself provides it while it loads a test file. */
interface MochaGlobals {
  describe: (title: string, body: () => void) => void;
  before: (work: (this: { timeout: (milliseconds: number) => void }) => Promise<void>) => void;
  it: (title: string, work: () => void) => void;
}

/**
 * A plan as a mocha suite, a test a cell: to be called at the top of a test file or within a `describe`. All cells are rehearsed together before
 * the first test. A cell that is not as the plan expects fails with its cause, its remedy and the ladder of its messages. Throws what
 * loading the plan throws.
 */
export function describeSignIn(planFile: string, options: DescribeSignInOptions = {}): void {
  const { describe, before, it } = globalThis as unknown as MochaGlobals;
  const plan = loadPlan(planFile);
  const profiles = loadProfiles({ directories: options.profiles ?? [] });
  describe(plan.name, () => {
    let rehearsal: Rehearsal | undefined;
    before(async function () {
      // The plan has a deadline for each sign-in.
      this.timeout(0);
      rehearsal = await rehearse(plan, { ...options, profiles });
    });
    for (const cell of plannedCells(plan)) {
      it(`${cellTitle(cell.phone)}, ${cell.account} at ${cell.target}`, () => { judge(cell, rehearsal); });
    }
  });
}

function judge(cell: PlannedCell, rehearsal: Rehearsal | undefined): void {
  const isIt = (other: PlannedCell) => other.phone === cell.phone && other.account === cell.account && other.target === cell.target;
  const recording = rehearsal?.recordings.find(({ run }) => isIt(run));
  if (recording === undefined) throw new Error(rehearsal?.report.unfinished.find(isIt)?.reason ?? 'The rehearsal did not come to this cell.');
  if (!recording.run.matches) throw new Error(account(recording));
}

/** What a person needs to see why a cell is not as expected. */
function account({ run: { expected, verdict }, events }: Recording): string {
  const { cause, remedy } = verdict;
  return [
    `Expected ${expected.outcome}, got ${verdict.outcome} at ${verdict.stage}.${cause === undefined ? '' : ` ${causeWords(cause)}`}`,
    ...(remedy === undefined ? [] : [remedy.sentence, ...remedy.commands.map((command) => `  ${command}`)]),
    '', renderLadderText(ladderOf(events)),
  ].join('\n');
}
