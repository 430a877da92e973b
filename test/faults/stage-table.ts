import type { ScreenId } from '../../src/firmware/screen-ids.js';
import type { RuleId } from '../../src/phone/stage-failure.js';
import type { Stage } from '../../src/phone/steps.js';
import type { PhoneSnapshot } from '../../src/phone/phone.js';
import type { FaultyLab, Misbehaviour } from './faulty-lab.js';

/** What goes wrong at every stage. */
export const faultKinds = [
  'no answer', 'a refused connection', 'a reset', 'half an answer', 'garbage', 'a wrong content type', 'an oversize answer', 'an answer to another question',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Its name begins with its kind. */
export type Fault = [name: string, make: (faulty: FaultyLab) => Misbehaviour];

/** Where a phone ends, and what it shows there. */
export type End = [state: 'retrying' | 'refused' | 'signedIn', stage: Stage, rule: RuleId | undefined, screen: ScreenId];

/** A stage with each of its faults; faults of one stage end alike, but for those named. */
export interface StageFaults {
  faults: Fault[];
  end: End;
  /** By the beginning of the fault's name. */
  but?: Record<string, End>;
  /** The diagnosis rule that describes these faults, and is named first. */
  rule: string;
  /** By the beginning of the fault's name: the rule of those that another describes. */
  ruleBut?: Record<string, string>;
  /** By the same: those for which another than the rule that describes them is named. */
  missed?: Record<string, { named: string; why: string }>;
  /** What else the phone says of it, where the stage never ends a sign-in. */
  says?: (snapshot: PhoneSnapshot, fault: string) => void;
  /** Nothing short of a restart leads on from there, and why. */
  restart?: string;
  /** The longest that the phone may wait before it has made up its mind, by its profile. Milliseconds. */
  within: number;
  /** Faults that this stage cannot have, and why. */
  without?: Partial<Record<FaultKind, string>>;
}

/** By way to sign in and stage. */
export type StageTable = Readonly<Record<string, StageFaults>>;

/** What a table says of one fault: by the first beginning of its name that it lists. */
export function ofFault<T>(by: Readonly<Record<string, T>> | undefined, fault: string): T | undefined {
  return Object.entries(by ?? {}).find(([name]) => fault.startsWith(name))?.[1];
}
