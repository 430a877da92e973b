import type { Facts } from '../../failure.js';
import type { RuleId } from '../../phone/stage-failure.js';
import { fact, type Remedy } from './remedy.js';

type AuthenticationRule = Extract<RuleId, 'authentication-not-offered' | 'authentication-too-old'>;

/** What to change where phone and registrar know no common way to prove who signs in. */
export function authenticationRemedy(rule: AuthenticationRule, facts: Facts): Remedy {
  if (rule === 'authentication-too-old') {
    return {
      sentence: 'Bring the phone to a build that registers with Lync first, at the old servers or by an update: 3.5.6907.187 is the oldest known to.',
      commands: ['Get-CsDeviceUpdateRule | Format-List Brand, Model, ApprovedVersion, PendingVersion'],
    };
  }
  const certificate = fact(facts, 'wanted', 'TLS-DSK').includes('TLS-DSK');
  return {
    sentence: certificate
      ? 'Let the registrar take client certificates: phones that sign in by PIN or over USB can register with nothing else.'
      : 'Let the registrar take NTLM: a phone of this build can register with nothing else.',
    commands: [`Set-CsProxyConfiguration -Identity Global ${certificate ? '-UseCertificateForClientToProxyAuth' : '-UseNtlmForClientToProxyAuth'} $true`],
  };
}
