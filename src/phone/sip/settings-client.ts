import { randomBytes } from 'node:crypto';
import type { OutgoingRequestMessage } from 'sip.js/lib/core/index.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import type { Trace } from '../../trace/trace.js';
import { clause } from '../connection.js';
import { StageFailure } from '../stage-failure.js';
import type { InBandSettings } from '../steps.js';
import type { Endpoint } from './endpoint.js';
import {
  provisioningEvent, provisioningQuery, readRoamingSelf, readServerConfiguration, roamingSelfEvent, roamingSelfSubscription, type SubscriptionRequest,
} from './in-band-settings.js';
import type { RegistrationClient } from './registration-client.js';
import { registrationRefusal } from './registration-refusal.js';
import { SelfSubscription } from './self-subscription.js';
import { renewalTime } from './upkeep.js';
import type { Answer, PhoneUserAgent } from './user-agent.js';

/** A subscription is renewed this many seconds before it ends, as the SIPE client does; the device's own choice is not known. */
const subscriptionMargin = 120;

export interface SettingsClientOptions {
  endpoint: Endpoint;
  userAgent: PhoneUserAgent;
  registration: RegistrationClient;
  peer: string;
  trace: Trace;
}

/** In-band provisioning and the standing subscription to the user's own data. Methods reject with `StageFailure` or the reason of their signal. */
export class SettingsClient {
  readonly #options: SettingsClientOptions;
  #subscription: SelfSubscription | undefined;
  /** Seconds. */
  #expires: number | undefined;

  constructor(options: SettingsClientOptions) {
    this.#options = options;
  }

  /** Milliseconds until the standing subscription is to be renewed; undefined where there is none. */
  get renewalDue(): number | undefined {
    return this.#expires === undefined ? undefined : renewalTime(this.#expires, subscriptionMargin);
  }

  /** Subscribes to provisioning-v2, then roaming-self (the phone's own order is not known); what the server does not give by the time `deadline` aborts stays unknown. */
  async fetch(signal: AbortSignal, deadline: AbortSignal): Promise<InBandSettings> {
    const { endpoint, registration, peer } = this.#options;
    const ask = (event: string, request: SubscriptionRequest) => this.#subscribe(event, request, deadline).catch((error: unknown) => {
      if (signal.aborted || !deadline.aborted) throw error;
      this.#note(`no ${event}: ${peer} did not answer in time`);
      return undefined;
    });
    const configuration = await ask(provisioningEvent, provisioningQuery(endpoint.subnet));
    const self = await ask(roamingSelfEvent, roamingSelfSubscription());
    if (self !== undefined) this.#keep(self);
    try {
      const own = documentOf(self, readRoamingSelf);
      return {
        displayName: own?.displayName ?? registration.registered?.registration.displayName, lineUri: own?.lineUri,
        serverConfiguration: documentOf(configuration, readServerConfiguration) ?? {},
      };
    } catch (error) {
      throw new StageFailure('provisioning-failed', 'retry', `${peer} sent settings that cannot be read: ${clause(error as Error)}.`, {
        facts: { peer }, cause: error,
      });
    }
  }

  /** Renews the standing subscription within its dialog; false when the server has no such dialog any more. */
  async renew(signal: AbortSignal): Promise<boolean> {
    const { registration } = this.#options;
    const subscription = this.#subscription;
    if (subscription === undefined) return false;
    const { headers, body } = roamingSelfSubscription();
    const { message } = await registration.sendSigned(() => subscription.createOutgoingRequestMessage('SUBSCRIBE', {
      extraHeaders: this.#headers(headers), body,
    }), signal);
    if (message.status !== 200) return false;
    this.#expires = lifeOf(message);
    return true;
  }

  /** The accepted answer; undefined when the server does not serve the event, which is no reason not to sign in. */
  async #subscribe(event: string, { headers, body }: SubscriptionRequest, signal: AbortSignal): Promise<Answer | undefined> {
    const { endpoint, userAgent, registration, peer } = this.#options;
    const allowed = registration.registered?.events ?? [];
    if (allowed.length > 0 && !allowed.includes(event)) return undefined;
    const callId = randomBytes(16).toString('hex');
    const fromTag = randomBytes(5).toString('hex');
    let cseq = 0;
    const compose = (): OutgoingRequestMessage => userAgent.compose({
      method: 'SUBSCRIBE', requestUri: endpoint.sipUri, callId, fromTag, cseq: ++cseq, headers: this.#headers(headers), body,
    });
    const answer = await registration.sendSigned(compose, signal);
    const { status = 0 } = answer.message;
    if (status >= 200 && status < 300) return answer;
    const { message, facts } = registrationRefusal(answer.message, peer);
    if (status >= 500) throw new StageFailure('provisioning-failed', 'retry', message, { facts: { ...facts, event } });
    this.#note(`no ${event}: ${message}`);
    return undefined;
  }

  #headers(own: readonly string[]): string[] {
    const { endpoint, registration } = this.#options;
    return [`Contact: <${registration.registered?.registration.gruu ?? endpoint.contactUri}>`, `User-Agent: ${endpoint.userAgent}`, ...own];
  }

  #keep({ request, response, message }: Answer): void {
    this.#subscription?.dispose();
    this.#subscription = new SelfSubscription(this.#options.userAgent.core, request, response);
    this.#expires = lifeOf(message);
  }

  #note(summary: string): void {
    this.#options.trace.record('phone', { layer: 'note', summary });
  }
}

/** What `read` makes of the notification an answer carries; undefined when the server did not send one along. */
function documentOf<T>(answer: Answer | undefined, read: (body: Buffer) => T): T | undefined {
  return answer === undefined || answer.message.body.length === 0 ? undefined : read(answer.message.body);
}

/** Seconds a subscription lasts from this answer on; undefined when it is over. */
function lifeOf(answer: SipMessage): number | undefined {
  const state = answer.get('subscription-state') ?? '';
  const seconds = Number(/^\s*active\s*;(?:.*;)?\s*expires=(\d{1,9})/i.exec(state)?.[1] ?? answer.get('Expires'));
  return seconds > 0 ? Math.min(seconds, 86_400) : undefined;
}
