import { Failure } from '../failure.js';
import type { LabUser } from '../lab/topology-schema.js';
import { numbersOf } from '../lab/user-store.js';
import type { Credentials } from '../phone/steps.js';
import { logonCredentials } from './logon-credentials.js';
import type { PlanPhone } from './plan-schema.js';

/** What a lab's user types or the PC hands over; `number` is typed in the place of the line URI's own. Throws a Failure `rehearsal/no-pin`. */
export function labCredentials(phone: Pick<PlanPhone, 'signIn'>, user: LabUser, number?: string): Credentials {
  if (phone.signIn === 'pin') {
    if (user.pin === undefined || user.lineUri === undefined) {
      throw new Failure('rehearsal/no-pin', `${user.sipUri} has no PIN or no line URI in the topology, so no phone can sign in as that user by PIN.`);
    }
    return { method: 'pin', phoneOrExtension: number ?? numbersOf(user.lineUri).at(-1) ?? '', pin: user.pin };
  }
  return logonCredentials(phone.signIn, { sipUri: user.sipUri, logon: user.account, password: user.password });
}
