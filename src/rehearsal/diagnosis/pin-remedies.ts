import type { Facts } from '../../failure.js';
import { pinFailureReasons } from '../../protocol/webticket/pin-credentials.js';
import { fact, type Remedy } from './remedy.js';

/** What to change so that a refused PIN is taken. The server names the reason in a lab; a real one may say only that the token is not valid. */
export function pinRemedy(facts: Facts): Remedy {
  const number = fact(facts, 'phoneOrExtension', '<number>');
  const user = '<sip:user@domain>';
  const findUser = `Get-CsUser -Filter {LineUri -like "*${number}*"} | Format-List SipAddress, LineUri, Enabled`;
  const info = `Get-CsClientPinInfo -Identity "${user}"`;
  const set = `Set-CsClientPin -Identity "${user}" -Pin <PIN>`;
  const unlock = `Unlock-CsClientPin -Identity "${user}"`;
  const policy = 'Get-CsPinPolicy | Format-List Identity, MinPasswordLength, MaximumLogonAttempts, PINLifetime, AllowCommonPatterns';
  const setLineUri = `Set-CsUser -Identity "${user}" -LineUri "tel:<+number>;ext=<extension>"`;
  switch (pinFailureReasons.find((reason) => reason === facts['pinFailureReason'])) {
    case 'UserDoesNotExist':
      return { sentence: 'Give the user a line URI with this number; an extension can be typed only where the line URI carries it as ;ext=.', commands: [findUser, setLineUri] };
    case 'IncorrectPin':
      return { sentence: 'Type the PIN again, or set a new one: nobody can read the present one.', commands: [findUser, info, set] };
    case 'PinNotSet':
      return { sentence: 'Set a PIN: a user has none until an administrator or the user sets it.', commands: [findUser, info, set] };
    case 'PinExpired':
      return { sentence: 'Set a new PIN: the present one is older than the PIN policy allows.', commands: [findUser, info, set, policy] };
    case 'PinDoesNotMeetMinimumRequirements':
      return { sentence: 'Set a PIN that the PIN policy allows.', commands: [findUser, policy, set] };
    case 'PinNotUnique':
      return { sentence: 'Tell the users of this number apart: give each an extension, or one of them another PIN.', commands: [findUser, setLineUri, set] };
    case 'UserPinAccountLocked':
      return { sentence: 'Unlock the PIN; where wrong PINs locked it, that lock may also end by itself an hour later.', commands: [findUser, info, unlock] };
    case 'UserPinAccountDisabled':
      return { sentence: 'Enable the user for Lync, or sign in as somebody who is.', commands: [findUser, `Set-CsUser -Identity "${user}" -Enabled $true`] };
    case 'PinNotEnabledForUser':
      return { sentence: 'Allow this user the PIN, or sign in with AD credentials from a PC.', commands: [findUser, info] };
    case undefined:
      return {
        sentence: 'Check the PIN and the number or extension the user types: the PIN must be set, not expired and not locked, and the line URI must carry the extension.',
        commands: [findUser, info, unlock, set],
      };
  }
}
