import type { PinCredentials, PinFailureReason } from '../../protocol/webticket/pin-credentials.js';
import type { UserStore } from '../deployment.js';
import type { LabUser } from '../topology-schema.js';

/** Finds the user by number and PIN; where users share a number, the PIN tells them apart. */
export function authenticatePin(users: UserStore, { phoneOrExtension, pin }: PinCredentials): { user: LabUser } | { reason: PinFailureReason } {
  const candidates = users.byPhoneOrExtension(phoneOrExtension);
  if (candidates.length === 0) return { reason: 'UserDoesNotExist' };
  if (candidates.every((user) => user.pin === undefined)) return { reason: 'PinNotSet' };
  const [user, ...others] = candidates.filter((candidate) => candidate.pin === pin);
  if (user === undefined) return { reason: 'IncorrectPin' };
  return others.length > 0 ? { reason: 'PinNotUnique' } : { user };
}
