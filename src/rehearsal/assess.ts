import { compareBuilds } from '../firmware/build-order.js';
import type { FirmwareProfile } from '../firmware/schema.js';
import type { ScreenId } from '../firmware/screen-ids.js';
import { weakest, type Provenance } from '../firmware/sourced.js';
import type { PhoneSnapshot } from '../phone/phone.js';
import type { StageFailure } from '../phone/stage-failure.js';
import type { TraceEvent } from '../trace/event.js';
import { diagnose, tell } from './diagnosis/diagnose.js';
import { surroundingsOf } from './diagnosis/finding.js';
import { noticesOf, shutUpdates } from './diagnosis/notices.js';
import type { Verdict } from './verdict.js';

export interface AssessOptions {
  /** The build that the phone had when it began; default: the one it ended with. */
  buildAtStart?: string;
  /** Whether it is outside the office. */
  outside?: boolean;
}

/** Turns where a phone came to rest, and the trace of how it got there, into a verdict. `profile` is that of the build it ended with. */
export function assess(snapshot: PhoneSnapshot, events: readonly TraceEvent[], profile: FirmwareProfile, { buildAtStart = snapshot.firmware, outside = false }: AssessOptions = {}): Verdict {
  const { exchange } = snapshot;
  const failure = snapshot.failure ?? (exchange !== undefined && 'failure' in exchange ? exchange.failure : undefined);
  const decided = failure === undefined ? [...decidedByChecks(events), ...decidedByOrder(snapshot, profile)] : decidedByFailure(failure, profile);
  const around = surroundingsOf(events, {
    outside, vlan: snapshot.vlan, updates: snapshot.updates, rootChain: snapshot.obtained.rootChain, downgradedFrom: compareBuilds(snapshot.firmware, buildAtStart) < 0 ? buildAtStart : undefined,
  });
  const notices = noticesOf(snapshot, events, around, profile);
  const shut = shutUpdates(snapshot.updates);
  const verdict: Verdict = {
    outcome: behaviourOf(snapshot.state) === 'stopped' ? 'stopped' : snapshot.state !== 'signedIn' ? 'failed' : failure === undefined ? 'signed-in' : 'degraded',
    stage: snapshot.stage,
    behaviour: behaviourOf(snapshot.state),
    firmware: snapshot.firmware,
    updates: snapshot.updates.map(({ leg, url, open, sentence, rule }) => ({
      leg, open, sentence, ...(url === undefined ? {} : { url }), ...(rule === undefined ? {} : { rule }),
    })),
    screen: [...snapshot.screen],
    obtained: snapshot.obtained,
    servers: serversOf(events),
    confidence: weakest(decided.map((value) => value.confidence)),
    disputed: decided.some((value) => value.disputed === true),
    evidence: [...new Set(decided.flatMap((value) => value.evidence))].sort(),
    ...(exchange === undefined ? {} : { exchange: 'failure' in exchange ? 'unavailable' : exchange.state }),
    follows: [], alternatives: [], notices: [...shut, ...notices],
  };
  if (failure === undefined) return verdict;
  // A phone that got somewhere tries dead addresses too, the last ones being mere guesses.
  const attempts = snapshot.attempts.flatMap(({ failure: other }) => (other === undefined || (other.rule === 'registrar-unreachable' && failure.rule !== other.rule) ? [] : [tell(other, around)]));
  const { cause, remedy, follows, beside, alternatives } = diagnose(failure, around, [...attempts, ...shut]);
  return { ...verdict, cause: { ...cause, facts: { ...cause.facts } }, remedy, follows, alternatives, notices: [...beside, ...notices] };
}

/** Of each name and service the last judgement: an update on the way may change it. */
function serversOf(events: readonly TraceEvent[]): Verdict['servers'] {
  const judged = events.flatMap((event) => (event.layer === 'tls' && event.phase === 'certificate-judged' ? [event.detail as Verdict['servers'][number]] : []));
  return [...new Map(judged.map(({ host, service, accepted }) => [`${host} ${service}`, { host, service, accepted }])).values()];
}

function behaviourOf(state: string): Verdict['behaviour'] {
  switch (state) {
    case 'signedIn': return 'signed-in';
    case 'rebootLoop': return 'reboot-loop';
    case 'retrying': return 'retrying';
    case 'refused':
    case 'waitingForUser': return 'waiting-for-user';
    default: return 'stopped';
  }
}

/** What is known of the behaviour; else, of the message that the device shows for it; else, nobody knows. */
function decidedByFailure(failure: StageFailure, profile: FirmwareProfile): readonly Provenance[] {
  if (failure.because.length > 0) return failure.because;
  const message = failure.screen === undefined ? undefined : profile.screens[failure.screen as ScreenId];
  return [message ?? { confidence: 'assumed', evidence: [] }];
}

/** Where the phone got in, the profile values that a certificate's acceptance hung on; the update service's is none it needed. */
function decidedByChecks(events: readonly TraceEvent[]): Provenance[] {
  return events.flatMap((event) => (event.layer === 'tls' && event.phase === 'certificate-judged' && event.detail?.['service'] !== 'update'
    ? decisiveChecks(event.detail?.['checks']) : []));
}

/**
 * The order of the registrars is documented, and an address where nobody listens is passed over by any client. That a phone goes on when it refused
 * a certificate, or was turned away, follows from that at best.
 */
function decidedByOrder({ attempts }: PhoneSnapshot, { discovery }: FirmwareProfile): Provenance[] {
  const wentOn = attempts.some(({ failure }) => failure !== undefined && failure.rule !== 'registrar-unreachable');
  return wentOn ? [{ confidence: 'inferred', evidence: discovery.candidates.evidence }] : [];
}

function decisiveChecks(checks: unknown): Provenance[] {
  if (!Array.isArray(checks)) return [];
  return (checks as (Provenance & { decisive: boolean; passed: boolean })[]).filter((check) => check.decisive && check.passed);
}
