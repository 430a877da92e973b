import { Failure } from '../failure.js';
import type { Credentials } from '../phone/steps.js';
import { logonCredentials } from './logon-credentials.js';
import type { Plan, PlanAccount, PlanPhone } from './plan-schema.js';
import { readSecretReference, type SecretSources } from './secret-reference.js';

/** An account of a plan with its secrets, as far as the plan gives them. */
export interface AccountSecrets {
  name: string;
  account: PlanAccount;
  pin: string | undefined;
  password: string | undefined;
}

/** Finds the secrets that the plan's phones need, one by one, before anything starts. Rejects with `plan/no-secret` or `plan/secret-file`. */
export async function readAccounts({ accounts, phones }: Plan, sources: SecretSources): Promise<AccountSecrets[]> {
  const [pins, passwords] = [phones.some(({ signIn }) => signIn === 'pin'), phones.some(({ signIn }) => signIn !== 'pin')];
  const found: AccountSecrets[] = [];
  for (const [name, account] of Object.entries(accounts)) {
    found.push({
      name, account,
      pin: pins && account.pin !== undefined ? await readSecretReference(account.pin, `PIN of ${account.sipUri}`, sources) : undefined,
      password: passwords && account.password !== undefined ? await readSecretReference(account.password, `password of ${account.sipUri}`, sources) : undefined,
    });
  }
  return found;
}

/** What the user types or the PC hands over at real servers, which nobody else knows. Throws a Failure `rehearsal/no-pin` or `rehearsal/no-password`. */
export function liveCredentials({ signIn }: Pick<PlanPhone, 'signIn'>, { name, account, pin, password }: AccountSecrets): Credentials {
  if (signIn === 'pin') {
    if (account.number === undefined || pin === undefined) {
      throw new Failure('rehearsal/no-pin', `The account ${name} lacks its number or its PIN in the plan, so no phone can sign in with it by PIN.`);
    }
    return { method: 'pin', phoneOrExtension: account.number, pin };
  }
  if (account.logon === undefined || password === undefined) {
    throw new Failure('rehearsal/no-password', `The account ${name} lacks its logon or its password in the plan, so no phone can sign in with it by AD credentials.`);
  }
  return logonCredentials(signIn, { sipUri: account.sipUri, logon: account.logon, password });
}
