import { loadProfiles, type LoadedProfile } from '../firmware/loader.js';
import type { Provenance } from '../firmware/sourced.js';
import { profilesOption } from './profile-folders.js';
import type { AddCommand } from './run.js';

export const addProfiles: AddCommand = (program, io, finish) => {
  program.command('profiles')
    .description('Lists the firmware builds known, or one in full: every value with its confidence and sources.')
    .argument('[build]', 'a build, for instance 4.0.7577.107')
    .option('--json', 'print JSON')
    .addOption(profilesOption())
    .action((build: string | undefined, options: { json?: boolean; profiles: string[] }) => {
      const store = loadProfiles({ directories: options.profiles });
      if (build === undefined) {
        const all = store.builds().map((each) => store.get(each));
        io.out(options.json === true ? `${JSON.stringify({ schema: 1, builds: all.map(({ profile }) => ({ build: profile.build, name: profile.name, kind: profile.kind })) }, null, 2)}\n`
          : all.map(listLine).join(''));
      } else {
        const loaded = store.get(build);
        io.out(options.json === true ? `${JSON.stringify({ schema: 1, profile: loaded.profile }, null, 2)}\n` : inFull(loaded));
      }
      finish(0);
    });
};

function listLine({ profile }: LoadedProfile): string {
  return `${profile.build.padEnd(18)} ${profile.name.padEnd(24)} ${profile.released.value.padEnd(24)} ${profile.description}\n`;
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
  const shown = Array.isArray(value) ? value.join(path.startsWith('screens.') ? ' / ' : ', ') : typeof value === 'string' ? value : JSON.stringify(value);
  const marks = [confidence, ...(disputed === true ? ['disputed'] : []), ...evidence].join(', ');
  return [`${path}: ${shown}`, `    ${marks}`, ...(note === undefined ? [] : [`    ${note}`])];
}
