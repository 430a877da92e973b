import { randomBytes } from 'node:crypto';
import type { OutgoingRequestMessage } from 'sip.js/lib/core/index.js';
import type { Body } from 'sip.js/lib/core/messages/body.js';
import { longestTimer, type Clock } from '../../clock.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import type { Endpoint } from './endpoint.js';
import type { RegistrationClient } from './registration-client.js';
import { SelfSubscription } from './self-subscription.js';
import { renewalTime } from './upkeep.js';
import type { Answer, PhoneUserAgent } from './user-agent.js';

/** A subscription is renewed this many seconds before it ends, as the SIPE client does; the device's own choice is not known. */
const subscriptionMargin = 120;

/** What a SUBSCRIBE carries beside what all of them do. */
export interface SubscriptionRequest {
  /** After Contact. */
  headers: readonly string[];
  body?: Body;
}

interface Standing {
  request: SubscriptionRequest;
  dialog: SelfSubscription;
  /** Milliseconds since 1970; undefined when the subscription is over. */
  due: number | undefined;
}

export interface SubscriberOptions {
  endpoint: Endpoint;
  userAgent: PhoneUserAgent;
  registration: RegistrationClient;
  clock: Clock;
}

/** Sends signed requests of the user to the user or to a service, and keeps the subscriptions that come of them. Rejects as `RegistrationClient.sendSigned` does. */
export class Subscriber {
  readonly #options: SubscriberOptions;
  /** By event. */
  readonly #standing = new Map<string, Standing>();

  constructor(options: SubscriberOptions) {
    this.#options = options;
  }

  /** Whether the server says that it serves an event; one that lists none may serve any. */
  offers(event: string): boolean {
    const allowed = this.#options.registration.registered?.events ?? [];
    return allowed.length === 0 || allowed.includes(event);
  }

  /** A SUBSCRIBE to one's own data, in a dialog of its own. */
  subscribe(request: SubscriptionRequest, signal: AbortSignal): Promise<Answer> {
    return this.#send('SUBSCRIBE', this.#options.endpoint.sipUri, request, signal);
  }

  /** A SERVICE to the user's own address, or to that of a service; both `To` and Request-URI name it. */
  service(to: string, request: SubscriptionRequest, signal: AbortSignal): Promise<Answer> {
    return this.#send('SERVICE', to, request, signal);
  }

  /** Keeps the subscription that an answer has accepted, in place of an earlier one to the event. */
  keep(event: string, subscription: SubscriptionRequest, { request, response, message }: Answer): void {
    this.#standing.get(event)?.dialog.dispose();
    const dialog = new SelfSubscription(this.#options.userAgent.core, request, response);
    this.#standing.set(event, { request: subscription, dialog, due: this.#dueAfter(message) });
  }

  /** Whether a notification belongs to the subscription that is kept for its event, and not to one that has been given up. */
  isCurrent(event: string, notification: SipMessage): boolean {
    return this.#standing.get(event)?.dialog.callId === notification.get('Call-ID');
  }

  /** Milliseconds until the first of the standing subscriptions is to be renewed; undefined where there is none. */
  get renewalDue(): number | undefined {
    const due = [...this.#standing.values()].flatMap((each) => each.due ?? []);
    return due.length === 0 ? undefined : Math.max(0, Math.min(...due) - this.#options.clock.now());
  }

  /** Renews what is due, within its dialog; false when the server does not have one of them any more. */
  async renew(signal: AbortSignal): Promise<boolean> {
    for (const standing of this.#standing.values()) {
      if (standing.due === undefined || standing.due > this.#options.clock.now()) continue;
      const { request: { headers, body }, dialog } = standing;
      const { message } = await this.#options.registration.sendSigned(() => dialog.createOutgoingRequestMessage('SUBSCRIBE', {
        extraHeaders: this.#headers(headers), ...(body && { body }),
      }), signal);
      if (message.status !== 200) return false;
      standing.due = this.#dueAfter(message);
    }
    return this.#standing.size > 0;
  }

  #send(method: 'SUBSCRIBE' | 'SERVICE', to: string, { headers, body }: SubscriptionRequest, signal: AbortSignal): Promise<Answer> {
    const { userAgent, registration } = this.#options;
    const callId = randomBytes(16).toString('hex');
    const fromTag = randomBytes(5).toString('hex');
    let cseq = 0;
    const compose = (): OutgoingRequestMessage => userAgent.compose({
      method, requestUri: to, to, callId, fromTag, cseq: ++cseq, headers: this.#headers(headers), ...(body && { body }),
    });
    return registration.sendSigned(compose, signal);
  }

  #headers(own: readonly string[]): string[] {
    const { endpoint, userAgent } = this.#options;
    return [`Contact: ${userAgent.contact}`, `User-Agent: ${endpoint.userAgent}`, ...own];
  }

  #dueAfter(answer: SipMessage): number | undefined {
    const seconds = lifeOf(answer);
    return seconds === undefined ? undefined : this.#options.clock.now() + renewalTime(seconds, subscriptionMargin);
  }
}

/** Seconds a subscription lasts from this answer on; undefined when it is over. */
function lifeOf(answer: SipMessage): number | undefined {
  const state = answer.get('subscription-state') ?? '';
  const seconds = Number(/^\s*active\s*;(?:.*;)?\s*expires=(\d{1,9})/i.exec(state)?.[1] ?? answer.get('Expires'));
  return seconds > 0 ? Math.min(seconds, longestTimer / 1000) : undefined;
}
