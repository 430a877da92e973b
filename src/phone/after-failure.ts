import type { FirmwareProfile } from '../firmware/schema.js';
import type { PhoneContext, PhoneEvent } from './machine-types.js';
import type { PhoneMemory } from './memory.js';
import { NoRegistrarReached, withRegistrationFailure, type ConnectionAttempt } from './registrar-attempts.js';
import type { StageFailure } from './stage-failure.js';
import { failureOf } from './step-failure.js';
import type { Stage } from './steps.js';

/** A failure leads where its reaction says. */
export const byReaction = [
  { guard: 'rebootsForTheLastTime', target: '#phone.rebootLoop', actions: ['recordFailure', 'countReboot'] },
  { guard: 'reboots', target: '#phone.rebooting', actions: ['recordFailure', 'countReboot'] },
  { guard: 'stops', target: '#phone.refused', actions: 'recordFailure' },
  { target: '#phone.retrying', actions: ['recordFailure', 'countRound'] },
] as const;

/** From the first thing on that the phone still needs. */
const anew = <const Actions extends readonly string[]>(...actions: Actions) =>
  [{ guard: 'lacksAddress', target: '#phone.vlan', actions }, { target: '#phone.discovering', actions }] as const;

/** What the user can do about a message on the display. */
export const userDecides = {
  RETRY: anew('clearFailure', 'clearRounds'),
  SIGN_IN: anew('clearFailure', 'clearRounds', 'forgetCertificateForPin', 'takeCredentials'),
  SIGN_OUT: { target: '#phone.waitingForUser', actions: ['forgetUser', 'clearFailure', 'clearRounds'] },
  // Not before the time or the user has come: what has failed would fail again.
  leaseLost: { actions: 'leaveNetwork' },
} as const;

/** How long the phone waits before its n-th try: the profile's first wait, growing by its factor up to its longest. Milliseconds. */
export function backOff({ profile: { timers }, rounds }: { profile: FirmwareProfile; rounds: number }): number {
  return Math.min(timers.retryFirst.value * timers.retryFactor.value ** Math.max(0, rounds - 1), timers.retryLongest.value);
}

/** A remembered registrar that failed is given up; the list is then built from DNS and DHCP alone. */
export function withoutFailedRegistrar(memory: PhoneMemory, attempts: readonly ConnectionAttempt[]): PhoneMemory {
  const failed = attempts.some(({ candidate, failure }) => candidate.source === 'last-good' && failure !== undefined);
  return failed ? { ...memory, lastRegistrar: undefined } : memory;
}

/** What the phone knows after a failure: that, what it tried, and no longer a remembered registrar that let it down. */
export function afterFailure({ attempts: before, memory, session }: PhoneContext, { stage, failure }: { stage: Stage; failure: StageFailure }) {
  const attempts = failure instanceof NoRegistrarReached ? failure.attempts
    : stage === 'registering' ? withRegistrationFailure(before, session?.candidate, failure) : before;
  return { failure, failedStage: failure instanceof NoRegistrarReached ? failure.stage : stage, attempts, memory: withoutFailedRegistrar(memory, attempts) };
}

/** The registrar refused the remembered certificate, or whom it stands for: 401 to the end, or 403 with ms-diagnostics 4004. */
export function refusesCertificate({ certificateIsNew, memory }: PhoneContext, event: PhoneEvent): boolean {
  if (certificateIsNew || memory.clientCertificate === undefined) return false;
  const { rule, facts } = failureOf(event)?.failure ?? {};
  return rule === 'registration-refused' && (facts?.['status'] === 401 || (facts?.['status'] === 403 && facts['id'] === 4004));
}
