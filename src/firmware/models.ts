import { Failure } from '../failure.js';
import type { LoadedProfile } from './loader.js';
import type { FirmwareProfile } from './schema.js';
import type { Sourced } from './sourced.js';

/** A desk phone that runs these builds. What differs from model to model; all else is the build's. */
export interface PhoneModel {
  /** As people call it, and as a plan names it. */
  readonly name: string;
  /** Tanjay is the hardware of the OCS years, Aries that of Lync. */
  readonly family: 'Aries' | 'Tanjay';
  /** How a user can sign in. `tethered` is what the USB port is for. */
  readonly methods: FirmwareProfile['signIn']['methods'];
  /** Vendor and version of Ms-Device-Info (MS-SIPREGE 2.2.1.7), after the strings of Microsoft's inventory report. */
  readonly inventory: FirmwareProfile['identity']['deviceInfo'];
  /** The build that a factory reset brings back, with its roots. */
  readonly factoryBuild: Sourced<string>;
}

const factoryBuilds: Record<PhoneModel['family'], PhoneModel['factoryBuild']> = {
  Aries: { value: '4.0.7577.107', confidence: 'assumed', evidence: [], note: 'Which build a phone left the factory with depends on when it was made.' },
  Tanjay: { value: '3.5.6907.187', confidence: 'assumed', evidence: ['schertz-2013-05'], note: 'One of the OCS years, as it needs a staged update to reach those of Lync; which is not known.' },
};

const documented = <T>(value: T) => ({ value, confidence: 'documented' as const, evidence: ['technet-authentication'] });
const pinOnly: PhoneModel['methods'] = documented(['pin']);
const pinOrUsb: PhoneModel['methods'] = documented(['pin', 'tethered']);
const typedOnly: PhoneModel['methods'] = documented(['typed']);

function inventory(vendor: string, version: string, listed = true): PhoneModel['inventory'] {
  return listed
    ? { value: { vendor, version }, confidence: 'assumed', evidence: ['l13-phone-inventory'], note: 'The strings are documented; which of them a phone sends as its version is assumed.' }
    : { value: { vendor, version }, confidence: 'assumed', evidence: [], note: 'No inventory shows this model.' };
}

const models: readonly PhoneModel[] = ([
  { name: 'CX500', family: 'Aries', methods: pinOnly, inventory: inventory('POLYCOM', 'CX500') },
  { name: 'CX600', family: 'Aries', methods: pinOrUsb, inventory: inventory('POLYCOM', 'CX600') },
  {
    name: 'CX3000', family: 'Aries', inventory: inventory('POLYCOM', 'CX3000'),
    methods: { ...pinOrUsb, confidence: 'inferred', note: 'That it takes AD credentials is documented; that they come over USB is inferred.' },
  },
  { name: 'HP 4110', family: 'Aries', methods: pinOnly, inventory: inventory('HP', '4110', false) },
  { name: 'HP 4120', family: 'Aries', methods: pinOrUsb, inventory: inventory('HP', '4120', false) },
  { name: '6721ip', family: 'Aries', methods: pinOnly, inventory: inventory('Aastra', '6721ip') },
  { name: '6725ip', family: 'Aries', methods: pinOrUsb, inventory: inventory('Aastra', '6725ip') },
  { name: 'CX700', family: 'Tanjay', methods: typedOnly, inventory: inventory('POLYCOM', 'CX700') },
  { name: 'IP8540', family: 'Tanjay', methods: typedOnly, inventory: inventory('LG-Nortel', 'IP8540') },
] satisfies Omit<PhoneModel, 'factoryBuild'>[]).map((model) => ({ ...model, factoryBuild: factoryBuilds[model.family] }));

/** Every model of desk phone known, by the name a plan gives it. */
export const phoneModels: ReadonlyMap<string, PhoneModel> = new Map(models.map((model) => [model.name, model]));

/**
 * A build on a model: the build's behaviour, the model's ways to sign in and its name. A PC client stays as it is, whatever the model.
 * @throws Failure `plan/unknown-model` naming the known ones, or `plan/build-not-for-model`.
 */
export function onModel(loaded: LoadedProfile, model: string): LoadedProfile {
  const { profile } = loaded;
  if (profile.kind !== 'phone') return loaded;
  const { name, methods, inventory } = phoneModels.get(model) ?? unknownModel(model);
  if (!runsOn(loaded, model)) throw notForModel(profile, model);
  const { signIn, identity } = profile;
  return { ...loaded, profile: { ...profile, model: name, signIn: { ...signIn, methods }, identity: { ...identity, deviceInfo: inventory } } };
}

/** Whether phones of that model run the build: the last of the OCS years are on Tanjay only. @throws Failure `plan/unknown-model` */
export function runsOn({ profile }: LoadedProfile, model: string): boolean {
  const { family } = phoneModels.get(model) ?? unknownModel(model);
  return profile.runsOn === undefined || profile.runsOn === family;
}

function notForModel({ build, runsOn: family }: FirmwareProfile, model: string): Failure {
  const others = models.filter((each) => each.family === family).map(({ name }) => name);
  return new Failure('plan/build-not-for-model', `A ${model} does not run ${build}, which is for ${others.join(' and ')} only.`, { facts: { model, build, models: others } });
}

/** The build that a factory reset of this model brings back. @throws Failure `plan/unknown-model` */
export function factoryBuildOf(model: string): string {
  return (phoneModels.get(model) ?? unknownModel(model)).factoryBuild.value;
}

/** @param where for the sentence: `The rehearsal plan a.yaml is wrong at phones.0.model: ` */
export function unknownModel(model: string, where = ''): never {
  const known = [...phoneModels.keys()];
  throw new Failure('plan/unknown-model', `${where}${where === '' ? 'There' : 'there'} is no phone model "${model.slice(0, 100)}"; known are ${known.join(', ')}.`, { facts: { model, known } });
}
