import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { catalogue, findRule } from '../../../src/rehearsal/diagnosis/catalogue.js';
import { loadProfiles } from '../../../src/firmware/loader.js';
import { pinStages } from '../../faults/pin-stages.js';
import { ofFault, type StageTable } from '../../faults/stage-table.js';
import { tetheredStages } from '../../faults/tethered-stages.js';
import { brokenServers } from './broken-servers.js';
import { certificateFaults } from './certificate-faults.js';
import { notProduced } from './not-produced.js';
import { serverFaults } from './server-faults.js';

/** One fault, the rule that describes it, and, where another is named first, which and why. */
interface Row { fault: string; at: string; expected: string; missed?: { named: string; why: string } | undefined }

const file = new URL('../../../docs/rules/accuracy.md', import.meta.url);
const { profile } = loadProfiles().get('4.0.7577.4100');

const ofStages = (route: string, table: StageTable): Row[] => Object.entries(table).flatMap(([stage, { faults, rule, ruleBut, missed }]) =>
  faults.map(([fault]) => ({ fault, at: `${stage} (${route})`, expected: ofFault(ruleBut, fault) ?? rule, missed: ofFault(missed, fault) })));

/** Each is made and diagnosed by the tests beside this one and in test/faults, which hold what is named. */
const groups: readonly [title: string, rows: readonly Row[]][] = [
  ['What a topology can declare: certificates', certificateFaults],
  ['What a topology can declare: network, servers, accounts', serverFaults],
  ['Servers that are broken otherwise', brokenServers],
  ['Every kind of fault at every stage, by PIN', ofStages('PIN', pinStages(profile))],
  ['Every kind of fault at every stage, over USB', ofStages('USB', tetheredStages(profile))],
];
const rows = groups.flatMap(([, all]) => all);
const misses = rows.filter(({ missed }) => missed !== undefined);

describe('The accuracy of the diagnosis', () => {
  it('is at least 95 of 100: so often the first rule named is the one that describes the fault', () => {
    assert.ok(rows.length > 200);
    assert.ok(misses.length / rows.length <= 0.05, `${misses.length} of ${rows.length} missed`);
  });

  it('covers every rule end to end', () => {
    const named = new Set(rows.map(({ expected, missed }) => missed?.named ?? expected));
    assert.deepEqual(catalogue.map(({ id }) => id).filter((id) => !named.has(id)), []);
    for (const { rule } of notProduced) assert.ok(findRule(rule) !== undefined, rule);
  });

  it('is told in docs/rules/accuracy.md (UPDATE=1 writes it)', () => {
    if (process.env['UPDATE'] !== undefined) writeFileSync(file, page());
    assert.equal(readFileSync(file, 'utf8'), page());
  });
});

function page(): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '\\<');
  const link = (id: string) => `[${id}](${id}.md)`;
  const share = ((1 - misses.length / rows.length) * 100).toFixed(1);
  return [
    '# How often the first rule named is the fault that was there', '',
    `Of ${rows.length} faults that the suite makes, each at its stage, the first rule named is the one that describes the fault in ${rows.length - misses.length}: ${share} %.`,
    'Where the phone signs in all the same, the first notice counts. Generated (`UPDATE=1 npx mocha test/scenarios/diagnosis/accuracy.test.ts`) from the tables that the tests run.',
    'Faults and rules are by the same hands, and the servers are those of a lab: this says that the rules tell faults apart, not that they have been tried at a real deployment.', '',
    '## Misses', '', '| Fault | Where | Rule | Named instead | Why |', '| --- | --- | --- | --- | --- |',
    ...misses.map(({ fault, at, expected, missed }) => `| ${cell(fault)} | ${at} | ${link(expected)} | ${link(missed?.named ?? '')} | ${cell(missed?.why ?? '')} |`), '',
    '## Causes that no test brings about', '', 'Every rule is brought about end to end, but not by each cause that its page names.', '', '| Rule | Cause | Why not |', '| --- | --- | --- |',
    ...notProduced.map(({ rule, cause, why }) => `| ${link(rule)} | ${cell(cause)} | ${cell(why)} |`), '',
    ...groups.flatMap(([title, all]) => [
      `## ${title}`, '', '| Fault | Where | Named first |', '| --- | --- | --- |',
      ...all.map(({ fault, at, expected, missed }) => `| ${cell(fault)} | ${at} | ${link(missed?.named ?? expected)}${missed === undefined ? '' : ` (not ${link(expected)})`} |`), '',
    ]),
    '[All rules](README.md)', '',
  ].join('\n');
}
