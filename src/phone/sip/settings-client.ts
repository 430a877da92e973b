import { clause } from '../../failure.js';
import { readVersions } from '../../protocol/presence/publication.js';
import type { Trace } from '../../trace/trace.js';
import { StageFailure } from '../stage-failure.js';
import type { InBandSettings } from '../steps.js';
import type { Endpoint } from './endpoint.js';
import {
  provisioningEvent, provisioningQuery, readRoamingSelf, readServerConfiguration, roamingSelfEvent, roamingSelfSubscription,
} from './in-band-settings.js';
import type { RegistrationClient } from './registration-client.js';
import { registrationRefusal } from './registration-refusal.js';
import type { Subscriber, SubscriptionRequest } from './subscriber.js';
import type { Answer } from './user-agent.js';

export interface SettingsClientOptions {
  endpoint: Endpoint;
  subscriber: Subscriber;
  registration: RegistrationClient;
  peer: string;
  trace: Trace;
}

/** In-band provisioning and the standing subscription to the user's own data. Methods reject with `StageFailure` or the reason of their signal. */
export class SettingsClient {
  readonly #options: SettingsClientOptions;
  #serverConfiguration: InBandSettings['serverConfiguration'] = {};
  #versions: ReadonlyMap<string, number> | undefined;

  constructor(options: SettingsClientOptions) {
    this.#options = options;
  }

  /** What provisioning-v2 last told. */
  get serverConfiguration(): InBandSettings['serverConfiguration'] {
    return this.#serverConfiguration;
  }

  /** What roaming-self told of the versions of what is published; undefined when it has not answered. */
  get versions(): ReadonlyMap<string, number> | undefined {
    return this.#versions;
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
    const selfSubscription = roamingSelfSubscription();
    const self = await ask(roamingSelfEvent, selfSubscription);
    if (self !== undefined) this.#options.subscriber.keep(roamingSelfEvent, selfSubscription, self);
    try {
      const own = documentOf(self, readRoamingSelf);
      this.#versions = documentOf(self, readVersions) ?? (self && new Map());
      this.#serverConfiguration = documentOf(configuration, readServerConfiguration) ?? {};
      return {
        displayName: own?.displayName ?? registration.registered?.registration.displayName, lineUri: own?.lineUri, serverConfiguration: this.#serverConfiguration,
      };
    } catch (error) {
      throw new StageFailure('provisioning-failed', 'retry', `${peer} sent settings that cannot be read: ${clause(error as Error)}.`, {
        facts: { peer }, cause: error,
      });
    }
  }

  /** The accepted answer; undefined when the server does not serve the event, which is no reason not to sign in. */
  async #subscribe(event: string, request: SubscriptionRequest, signal: AbortSignal): Promise<Answer | undefined> {
    const { subscriber, peer } = this.#options;
    if (!subscriber.offers(event)) return undefined;
    const answer = await subscriber.subscribe(request, signal);
    const { status = 0 } = answer.message;
    if (status >= 200 && status < 300) return answer;
    const { message, facts } = registrationRefusal(answer.message, peer);
    if (status >= 500) throw new StageFailure('provisioning-failed', 'retry', message, { facts: { ...facts, event } });
    this.#note(`no ${event}: ${message}`);
    return undefined;
  }

  #note(summary: string): void {
    this.#options.trace.record('phone', { layer: 'note', summary });
  }
}

/** What `read` makes of the notification an answer carries; undefined when the server did not send one along. */
function documentOf<T>(answer: Answer | undefined, read: (body: Buffer) => T): T | undefined {
  return answer === undefined || answer.message.body.length === 0 ? undefined : read(answer.message.body);
}
