import type { Facts } from '../../failure.js';
import type { StageFailure } from '../../phone/stage-failure.js';
import { certificateRemedy } from './certificate-remedies.js';
import type { Remedy } from './remedy.js';
import { stageRemedy } from './stage-remedies.js';

export interface Diagnosis {
  cause: { rule: string; sentence: string; facts: Facts };
  remedy: Remedy;
}

/** Names the cause of a failed sign-in and what would mend it. The sentence is the failure's own: it knows the names involved. */
export function diagnose(failure: StageFailure): Diagnosis {
  const cause = { rule: failure.rule, sentence: failure.message, facts: failure.facts };
  if (failure.rule !== 'certificate-refused') return { cause, remedy: stageRemedy(failure.rule, failure.facts) };
  return { cause, remedy: certificateRemedy(firstFailedCheck(failure.facts), failure.facts) };
}

/** Trust and names come before the rest: whoever mends those meets the others again, in order of what they cost. */
function firstFailedCheck(facts: Facts): string {
  const failed = facts['failedChecks'];
  const first: unknown = Array.isArray(failed) ? failed[0] : undefined;
  return typeof first === 'string' ? first : 'well-formed';
}
