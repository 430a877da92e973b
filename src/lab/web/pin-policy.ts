import { Failure } from '../../failure.js';
import type { Deployment } from '../deployment.js';
import type { LabPolicy, LabUser } from '../topology-schema.js';
import { numbersOf } from '../user-store.js';

/**
 * What a PIN lacks by the policy (CsPinPolicy, as its help has it: length; no repeats, no four or more consecutive digits and not one's own number
 * unless AllowCommonPatterns); undefined when it will do. That runs count downwards too, that a repeat is one digit all through, and that one's own number is
 * the whole of it or the extension, is assumed.
 */
export function pinFault(pin: string, { lineUri = '' }: Pick<LabUser, 'lineUri'>, { MinPasswordLength, AllowCommonPatterns }: LabPolicy): string | undefined {
  if (pin.length < MinPasswordLength) return `it has ${pin.length} digits, and the policy wants ${MinPasswordLength}`;
  if (AllowCommonPatterns) return undefined;
  if (new Set(pin).size === 1) return 'it repeats one digit';
  if (hasRun(pin, 1) || hasRun(pin, -1)) return 'it holds four or more consecutive digits';
  return numbersOf(lineUri).includes(pin) ? "it is the user's own number" : undefined;
}

const longestRun = 3;

function hasRun(pin: string, step: 1 | -1): boolean {
  let length = 1;
  return [...pin].some((digit, at) => {
    length = at > 0 && Number(digit) === Number(pin[at - 1]) + step ? length + 1 : 1;
    return length > longestRun;
  });
}

/** The PINs that users had, newest first. */
const histories = new WeakMap<Deployment, Map<string, string[]>>();
/** The largest PINHistoryCount. */
const longestHistory = 20;

/**
 * Sets a user's PIN, as Set-CsClientPin does. Throws a Failure `lab/pin-refused` where the policy does not allow it, or where it is among the last PINHistoryCount,
 * the present one included (assumed).
 */
export function setPin(deployment: Deployment, { sipUri, lineUri, pin: before }: LabUser, pin: string): void {
  const history = histories.get(deployment) ?? new Map<string, string[]>();
  histories.set(deployment, history);
  const key = sipUri.toLowerCase();
  const earlier = history.get(key) ?? (before === undefined ? [] : [before]);
  const fault = pinFault(pin, { lineUri }, deployment.policy)
    ?? (earlier.slice(0, deployment.policy.PINHistoryCount).includes(pin) ? 'the user had it not long ago' : undefined);
  if (fault !== undefined) throw new Failure('lab/pin-refused', `The PIN policy does not allow ${sipUri} that PIN: ${fault}.`);
  history.set(key, [pin, ...earlier].slice(0, longestHistory));
}
