import type { Facts } from '../../failure.js';
import { checkRules } from '../../firmware/certificate-check.js';
import { StageFailure } from '../../phone/stage-failure.js';
import { pinFailureReasons } from '../../protocol/webticket/pin-credentials.js';
import type { TraceEvent } from '../../trace/event.js';
import type { FailedCheck, Finding, Sign, Surroundings } from './rule.js';

/** A failure as the rules look at it. */
export function findingOf(failure: StageFailure, around: Surroundings): Finding {
  const { rule, facts } = rootOf(failure);
  const failedChecks = rule === 'certificate-refused' ? checksIn(facts) : [];
  const check = failedChecks[0];
  return { sign: signOf(rule, facts, check), rule, facts, failedChecks, check, around };
}

/** What keeps a phone from Exchange and would keep it from any server lies beneath. */
function rootOf(failure: StageFailure): StageFailure {
  const { rule, cause } = failure;
  return rule === 'exchange-unavailable' && cause instanceof StageFailure && (cause.rule === 'clock-wrong' || cause.rule === 'tls-failed') ? cause : failure;
}

function signOf(rule: StageFailure['rule'], facts: Facts, check: FailedCheck | undefined): Sign {
  if (rule === 'pin-refused') return pinFailureReasons.find((reason) => reason === facts['pinFailureReason']) ?? rule;
  return check?.rule ?? rule;
}

function checksIn({ failedChecks }: Facts): FailedCheck[] {
  if (!Array.isArray(failedChecks)) return [];
  return (failedChecks as FailedCheck[]).filter(({ rule }) => checkRules.includes(rule));
}

/** What the trace of a sign-in tells about what surrounded it. */
export function surroundingsOf(events: readonly TraceEvent[], { rootChain, ...known }: Pick<Surroundings, 'updates' | 'outside' | 'vlan' | 'downgradedFrom'> & { rootChain: boolean }): Surroundings {
  return { ...known, optionsAnswered: optionsAnswered(events), roots: rootsOf(events, rootChain), knownIssuers: knownIssuers(events) };
}

function optionsAnswered(events: readonly TraceEvent[]): boolean | undefined {
  if (!events.some((event) => event.layer === 'dhcp' && event.direction === 'sent' && event.summary.startsWith('DHCPINFORM'))) return undefined;
  return optionAnswers(events).length > 0;
}

/** What DHCP servers answered to the question for phone options, with whose answer it is. */
export function optionAnswers(events: readonly TraceEvent[]): { server: string; tells: string }[] {
  return events.flatMap((event) => (event.layer === 'dhcp' && event.told !== undefined
    ? [{ server: event.peer, tells: `option 43: ${event.told.certProvUrl ?? 'nothing usable'}, option 120: ${event.told.sipServer ?? 'nothing usable'}` }] : []));
}

function rootsOf(events: readonly TraceEvent[], obtained: boolean): Surroundings['roots'] {
  const learnt = events.flatMap((event) => (event.layer === 'note' ? event.learnt?.from ?? [] : []));
  if (learnt.includes('directory')) return 'directory';
  if (learnt.length > 0) return 'web-service';
  // By PIN that stage ends the sign-in where it finds nothing.
  if (events.some((event) => event.layer === 'state' && event.state === 'rootChain')) return 'no-directory';
  return obtained ? 'kept' : 'unknown';
}

function knownIssuers(events: readonly TraceEvent[]): string[] {
  return [...new Set(events.flatMap((event) => (event.layer === 'tls' && event.phase === 'certificate-judged' && event.detail?.['accepted'] === true
    ? (event.chain ?? []).slice(1).flatMap((certificate) => certificate?.subject ?? []) : [])))];
}
