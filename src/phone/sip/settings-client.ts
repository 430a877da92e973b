import { randomBytes } from 'node:crypto';
import type { OutgoingRequestMessage } from 'sip.js/lib/core/index.js';
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
import type { Answer, PhoneUserAgent } from './user-agent.js';

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
  #expires: number | undefined;

  constructor(options: SettingsClientOptions) {
    this.#options = options;
  }

  /** Seconds the standing subscription lasts; undefined where there is none. */
  get expires(): number | undefined {
    return this.#expires;
  }

  /** Subscribes to provisioning-v2 and roaming-self; what the server does not give by the time `deadline` aborts stays unknown. */
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
      const own = self && readRoamingSelf(self.message.body);
      return {
        displayName: own?.displayName ?? registration.registered?.registration.displayName, lineUri: own?.lineUri,
        serverConfiguration: configuration === undefined ? {} : readServerConfiguration(configuration.message.body),
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
    return message.status === 200;
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
    const seconds = /^\s*active\s*;(?:.*;)?\s*expires=(\d{1,9})/i.exec(message.get('subscription-state') ?? '')?.[1] ?? message.get('Expires');
    this.#expires = Number(seconds) > 0 ? Number(seconds) : undefined;
  }

  #note(summary: string): void {
    this.#options.trace.record('phone', { layer: 'note', summary });
  }
}
