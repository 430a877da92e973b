import { Failure } from '../failure.js';
import type { LabUser } from '../lab/topology-schema.js';
import type { Credentials } from '../phone/steps.js';
import type { PlanPhone } from './plan-schema.js';

/** What a lab's user types or the PC hands over. Throws a Failure `rehearsal/no-pin`. */
export function labCredentials(phone: Pick<PlanPhone, 'signIn'>, user: LabUser): Credentials {
  if (phone.signIn === 'pin') {
    if (user.pin === undefined || user.lineUri === undefined) {
      throw new Failure('rehearsal/no-pin', `${user.sipUri} has no PIN or no line URI in the topology, so no phone can sign in as that user by PIN.`);
    }
    return { method: 'pin', phoneOrExtension: /;ext=(\d+)/.exec(user.lineUri)?.[1] ?? user.lineUri.replace(/\D/g, ''), pin: user.pin };
  }
  const [domain = '', name = ''] = user.account.split('\\');
  return { method: phone.signIn, sipUri: user.sipUri, domain, user: name, password: user.password };
}
