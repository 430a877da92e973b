import { Option } from 'commander';

/** `--profiles DIR`, repeatable: folders of the user's own firmware profiles. */
export function profilesOption(): Option {
  return new Option('--profiles <folder>', 'folder of further firmware profiles, YAML; may be given again')
    .argParser((value: string, all: string[]) => [...all, value])
    .default([], 'the built-in ones only');
}
