import { Failure } from '../failure.js';
import { loadProfiles } from '../firmware/loader.js';
import { findRule } from '../rehearsal/diagnosis/catalogue.js';
import { rulesList, ruleText } from '../rehearsal/diagnosis/rule-page.js';
import type { AddCommand } from './command.js';

export const addExplain: AddCommand = (program, io, finish) => {
  program.command('explain')
    .description('Explains a diagnosis rule: symptom, cause, remedy, how to find it before a rollout. Without one, lists them all.')
    .argument('[rule]', 'an id from a result, for instance LPE001')
    .addHelpText('after', '\nExit status: 0 as asked, 2 no such rule.\n\nExamples:\n  $ lpe explain LPE001\n  $ lpe explain')
    .action((id: string | undefined) => {
      if (id === undefined) io.out(rulesList(io.width));
      else {
        const rule = findRule(id);
        if (rule === undefined) throw new Failure('usage/unknown-rule', `There is no rule ${JSON.stringify(id.slice(0, 50))}.`, { hint: 'lpe explain lists them; in a result the id stands first, as in [LPE001 certificate-refused].' });
        io.out(ruleText(rule, loadProfiles().sources, io.width));
      }
      finish(0);
    });
};
