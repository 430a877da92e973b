import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDeclaration, readText } from '../declaration-file.js';
import { Failure } from '../failure.js';
import { readPemCertificates } from '../protocol/x509/pem.js';
import { compareBuilds } from './build-order.js';
import { sourcesSchema, type EvidenceSource } from './evidence.js';
import { checkEvidence, inherit, readProfileFolder, type ProfileFile, type ProfileValues } from './profile-file.js';
import { profileSchema, type FirmwareProfile } from './schema.js';

/** A build as its files declare it, with all that it inherits. */
export interface LoadedProfile {
  profile: FirmwareProfile;
  /** The build's public store as DER; empty where no list was imported. */
  publicRoots: readonly Buffer[];
  /** Where the build is declared. */
  file: string;
  /** The build that it behaves as: itself, unless its file changes nothing but what it is called. */
  behavesAs: string;
}

/** The builds that are known: the built-in ones and those of folders of your own. */
export interface ProfileStore {
  /** Every build that is not a parent: phones by number, then the comparison clients. */
  builds(): readonly string[];
  /**
   * Those of them that behave each in its own way: what holds for one holds for every build that `behavesAs` it. Builds that
   * only one family of phones runs are left out.
   */
  behaviours(): readonly string[];
  /** @throws Failure `profile/unknown-build` naming the known ones. */
  readonly get: (build: string) => LoadedProfile;
  /** What the evidence ids of the profiles stand for. */
  readonly sources: ReadonlyMap<string, EvidenceSource>;
}

/** The profiles that come with the package: the same place seen from `src` and from `dist`. */
const builtIn = fileURLToPath(new URL('../../firmware-profiles/', import.meta.url));

/**
 * Reads and checks every profile: those of the package, then those of `directories`, which may add builds, extend built-in ones, or
 * override them (a file that extends its own name gets the one it overrides). Nothing is returned unless everything is valid. Those of the
 * package alone are read once for all who ask.
 * @throws Failure `profile/...` naming the file, the path inside it and what was expected.
 */
export function loadProfiles({ directories = [] }: { directories?: readonly string[] } = {}): ProfileStore {
  return directories.length === 0 ? builtInStore ??= readProfiles([builtIn]) : readProfiles([builtIn, ...directories]);
}

let builtInStore: ProfileStore | undefined;

function readProfiles(folders: readonly string[]): ProfileStore {
  const sources = new Map(folders.flatMap(readSources).map((source) => [source.id, source]));
  const layers = folders.map(readProfileFolder);
  const loaded = new Map<string, LoadedProfile>();
  for (const [level, layer] of layers.entries()) {
    for (const file of layer.values()) {
      checkEvidence(file, sources);
      const values = resolveValues(file, level, layers, []);
      if (file.kind !== 'parent') loaded.set(file.build, load(file, values, behavesAs(file, level, layers)));
      else loaded.delete(file.build);
    }
  }
  const builds = [...loaded.keys()].sort((a, b) => rank(loaded, a) - rank(loaded, b) || compareBuilds(a, b));
  return {
    sources,
    builds: () => builds,
    behaviours: () => builds.filter((build) => loaded.get(build)?.behavesAs === build && loaded.get(build)?.profile.runsOn === undefined),
    get(build) {
      const found = loaded.get(build);
      if (found !== undefined) return found;
      throw new Failure('profile/unknown-build', `There is no firmware profile for the build "${build}"; known are ${builds.join(', ')}.`, {
        facts: { build, known: builds }, hint: 'lpe profiles lists them; --profiles DIR adds a folder of your own.',
      });
    },
  };
}

/** One build of those that `loadProfiles` reads. @throws as that does, and as `get` of its store. */
export function loadProfile(build: string, options: Parameters<typeof loadProfiles>[0] = {}): LoadedProfile {
  return loadProfiles(options).get(build);
}

const rank = (loaded: ReadonlyMap<string, LoadedProfile>, build: string) => (loaded.get(build)?.profile.kind === 'phone' ? 0 : 1);

function readSources(folder: string): EvidenceSource[] {
  const file = join(folder, 'evidence', 'sources.yaml');
  return existsSync(file) ? readDeclaration(file, sourcesSchema, 'profile', 'list of sources') : [];
}

/** The file's values on top of its parents'. The latest folder's parent counts, but for a file's own name the one below it. */
function resolveValues(file: ProfileFile, level: number, layers: readonly Map<string, ProfileFile>[], below: readonly ProfileFile[]): ProfileValues {
  const { parent } = file;
  if (below.includes(file)) {
    const round = [...below.slice(below.indexOf(file)), file].map(({ build }) => build).join(' -> ');
    throw new Failure('profile/circular-extends', `The profile file ${file.file} is wrong at extends: the profiles extend each other in a circle, ${round}.`, {
      facts: { file: file.file },
    });
  }
  if (parent === undefined) return file.values;
  const found = parentOf(file, parent, level, layers);
  return inherit(resolveValues(found.file, found.level, layers, [...below, file]), file.values);
}

function parentOf(file: ProfileFile, parent: string, level: number, layers: readonly Map<string, ProfileFile>[]): { file: ProfileFile; level: number } {
  const from = parent === file.build ? level - 1 : layers.length - 1;
  for (let i = from; i >= 0; i--) {
    const found = layers[i]?.get(parent);
    if (found !== undefined) return { file: found, level: i };
  }
  const expected = `there is no profile "${parent}"; expected the build of another profile file`;
  throw new Failure('profile/missing-parent', `The profile file ${file.file} is wrong at extends: ${expected}.`, { facts: { file: file.file, parent } });
}

/** What a file may say without its build behaving differently from the one it extends. */
const names = new Set(['build', 'name', 'kind', 'released', 'description', 'identity']);

function behavesAs(file: ProfileFile, level: number, layers: readonly Map<string, ProfileFile>[]): string {
  if (file.parent === undefined || Object.keys(file.values).some((key) => !names.has(key))) return file.build;
  const found = parentOf(file, file.parent, level, layers);
  return found.file.kind === 'parent' ? file.build : behavesAs(found.file, found.level, layers);
}

function load(file: ProfileFile, values: ProfileValues, likeBuild: string): LoadedProfile {
  const checked = profileSchema.safeParse(values);
  if (!checked.success) {
    const missing = checked.error.issues.map(({ path }) => path.join('.'));
    throw new Failure('profile/incomplete', `The file ${file.file} is not complete: neither it nor what it extends gives ${missing.join(', ')}.`, {
      facts: { file: file.file, missing },
    });
  }
  const { identity } = checked.data;
  const userAgent = { ...identity.userAgent, value: identity.userAgent.value.replaceAll('{build}', file.build) };
  return { profile: { ...checked.data, identity: { ...identity, userAgent } }, publicRoots: readPublicRoots(checked.data), file: file.file, behavesAs: likeBuild };
}

function readPublicRoots(profile: FirmwareProfile): readonly Buffer[] {
  const bundle = profile.certificate.publicRoots.value;
  if (bundle === null) return [];
  const text = readText(bundle, 'profile', 'list of public roots');
  try {
    return readPemCertificates(text).map(({ der }) => der);
  } catch (error) {
    throw new Failure('profile/bad-roots', `The public roots ${bundle} of the build ${profile.build} cannot be used. ${(error as Error).message}`, {
      facts: { file: bundle }, cause: error,
    });
  }
}
