import type { PhoneContext } from './machine-types.js';
import { StageFailure, unsourced } from './stage-failure.js';
import type { RegistrarCandidate } from './steps.js';

type Server = Pick<RegistrarCandidate, 'host' | 'port'>;

/** Servers that may send the phone on, one after another, before it gives up for a while; the device's own limit is not known. */
export const mostMoves = 5;

/** When signed-in phones were sent on, milliseconds since 1970, as far as it still counts: within the phone's longest wait between two tries. */
function recentMoves({ moves, profile, now }: Pick<PhoneContext, 'moves' | 'profile' | 'now'>): number[] {
  return moves.filter((at) => now() - at < profile.timers.retryLongest.value);
}

/** With the move of this moment. */
export function withMove(context: PhoneContext): number[] {
  return [...recentMoves(context), context.now()];
}

/** Whether the phone does not follow once more: servers that name each other would keep it going round for ever. */
export function movedTooOften(context: PhoneContext): boolean {
  return recentMoves(context).length >= mostMoves;
}

/** Servers send the phone to one another. It tries again after its back-off, as after other refusals (assumed). */
export function redirectLoop(from: string, to: Server): StageFailure {
  return new StageFailure('redirect-loop', 'retry', `${from} sent the phone on to ${to.host}:${to.port}, after ${mostMoves} other servers had sent it on.`, {
    facts: { from, to: `${to.host}:${to.port}` }, because: [unsourced], screen: 'registrar-not-contacted',
  });
}
