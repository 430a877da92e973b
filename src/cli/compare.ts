import { extname } from 'node:path';
import { parseYaml, readText } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { loadProfiles, type ProfileStore } from '../firmware/loader.js';
import { compare, isWorse } from '../rehearsal/compare.js';
import { renderComparison } from '../rehearsal/comparison-text.js';
import { cellTitle } from '../rehearsal/labels.js';
import { loadPlan } from '../rehearsal/plan.js';
import type { Plan } from '../rehearsal/plan-schema.js';
import { rehearse } from '../rehearsal/rehearse.js';
import { readReport, type Report } from '../rehearsal/report.js';
import { topologyPlan } from '../rehearsal/topology-plan.js';
import type { AddCommand } from './command.js';
import type { Io } from './io.js';
import { profilesOption } from './profile-folders.js';
import { secretSources } from './secret.js';

export const addCompare: AddCommand = (program, io, finish) => {
  program.command('compare')
    .description('Holds two results against each other and tells which phones a change breaks, which it mends, and why.')
    .argument('<before>', 'a result (lpe rehearse --json), a plan or a topology; the latter two are rehearsed first')
    .argument('<after>', 'the same after the change')
    .option('--json', 'print JSON (examples/schemas/comparison.schema.json)')
    .addOption(profilesOption())
    .addHelpText('after', '\nA topology is rehearsed with every build that behaves in its own way, by PIN and USB-tethered.\n'
      + '\nExit status: 0 no phone is worse off, 1 one that signed in no longer does, 2 wrong use or input, 3 could not run, or a phone came to no verdict.\n'
      + '\nExamples:\n  $ lpe compare yesterday.json today.json\n  $ lpe compare examples/topologies/exact-san.yaml examples/topologies/wildcard.yaml')
    .action(async (before: string, after: string, options: { json?: boolean; profiles: string[] }) => {
      const profiles = loadProfiles({ directories: options.profiles });
      // What cannot be read is found out before anything is rehearsed.
      const [one, other] = [given(before, profiles), given(after, profiles)];
      const [first, second] = [await resultOf(before, one, profiles, io), await resultOf(after, other, profiles, io)];
      const comparison = compare(first, second);
      if (comparison.unchanged + comparison.changes.length === 0) {
        throw new Failure('compare/nothing-common', `${before} and ${after} have no cell in common: no phone, account and target is in both.`);
      }
      io.out(options.json === true ? `${JSON.stringify(comparison, null, 2)}\n` : renderComparison(comparison, { width: io.width }));
      // What came to no verdict is in neither count, so nothing is said of it yet.
      const unfinished = [first, second].flatMap((report) => report.unfinished);
      for (const { phone, account, target, reason } of unfinished) io.err(`${cellTitle(phone)}, ${account}, at ${target}: no verdict. ${reason}\n`);
      finish(isWorse(comparison) ? 1 : unfinished.length > 0 ? 3 : 0);
    });
};

function given(file: string, profiles: ProfileStore): Report | Plan {
  if (extname(file) === '.json') return readReport(file);
  return kindOf(file) === 'plan' ? loadPlan(file) : topologyPlan(file, profiles);
}

/** A result as it is; a plan as it comes to. */
async function resultOf(file: string, has: Report | Plan, profiles: ProfileStore, io: Io): Promise<Report> {
  if ('runs' in has) return has;
  if (io.interactive) io.err(`Rehearsing ${file} ...\n`);
  const { report } = await rehearse(has, { profiles, signal: io.signal, secrets: secretSources(io) });
  if (report.summary.runs < report.summary.planned && io.signal.aborted) throw new Failure('terminal/interrupted', `The rehearsal of ${file} was interrupted, so there is nothing to compare.`);
  return report;
}

function kindOf(file: string): 'plan' | 'topology' {
  const data = parseYaml(readText(file, 'compare', 'file'), file, 'compare', 'file');
  if (typeof data === 'object' && data !== null && 'targets' in data) return 'plan';
  if (typeof data === 'object' && data !== null && 'servers' in data) return 'topology';
  throw new Failure('compare/unknown-kind', `${file} is neither a plan (it has no targets), nor a topology (it has no servers), nor a result as JSON.`);
}
