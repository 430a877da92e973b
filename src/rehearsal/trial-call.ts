import type { LabUser } from '../lab/topology-schema.js';
import type { Phone } from '../phone/phone.js';
import { userAtDomain } from '../protocol/sip/name-address.js';
import { Trace } from '../trace/trace.js';
import { rehearseSignIn, type CellOptions } from './cell.js';
import { FastForwardClock } from './fast-forward-clock.js';
import { folded } from './folded-text.js';
import { labCredentials } from './lab-credentials.js';

interface TrialCall {
  answered: boolean;
  /** Says who called whom, and what came of it. */
  sentence: string;
}

/** A phone that is signed in, and whose it is. */
interface Party {
  phone: Phone;
  sipUri: string;
}

/** What came of it: both calls, or the sentence that says why there was nobody to call. */
export interface CallTrial {
  reached: boolean;
  sentences: readonly string[];
}

/**
 * Whether a signed-in phone can call and be called: a second one signs in as `callee`, the way `like` did, and each calls the other, is
 * answered and hangs up. Rejects with the reason of the sign-in's signal when that aborts, or with a Failure `rehearsal/no-pin`.
 */
export async function tryCalls(phone: Phone, callee: LabUser, like: Omit<CellOptions, 'phone'>): Promise<CallTrial> {
  const one: Party = { phone, sipUri: (phone.memory.clientCertificate ?? phone.memory.credentials)?.sipUri ?? '' };
  const calls: TrialCall[] = [];
  const clock = new FastForwardClock();
  const { verdict } = await rehearseSignIn({
    ...like, credentials: labCredentials({ signIn: like.credentials.method }, callee), clock, trace: new Trace({ now: () => clock.now() }), memory: undefined,
    whileSignedIn: async (second) => {
      const other: Party = { phone: second, sipUri: callee.sipUri };
      calls.push(await tryCall(one, other, like.signal), await tryCall(other, one, like.signal));
    },
  });
  if (calls.length > 0) return { reached: calls.every(({ answered }) => answered), sentences: calls.map(({ sentence }) => sentence) };
  return { reached: false, sentences: [`There was nobody to call: a second phone could not sign in as ${userAtDomain(callee.sipUri)}. ${verdict.cause?.sentence ?? ''}`.trim()] };
}

async function tryCall(caller: Party, callee: Party, signal: AbortSignal): Promise<TrialCall> {
  const [from, to] = [userAtDomain(caller.sipUri), userAtDomain(callee.sipUri)];
  if (caller.phone.state !== 'signedIn') return { answered: false, sentence: `${from} cannot call ${to}: its phone is signed in no more.` };
  const stop = callee.phone.onChange(({ call }) => { if (call?.state === 'ringing') callee.phone.answer(); });
  caller.phone.call(callee.sipUri);
  const { call } = await caller.phone.until(({ call: own }) => own === undefined || own.state === 'connected' || own.state === 'ended', { signal }).finally(stop);
  if (call?.state !== 'connected') return { answered: false, sentence: `${from} cannot call ${to}: ${call?.ended?.reason ?? 'its phone is signed in no more'}.` };
  caller.phone.hangUp();
  await callee.phone.until(({ call: theirs }) => theirs === undefined || theirs.state === 'ended', { signal });
  return { answered: true, sentence: `${from} called ${to}: answered${call.codec === undefined ? '' : `, ${call.codec}`}, and hung up.` };
}

/** For the terminal, below a verdict. */
export function renderCalls({ sentences }: CallTrial, width: number): string {
  return `${sentences.flatMap((sentence, index) => folded(`  ${(index === 0 ? 'calls' : '').padEnd(11)}`, sentence, width)).join('\n')}\n`;
}
