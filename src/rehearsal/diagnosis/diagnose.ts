import type { StageFailure } from '../../phone/stage-failure.js';
import type { Facts } from '../../failure.js';
import { explain, ruleOf } from './catalogue.js';
import { findingOf } from './finding.js';
import type { Remedy } from './remedy.js';
import type { DiagnosisRule, Finding, Surroundings } from './rule.js';

/** Something that went wrong, told by its rule. */
export interface Told {
  id: string;
  sentence: string;
}

export interface Diagnosis {
  /** `id` is the rule of the catalogue; `rule` says how the sign-in ended. */
  cause: { id: string; rule: string; sentence: string; facts: Facts };
  remedy: Remedy;
  /** What else went wrong and merely follows from the cause. */
  follows: Told[];
  /** What else went wrong, beside the cause. */
  beside: Told[];
  /** Rules that fit what was seen as well as the cause's, and what tells them apart. */
  alternatives: (Told & { experiment: string })[];
}

/**
 * Names the cause of a failed sign-in and what would mend it. The sentence is the failure's own: it knows the names involved. `others` failed
 * beside it: each is sorted out into what follows from the cause and what does not.
 */
export function diagnose(failure: StageFailure, around: Surroundings, others: readonly Told[] = []): Diagnosis {
  const finding = findingOf(failure, around);
  const rule = explain(finding);
  const isSaid = others.filter(({ sentence }, index) => sentence !== failure.message && others.findIndex((other) => other.sentence === sentence) === index);
  const follows = (told: Told) => told.id === rule.id || rule.entails?.includes(told.id) === true;
  return {
    cause: { id: rule.id, rule: failure.rule, sentence: failure.message, facts: failure.facts },
    remedy: rule.remedy(finding),
    follows: isSaid.filter(follows),
    beside: isSaid.filter((told) => !follows(told)),
    alternatives: alternativesOf(rule, finding),
  };
}

/** The rule of a failure that is not the one that ended the sign-in. */
export function tell(failure: StageFailure, around: Surroundings): Told {
  return { id: explain(findingOf(failure, around)).id, sentence: failure.message };
}

function alternativesOf({ alternatives = [] }: DiagnosisRule, finding: Finding): Diagnosis['alternatives'] {
  return alternatives.filter(({ when }) => when === undefined || when(finding)).map(({ id, experiment }) => ({ id, sentence: `${ruleOf(id).title}.`, experiment }));
}
