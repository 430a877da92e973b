import type { Facts } from '../../failure.js';
import type { StageFailure } from '../../phone/stage-failure.js';
import type { UpdateCheck } from '../../phone/update-check.js';
import { certificateRemedy, type FailedCheck } from './certificate-remedies.js';
import type { Remedy } from './remedy.js';
import { stageRemedy } from './stage-remedies.js';
import { withUpdate } from './update-remedies.js';

export interface Diagnosis {
  cause: { rule: string; sentence: string; facts: Facts };
  remedy: Remedy;
}

/** Names the cause of a failed sign-in and what would mend it, which may be an update that `updates` says is in reach or not. The sentence is the failure's own: it knows the names involved. */
export function diagnose(failure: StageFailure, updates: readonly UpdateCheck[] = []): Diagnosis {
  const cause = { rule: failure.rule, sentence: failure.message, facts: failure.facts };
  if (failure.rule !== 'certificate-refused') return { cause, remedy: stageRemedy(failure.rule, failure.facts) };
  const failed = failedChecks(failure.facts);
  return { cause, remedy: withUpdate(certificateRemedy(failed, failure.facts), failed, updates) };
}

function failedChecks(facts: Facts): FailedCheck[] {
  return Array.isArray(facts['failedChecks']) ? facts['failedChecks'] as FailedCheck[] : [];
}
