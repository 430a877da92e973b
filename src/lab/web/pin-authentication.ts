import type { PinCredentials, PinFailureReason } from '../../protocol/webticket/pin-credentials.js';
import type { Deployment } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';
import { pinLocksOf } from './pin-locks.js';
import { pinFault } from './pin-policy.js';

const day = 86_400_000;

/**
 * Finds the user by number and PIN; where users share a number, the PIN tells them apart. Which reason comes first where several hold, and that a
 * wrong PIN counts against everyone who shares the number, is assumed.
 */
export function authenticatePin(deployment: Deployment, { phoneOrExtension, pin }: PinCredentials): { user: LabUser } | { reason: PinFailureReason } {
  const candidates = deployment.users.byPhoneOrExtension(phoneOrExtension);
  if (candidates.length === 0) return { reason: 'UserDoesNotExist' };
  const withPin = candidates.filter((candidate) => candidate.pin !== undefined);
  if (withPin.length === 0) return { reason: 'PinNotSet' };
  const locks = pinLocksOf(deployment);
  const unlocked = withPin.filter((candidate) => !locks.isLocked(candidate));
  if (unlocked.length === 0) return { reason: 'UserPinAccountLocked' };
  const [user, ...others] = withPin.filter((candidate) => candidate.pin === pin);
  if (user === undefined) {
    for (const candidate of unlocked) locks.wrongPin(candidate);
    return { reason: 'IncorrectPin' };
  }
  if (others.length > 0) return { reason: 'PinNotUnique' };
  if (!unlocked.includes(user)) return { reason: 'UserPinAccountLocked' };
  const reason = unfit(deployment, user, pin);
  if (reason !== undefined) return { reason };
  locks.rightPin(user);
  return { user };
}

/** Why the right PIN is refused all the same. */
function unfit({ policy, now }: Deployment, user: LabUser, pin: string): PinFailureReason | undefined {
  const { enabled, pinEnabled, pinSetAt } = user;
  // What the platform's documents mean by a disabled PIN account is not said; that it is the user is assumed.
  if (enabled === false) return 'UserPinAccountDisabled';
  if (pinEnabled === false) return 'PinNotEnabledForUser';
  if (policy.PINLifetime > 0 && pinSetAt !== undefined && now() >= Date.parse(pinSetAt) + policy.PINLifetime * day) return 'PinExpired';
  return pinFault(pin, user, policy) !== undefined ? 'PinDoesNotMeetMinimumRequirements' : undefined;
}
