import { loadProfiles, type LoadedProfile } from '../firmware/loader.js';
import type { Provenance } from '../firmware/sourced.js';
import { valueText } from '../firmware/value-text.js';
import { folded } from '../rehearsal/folded-text.js';
import { profilesOption } from './profile-folders.js';
import type { AddCommand } from './command.js';

export const addProfiles: AddCommand = (program, io, finish) => {
  program.command('profiles')
    .description('Lists the firmware builds known, or one in full: every value with its confidence and sources.')
    .argument('[build]', 'a build, for instance 4.0.7577.107')
    .option('--json', 'print JSON')
    .addOption(profilesOption())
    .addHelpText('after', '\nExit status: 0 as asked, 2 wrong use or input, 3 could not run.\n'
      + '\nExamples:\n  $ lpe profiles\n  $ lpe profiles 4.0.7577.4100\n  $ lpe profiles --profiles my-profiles')
    .action((build: string | undefined, options: { json?: boolean; profiles: string[] }) => {
      const store = loadProfiles({ directories: options.profiles });
      if (build === undefined) {
        const all = store.builds().map((each) => store.get(each));
        io.out(options.json === true ? `${JSON.stringify({ schema: 1, builds: all.map(({ profile }) => ({ build: profile.build, name: profile.name, kind: profile.kind })) }, null, 2)}\n`
          : list(all, io.width));
      } else {
        const loaded = store.get(build);
        io.out(options.json === true ? `${JSON.stringify({ schema: 1, profile: loaded.profile }, null, 2)}\n` : inFull(loaded));
      }
      finish(0);
    });
};

/** A line a build under a header line; descriptions are folded in their column. */
function list(all: readonly LoadedProfile[], width: number): string {
  const rows = [['build', 'name', 'released'], ...all.map(({ profile }) => [profile.build, profile.name, profile.released.value])];
  const descriptions = ['description', ...all.map(({ profile }) => profile.description)];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.flatMap((row, index) => folded(row.map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `).join(''), descriptions[index] ?? '', width))
    .map((line) => `${line}\n`).join('');
}

function inFull({ profile, file }: LoadedProfile): string {
  const { build, name, kind, description, ...groups } = profile;
  return [`${build}  ${name} (${kind})`, description, `File: ${file}`, '', ...valueLines(groups, '')].join('\n') + '\n';
}

/** One line a sourced value, under its path in the file. */
function valueLines(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (isSourced(value)) return sourcedLines(path, value);
  return Object.entries(value).flatMap(([key, child]) => valueLines(child, path === '' ? key : `${path}.${key}`));
}

function isSourced(value: object): value is Provenance & { value: unknown } {
  return 'confidence' in value && 'value' in value;
}

function sourcedLines(path: string, { value, confidence, disputed, evidence, note }: Provenance & { value: unknown }): string[] {
  const marks = [confidence, ...(disputed === true ? ['disputed'] : []), ...evidence].join(', ');
  return [`${path}: ${valueText(path, value)}`, `    ${marks}`, ...(note === undefined ? [] : [`    ${note}`])];
}
