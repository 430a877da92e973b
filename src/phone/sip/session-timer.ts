import { longestTimer, type Clock } from '../../clock.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { readParameters, splitOutsideQuotes } from '../../protocol/sip/quoted-text.js';

/** ASSUMED: that phones keep session timers (RFC 4028) at all, and ask for the half hour that the RFC recommends. Seconds. */
export const usualInterval = 1800;
/** The shortest that is taken (RFC 4028 section 4), and the longest that a timer here goes. Seconds. */
const leastInterval = 90;
const mostInterval = longestTimer / 1000;

/** What the two ends have agreed on. */
export interface SessionTimerAgreement {
  /** Seconds after which the session is over unless somebody refreshes it. */
  interval: number;
  /** Whether that is the phone. */
  refreshesHere: boolean;
  /** The longest Min-SE that anybody on the way has named; each refresh names it again (RFC 4028 section 7.4). Seconds. */
  least?: number;
}

/** Header lines of an INVITE that asks for a session timer and leaves open who refreshes (RFC 4028 section 7.1), after a 422 for the interval that this wanted at least (7.3). */
export function timerRequest(interval: number): string[] {
  return ['Supported: timer', `Session-Expires: ${interval}`, ...(interval === usualInterval ? [] : [`Min-SE: ${interval}`])];
}

/** Of a re-INVITE that refreshes: who sends it goes on doing so (section 7.4). */
export function timerRefresh({ interval, least }: SessionTimerAgreement): string[] {
  return ['Supported: timer', `Session-Expires: ${interval};refresher=uac`, ...(least === undefined ? [] : [`Min-SE: ${least}`])];
}

/** What a 2xx to an INVITE of the phone that named `least` agrees on; undefined where the other end wants no timer (RFC 4028 section 7.2). */
export function agreedTimer(response: SipMessage, least: number | undefined): SessionTimerAgreement | undefined {
  const wanted = sessionExpires(response);
  return wanted && { interval: Math.min(Math.max(wanted.interval, leastInterval), mostInterval), refreshesHere: wanted.refresher !== 'uas', ...(least === undefined ? {} : { least }) };
}

/** The interval that a 422, or a request to refresh, wants at least (RFC 4028 section 5); undefined where it wants none. */
export function leastWanted(message: SipMessage): number | undefined {
  const least = Number(/^\s*(\d{1,9})\b/.exec(message.get('Min-SE') ?? '')?.[1]);
  return (message.isRequest || message.status === 422) && least > 0 && least <= mostInterval ? least : undefined;
}

/**
 * The phone's answer to the timer that an INVITE asks for: headers of the 2xx and what is agreed on with it, or those of a 422 (RFC 4028 section 9, and for
 * a caller who does not know timers erratum 1687). Without a request there is no timer.
 */
export function timerAnswer(invite: SipMessage): { agreement?: SessionTimerAgreement; headers: string[] } | { tooShort: string[] } {
  const wanted = sessionExpires(invite);
  if (wanted === undefined) return { headers: ['Supported: timer'] };
  const supported = invite.getAll('Supported').some((value) => splitOutsideQuotes(value.toLowerCase(), ',').includes('timer'));
  // Who does not know session timers would not understand a 422, and cannot refresh.
  if (supported && wanted.interval < leastInterval) return { tooShort: [`Min-SE: ${leastInterval}`] };
  const interval = Math.min(Math.max(wanted.interval, leastInterval), mostInterval);
  const refresher = supported ? wanted.refresher ?? 'uac' : 'uas';
  const least = leastWanted(invite);
  return {
    agreement: { interval, refreshesHere: refresher === 'uas', ...(least === undefined ? {} : { least }) },
    // A caller who does not refresh is still to end a session that nobody refreshed.
    headers: [`Session-Expires: ${interval};refresher=${refresher}`, ...(supported ? ['Require: timer'] : []), 'Supported: timer'],
  };
}

function sessionExpires(message: SipMessage): { interval: number; refresher: 'uac' | 'uas' | undefined } | undefined {
  const [interval = '', ...parameters] = splitOutsideQuotes(message.get('Session-Expires') ?? '', ';');
  if (!/^\d{1,10}$/.test(interval)) return undefined;
  const refresher = readParameters(parameters).get('refresher')?.toLowerCase();
  return { interval: Number(interval), refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined };
}

/** Runs the timer of one session: refreshes at half time where that is the phone's, and ends a session that nobody refreshed (RFC 4028 section 10). */
export class SessionTimer {
  readonly #clock: Clock;
  #running: unknown[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Anew from now on. */
  start({ interval, refreshesHere }: SessionTimerAgreement, then: { refresh: () => void; expire: () => void }): void {
    this.stop();
    if (refreshesHere) this.#after(interval / 2, then.refresh);
    // A little before the end, so that the BYE gets there in time.
    this.#after(interval - Math.min(32, interval / 3), then.expire);
  }

  stop(): void {
    for (const timer of this.#running.splice(0)) this.#clock.clearTimeout(timer);
  }

  #after(seconds: number, task: () => void): void {
    this.#running.push(this.#clock.setTimeout(task, seconds * 1000));
  }
}
