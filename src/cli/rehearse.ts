import { loadProfiles } from '../firmware/loader.js';
import { renderJUnit } from '../rehearsal/junit.js';
import { cellTitle } from '../rehearsal/labels.js';
import { renderMatrix } from '../rehearsal/matrix.js';
import { builtInPlanFile, loadPlan } from '../rehearsal/plan.js';
import { rehearse } from '../rehearsal/rehearse.js';
import { profilesOption } from './profile-folders.js';
import type { AddCommand } from './run.js';
import { writeWholeFile } from '../whole-file.js';

interface Options {
  json?: string;
  junit?: string;
  profiles: string[];
}

export const addRehearse: AddCommand = (program, io, finish) => {
  program.command('rehearse')
    .description('Signs every phone of a plan in at every target and tells the verdicts as a matrix.')
    .argument('[plan]', 'rehearsal plan, YAML; without one the story of the wildcard certificate of February 2011')
    .option('--json <file>', 'also write the result as JSON')
    .option('--junit <file>', 'also write the result as JUnit XML, a test case a cell')
    .addOption(profilesOption())
    .addHelpText('after', '\nExit status: 0 every cell as the plan expects, 1 some not, 2 wrong use or input, 3 could not run.')
    .action(async (file: string | undefined, options: Options) => {
      const plan = loadPlan(file ?? builtInPlanFile);
      const profiles = loadProfiles({ directories: options.profiles });
      if (io.interactive) io.err('Starting the labs ...\n');
      const report = await rehearse(plan, {
        profiles,
        signal: io.signal,
        progress: (done, of, run) => {
          if (io.interactive) io.err(`[${done}/${of}] ${cellTitle(run.phone)} at ${run.target}: ${run.verdict.outcome}\n`);
        },
      });
      io.out(renderMatrix(report, { width: io.width, colour: io.colour }));
      if (options.json !== undefined) writeWholeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
      if (options.junit !== undefined) writeWholeFile(options.junit, renderJUnit(report));
      const planned = plan.phones.length * Object.keys(plan.targets).length;
      if (report.runs.length < planned) io.err(`Interrupted: ${report.runs.length} of ${planned} cells are done.\n`);
      finish(report.summary.otherwise > 0 ? 1 : report.runs.length < planned ? 3 : 0);
    });
};
