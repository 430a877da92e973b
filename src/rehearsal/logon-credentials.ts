import type { AccountCredentials } from '../phone/steps.js';

/** What a PC hands over, or a user types on the phone. `logon`: the AD account, `CONTOSO\alice`. */
export function logonCredentials(
  method: AccountCredentials['method'], { sipUri, logon, password }: { sipUri: string; logon: string; password: string },
): AccountCredentials {
  const [domain = '', user = ''] = logon.split('\\');
  return { method, sipUri, domain, user, password };
}
