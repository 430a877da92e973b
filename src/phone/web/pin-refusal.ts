import { pinErrorId, pinFailureReasons, type PinFailureReason } from '../../protocol/webticket/pin-credentials.js';
import { StageFailure, unsourced } from '../stage-failure.js';
import { shown } from './web-service-failure.js';

/** What each of UCMA's reasons means here. */
const meanings: Readonly<Record<PinFailureReason, string>> = {
  UserDoesNotExist: 'no user has this number',
  IncorrectPin: 'the PIN is wrong',
  PinNotSet: 'the user has no PIN yet',
  PinNotUnique: 'several users share this number and PIN',
  PinExpired: 'the PIN has expired',
  PinNotEnabledForUser: 'the user may not sign in by PIN',
  UserPinAccountLocked: 'the PIN is locked',
  PinDoesNotMeetMinimumRequirements: 'the PIN does not meet the PIN policy',
  UserPinAccountDisabled: 'the user is disabled',
};

/**
 * A refused PIN. The phone waits for the user and never tries the same PIN again by itself, or it would lock it. A real server may well say no
 * more than that the token is not valid, so the display does not go into the reason (assumed, like its texts), but for a number that nobody has.
 */
export function pinRefused(url: URL, phoneOrExtension: string, pinFailureReason: string | undefined): StageFailure {
  const reason = pinFailureReasons.find((known) => known === pinFailureReason);
  const meaning = reason === undefined ? 'it does not say whether number or PIN is wrong' : meanings[reason];
  return new StageFailure('pin-refused', 'stop', `The web ticket service at ${shown(url)} refused number ${phoneOrExtension} with its PIN: ${meaning}.`, {
    facts: { url: shown(url), phoneOrExtension, errorId: pinErrorId, pinFailureReason },
    because: [unsourced],
    screen: reason === 'UserDoesNotExist' ? 'account-not-found' : 'pin-incorrect',
  });
}
