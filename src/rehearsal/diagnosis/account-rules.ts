import type { PinFailureReason } from '../../protocol/webticket/pin-credentials.js';
import { fact, type Remedy } from './remedy.js';
import type { DiagnosisRule, Finding } from './rule.js';
import { listWebServiceSettings } from './web-service-rules.js';

const user = '<sip:user@domain>';
const info = `Get-CsClientPinInfo -Identity "${user}"`;
const set = `Set-CsClientPin -Identity "${user}" -Pin <PIN>`;
const unlock = `Unlock-CsClientPin -Identity "${user}"`;
const policy = 'Get-CsPinPolicy | Format-List Identity, MinPasswordLength, MaximumLogonAttempts, PINLifetime, AllowCommonPatterns';
const setLineUri = `Set-CsUser -Identity "${user}" -LineUri "tel:<+number>;ext=<extension>"`;
const findUser = ({ facts }: Finding) => `Get-CsUser -Filter {LineUri -like "*${fact(facts, 'phoneOrExtension', '<number>')}*"} | Format-List SipAddress, LineUri, Enabled`;
const ofUser = ({ facts }: Finding) => fact(facts, 'sipUri', user);

interface PinRule { id: string; reason: PinFailureReason; title: string; cause: string; beforehand: string; remedy: (finding: Finding) => Remedy }

/** A real server may say no more than that number or PIN is wrong: then it is LPE011. */
const pinRules: readonly PinRule[] = [
  {
    id: 'LPE010', reason: 'UserDoesNotExist', title: 'No user has the number or extension that was typed',
    cause: 'An extension can be typed only where the line URI carries it as ;ext=; else the whole number has to be.',
    beforehand: 'List the line URIs: does each extension in use stand behind ;ext=, and is each number and extension there once?',
    remedy: (finding) => ({ sentence: 'Give the user a line URI with this number; an extension can be typed only where the line URI carries it as ;ext=.', commands: [findUser(finding), setLineUri] }),
  },
  {
    id: 'LPE041', reason: 'IncorrectPin', title: 'The PIN is wrong',
    cause: 'The user mistyped or mixed it up; another sign-in PIN than that of the phone lock is wanted.',
    beforehand: 'Sign in once with each new PIN, or set PINs and mail them.',
    remedy: (finding) => ({ sentence: 'Type the PIN again, or set a new one: nobody can read the present one.', commands: [findUser(finding), info, set] }),
  },
  {
    id: 'LPE042', reason: 'PinNotSet', title: 'The user has no PIN',
    cause: 'Nobody has a PIN until an administrator or the user sets one.',
    beforehand: '`Get-CsUser | Get-CsClientPinInfo` shows IsPinSet for each.',
    remedy: (finding) => ({ sentence: 'Set a PIN: a user has none until an administrator or the user sets it.', commands: [findUser(finding), info, set] }),
  },
  {
    id: 'LPE043', reason: 'PinExpired', title: 'The PIN has expired',
    cause: 'It is older than PINLifetime of the PIN policy.', beforehand: 'Compare PINLifetime with PinExpirationTime of Get-CsClientPinInfo.',
    remedy: (finding) => ({ sentence: 'Set a new PIN: the present one is older than the PIN policy allows.', commands: [findUser(finding), info, set, policy] }),
  },
  {
    id: 'LPE044', reason: 'UserPinAccountLocked', title: 'The PIN is locked',
    cause: 'Too many wrong PINs lock it for an hour, or until an administrator unlocks it; an administrator can also lock it by hand.',
    beforehand: '`Get-CsUser | Get-CsClientPinInfo` shows IsLockedOut for each.',
    remedy: (finding) => ({ sentence: 'Unlock the PIN; where wrong PINs locked it, that lock may also end by itself an hour later.', commands: [findUser(finding), info, unlock] }),
  },
  {
    id: 'LPE045', reason: 'UserPinAccountDisabled', title: 'The user of the number is disabled',
    cause: 'The account exists and is not enabled for Lync.', beforehand: 'Get-CsUser shows Enabled for each.',
    remedy: (finding) => ({ sentence: 'Enable the user for Lync, or sign in as somebody who is.', commands: [findUser(finding), `Set-CsUser -Identity "${user}" -Enabled $true`] }),
  },
  {
    id: 'LPE046', reason: 'PinNotEnabledForUser', title: 'The user may not sign in by PIN',
    cause: 'PIN authentication is not allowed for this user.', beforehand: 'Check the PIN policy that applies to the users of the phones.',
    remedy: (finding) => ({ sentence: 'Allow this user the PIN, or sign in with AD credentials from a PC.', commands: [findUser(finding), info] }),
  },
  {
    id: 'LPE047', reason: 'PinDoesNotMeetMinimumRequirements', title: 'The PIN does not meet the PIN policy',
    cause: 'The policy was made stricter after the PIN was set: longer PINs, no common patterns.', beforehand: 'Have PINs set anew before a stricter policy applies.',
    remedy: (finding) => ({ sentence: 'Set a PIN that the PIN policy allows.', commands: [findUser(finding), policy, set] }),
  },
  {
    id: 'LPE048', reason: 'PinNotUnique', title: 'Several users share number and PIN',
    cause: 'Users with one number between them are told apart by ;ext= or by the PIN, and here by neither.', beforehand: 'List the line URIs: is each number with its extension there once?',
    remedy: (finding) => ({ sentence: 'Tell the users of this number apart: give each an extension, or one of them another PIN.', commands: [findUser(finding), setLineUri, set] }),
  },
];
const whichReason = 'Ask the server what it has of the PIN: Get-CsClientPinInfo shows IsPinSet, IsLockedOut and PinExpirationTime; where all three are well, the PIN typed is wrong.';

