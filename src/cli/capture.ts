import { Option } from 'commander';
import { loadProfiles } from '../firmware/loader.js';
import { stages, type Stage } from '../phone/steps.js';
import { atTarget, captureTopology, heldAgainst, liveTargetOf } from '../rehearsal/captured/capture.js';
import { renderComparison } from '../rehearsal/comparison-text.js';
import { cellTitle } from '../rehearsal/labels.js';
import { renderMatrix } from '../rehearsal/matrix.js';
import { loadPlan } from '../rehearsal/plan.js';
import { rehearse } from '../rehearsal/rehearse.js';
import { requireDistinct, requireWritable, writeWholeFile } from '../whole-file.js';
import type { AddCommand } from './command.js';
import { profilesOption } from './profile-folders.js';
import { secretSources } from './secret.js';

interface Options {
  output: string;
  target?: string;
  stopBefore?: Stage;
  profiles: string[];
}

export const addCapture: AddCommand = (program, io, finish) => {
  program.command('capture')
    .description('Rehearses a plan at real servers and writes what is there as a topology, to try changes on.')
    .argument('<plan>', 'rehearsal plan with a live target, YAML')
    .requiredOption('-o, --output <file>', 'the topology to write; secrets of users never are')
    .option('--target <name>', 'the live target, where the plan has several')
    .addOption(new Option('--stop-before <stage>', 'a dry run: no phone goes further than here, and what comes later is not captured').choices(stages))
    .addOption(profilesOption())
    .addHelpText('after', '\nThe same phones then sign in at a lab of the topology, and where they come to something else there, that is told.\nCtrl-C ends it early: what was found so far is written.\n'
      + '\nExit status: 0 the lab does as the servers did, 1 it differs, 2 wrong use or input, 3 not run, or not to the end.\n'
      + '\nExamples:\n  $ lpe capture pool.yaml -o captured.yaml\n  $ lpe compare captured.yaml edited.yaml')
    .action(async (file: string, { output, target, stopBefore, profiles: directories }: Options) => {
      const whole = loadPlan(file);
      const name = liveTargetOf(whole, target);
      const plan = atTarget(whole, name);
      requireDistinct([output], [file]);
      requireWritable(output);
      const profiles = loadProfiles({ directories });
      const options = { profiles, signal: io.signal, stopBefore, secrets: secretSources(io) };
      const rehearsal = await rehearse(plan, {
        ...options, progress: (done, of, { phone, verdict }) => { if (io.interactive) io.err(`[${done}/${of}] ${cellTitle(phone)}: ${verdict.outcome}\n`); },
      });
      io.out(renderMatrix(rehearsal.report, { width: io.width, colour: io.colour }));
      for (const warning of rehearsal.warnings ?? []) io.err(`${warning}\n`);
      writeWholeFile(output, captureTopology(rehearsal, plan, name));
      io.out(`\nWritten: ${output}\nPolicies of the servers do not show from outside: there they are as a lab has them, and secrets are invented. Its comments say what else is.\n`);
      const { runs, planned } = rehearsal.report.summary;
      if (runs < planned && io.signal.aborted) {
        finish(3);
        return;
      }
      if (io.interactive) io.err('Trying it in a lab ...\n');
      const comparison = await heldAgainst(rehearsal, plan, { name, file: output }, options);
      io.out(`\nAt a lab of it, held against the servers:\n${renderComparison(comparison, { width: io.width })}`);
      finish(runs < planned ? 3 : comparison.changes.length + comparison.only.before.length > 0 ? 1 : 0);
    });
};
