import { Option } from 'commander';
import { loadProfiles } from '../firmware/loader.js';
import { compare, isWorse } from '../rehearsal/compare.js';
import { renderComparison } from '../rehearsal/comparison-text.js';
import { cellTitle } from '../rehearsal/labels.js';
import { renderMatrix } from '../rehearsal/matrix.js';
import { builtInPlanFile, loadPlan } from '../rehearsal/plan.js';
import { rehearse } from '../rehearsal/rehearse.js';
import { readReport } from '../rehearsal/report.js';
import { secretSources } from './secret.js';
import { stages, type Stage } from '../phone/steps.js';
import { profilesOption } from './profile-folders.js';
import { addReportOptions, requireReportFiles, writeReportFiles, type ReportFiles } from './report-files.js';
import type { AddCommand } from './command.js';

interface Options extends ReportFiles {
  stopBefore?: Stage;
  baseline?: string;
  profiles: string[];
}

export const addRehearse: AddCommand = (program, io, finish) => {
  addReportOptions(program.command('rehearse'))
    .description('Signs every phone of a plan in at every target and tells the verdicts as a matrix.')
    .argument('[plan]', 'rehearsal plan, YAML; without one the story of the wildcard certificate of February 2011')
    .option('--baseline <file>', 'an earlier result as JSON: also tell what has changed since, and fail when a phone that signed in no longer does')
    .addOption(new Option('--stop-before <stage>', 'a dry run: no phone goes further than here; nothing of this stage is sent').choices(stages))
    .addOption(profilesOption())
    .addHelpText('after', '\nCtrl-C ends it early: what is done so far is told and written.\n'
      + '\nExit status: 0 as the plan expects, 1 not so or worse than before, 2 wrong use or input, 3 not run, or not to the end.\n'
      + '\nExamples:\n  $ lpe rehearse\n  $ lpe rehearse examples/plans/wildcard-story.yaml --html report.html --junit report.xml')
    .action(async (file: string | undefined, options: Options) => {
      const plan = loadPlan(file ?? builtInPlanFile);
      const baseline = options.baseline === undefined ? undefined : readReport(options.baseline);
      const profiles = loadProfiles({ directories: options.profiles });
      requireReportFiles(options, file);
      if (io.interactive) io.err('Starting the labs ...\n');
      const rehearsal = await rehearse(plan, {
        profiles,
        signal: io.signal,
        stopBefore: options.stopBefore,
        captured: options.pcapng !== undefined,
        secrets: secretSources(io),
        progress: (done, of, run) => {
          if (io.interactive) io.err(`[${done}/${of}] ${cellTitle(run.phone)}${Object.keys(plan.accounts).length > 1 ? `, ${run.account},` : ''} at ${run.target}: ${run.verdict.outcome}\n`);
        },
      });
      const { report } = rehearsal;
      const comparison = baseline && compare(baseline, report);
      io.out(renderMatrix(report, { width: io.width, colour: io.colour }));
      for (const warning of rehearsal.warnings ?? []) io.err(`${warning}\n`);
      writeReportFiles(options, rehearsal);
      if (comparison !== undefined) io.out(`\nSince ${options.baseline}:\n${renderComparison(comparison, { width: io.width })}`);
      const { runs, planned, otherwise } = report.summary;
      finish(runs + report.unfinished.length < planned ? 3 : otherwise > 0 || (comparison !== undefined && isWorse(comparison)) ? 1 : 0);
    });
};