/** What can be wrong with who signs in. */
export const accountRules: readonly DiagnosisRule[] = [
  ...pinRules.map(({ id, reason, title, cause, beforehand, remedy }): DiagnosisRule => ({
    id, title, cause, beforehand, remedy, signs: [reason], confidence: 'documented', evidence: ['technet-authentication'],
    symptom: reason === 'UserDoesNotExist' ? 'The phone shows that no account matches the number.' : 'The phone shows that number or PIN is not correct, and tries no more by itself (assumed).',
  })),
  {
    id: 'LPE011', title: 'The server refuses number and PIN without saying why',
    symptom: 'The phone shows that number or PIN is not correct, although the user is sure of both.',
    cause: 'The PIN may be wrong, locked, expired or never set, or the number may be nobody\'s: a real server need not tell the phone which.',
    beforehand: '`Get-CsUser | Get-CsClientPinInfo` for all users of phones, and the line URIs with their ;ext=.',
    confidence: 'documented', evidence: ['technet-authentication'], signs: ['pin-refused'],
    remedy: (finding) => ({
      sentence: 'Check the PIN and the number or extension the user types: the PIN must be set, not expired and not locked, and the line URI must carry the extension.',
      commands: [findUser(finding), info, unlock, set],
    }),
    alternatives: ['LPE041', 'LPE044', 'LPE042', 'LPE043'].map((id) => ({ id, experiment: whichReason })),
  },
  {
    id: 'LPE012', title: 'The web services take no sign-in by PIN',
    symptom: 'PIN sign-in fails for everybody; signing in over USB works.',
    cause: 'UsePinAuth or UseCertificateAuth is off in the web service configuration.',
    beforehand: 'Read Get-CsWebServiceConfiguration, or run Test-CsPhoneBootstrap.',
    confidence: 'documented', evidence: ['technet-authentication', 'cs-web-service-configuration'], signs: ['web-ticket-refused'],
    when: ({ facts }) => Array.isArray(facts['ports']) && facts['wanted'] === 'pin',
    remedy: () => webTicketRemedy,
  },
  {
    id: 'LPE080', title: 'The web services take no Windows authentication',
    symptom: 'Signing in over USB or with typed credentials fails, PIN sign-in works.',
    cause: 'UseWindowsAuth is None in the web service configuration, or Windows authentication is off in IIS.',
    beforehand: 'Read Get-CsWebServiceConfiguration, and the authentication of the WebTicket application in IIS.',
    confidence: 'inferred', evidence: ['cs-web-service-configuration'], signs: ['web-ticket-refused', 'web-service-error'],
    when: ({ facts }) => (Array.isArray(facts['ports']) && (facts['wanted'] === 'tethered' || facts['wanted'] === 'typed')) || facts['windows'] === 'not-offered',
    remedy: () => ({ sentence: 'Let the web services take Windows authentication: phones with AD credentials have nothing else to show there.', commands: [listWebServiceSettings, 'Set-CsWebServiceConfiguration -Identity Global -UseWindowsAuth Negotiate'] }),
  },
  {
    id: 'LPE021', title: 'Office 365 does not take this sign-in',
    symptom: 'Phones of Skype for Business Online do not sign in.',
    cause: 'Office 365 has no PIN and no common-area sign-in, wants builds from 4.0.7577.4463 on, and does not let these phones in where the account has multi-factor authentication.',
    beforehand: 'List the builds, and the accounts with multi-factor authentication, before users move.',
    confidence: 'documented', evidence: ['sfbo-phones'], signs: ['web-ticket-refused', 'credentials-refused', 'pin-refused'],
    when: ({ facts }) => /^https?:\/\/[^/]*\.online\.lync\.com[:/]/i.test(fact(facts, 'url', '')),
    remedy: () => ({ sentence: 'Sign in with the account itself, over USB or typed, on a build from 4.0.7577.4463 on, and exempt it from multi-factor authentication.', commands: ['Invoke-MgGraphRequest -Uri "https://graph.microsoft.com/beta/users/<user>/authentication/requirements"   (Microsoft Graph PowerShell)'] }),
  },
  {
    id: 'LPE049', title: 'The AD credentials are refused',
    symptom: 'The phone asks for credentials again.',
    cause: 'Logon name or password is wrong, the password was changed since the phone learnt it, or the SIP address is another account\'s.',
    beforehand: 'Tell users to tether the phone again after a change of password.',
    confidence: 'inferred', evidence: ['technet-authentication'], signs: ['credentials-refused'],
    remedy: (finding) => ({
      sentence: 'Check the AD account: the logon name, that it is the account of the SIP address given, and the password; one that was changed since has to be given to the phone anew, over USB from a PC.',
      commands: [`Get-CsUser -Identity "${ofUser(finding)}" | Format-List SamAccountName, SipAddress, Enabled`, listWebServiceSettings],
    }),
  },
  {
    id: 'LPE050', title: 'The web ticket service refuses a ticket',
    symptom: 'The phone stays at "Locating the server to download the certificate", or goes back to the sign-in screen.',
    cause: 'The service answers and says no, for a reason that it may name: the account is disabled, is not the one of the SIP address, or the kind of sign-in is not allowed.',
    beforehand: 'Run Test-CsPhoneBootstrap (PIN) and Test-CsClientAuthentication (Test-CsClientAuth in Lync Server 2010) for a user of each kind.',
    confidence: 'inferred', evidence: ['technet-authentication'], signs: ['web-ticket-refused'],
    remedy: () => webTicketRemedy,
  },
];

const webTicketRemedy: Remedy = {
  sentence: 'Check that the web services offer this kind of sign-in (a PIN needs UsePinAuth and UseCertificateAuth), and try the same steps from the server.',
  commands: [listWebServiceSettings, 'Set-CsWebServiceConfiguration -Identity Global -UsePinAuth $true -UseCertificateAuth $true', 'Test-CsPhoneBootstrap -PhoneOrExt <number> -PIN <PIN> -Verbose'],
};
