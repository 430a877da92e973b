import { randomBytes } from 'node:crypto';
import { longestTimer } from '../../clock.js';
import { clause, Failure } from '../../failure.js';
import { locationProfileType, readLocationProfile } from '../../protocol/locationprofile/description.js';
import { mediaRelayType, readRelayResponse, writeRelayRequest } from '../../protocol/mediarelay/credentials.js';
import { readContactList, roamingContactsEvent, roamingContactsType, updatedContactList, type ContactList } from '../../protocol/presence/contact-list.js';
import {
  itemKey, publishFaultType, publishType, readVersions, readWrongDelta, roamingSelfType, writePublish,
} from '../../protocol/presence/publication.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { StageFailure } from '../stage-failure.js';
import type { UserService, UserServiceResult } from '../user-services.js';
import type { Endpoint } from './endpoint.js';
import { selfSubscription } from './in-band-settings.js';
import { registrationRefusal } from './registration-refusal.js';
import { statesOf } from './published-states.js';
import type { RegistrationClient } from './registration-client.js';
import type { SettingsClient } from './settings-client.js';
import type { Subscriber, SubscriptionRequest } from './subscriber.js';
import { renewalTime } from './upkeep.js';
import { readUri } from './user-agent.js';

/** Minutes that credentials for a media relay are asked for, as the SIPE client does; the device's own choice is not known. */
const relayDuration = 480;
/** ASSUMED: that they are renewed this many seconds before they end, short ones after half their time, and asked for again after as many where that failed. */
const relayMargin = 300;
/** Available, and not at a call. */
const available = 3500;

export interface UserServicesClientOptions {
  endpoint: Endpoint;
  subscriber: Subscriber;
  settings: SettingsClient;
  registration: RegistrationClient;
  peer: string;
}

/** Contact list, presence, media relay and location profile: what the phone has without them is less, but it is signed in. */
export class UserServicesClient {
  readonly #options: UserServicesClientOptions;
  /** Versions that this endpoint knows better than the last roaming-self document. */
  #published: { since: ReadonlyMap<string, number> | undefined; versions: Map<string, number> } = { since: undefined, versions: new Map() };
  #contactList: ContactList | undefined;
  #relayLife: number | undefined;

  constructor(options: UserServicesClientOptions) {
    this.#options = options;
  }

  /** Rejects with the reason of `signal`, and with failures of the registration or its connection, which are not this service's. */
  async obtain(service: UserService, signal: AbortSignal): Promise<UserServiceResult> {
    try {
      switch (service) {
        case 'contacts': return await this.#contacts(signal);
        case 'presence': return await this.#publish(signal);
        case 'mediaRelay': return await this.#mediaRelay(signal);
        case 'locationProfile': return await this.#locationProfile(signal);
      }
    } catch (error) {
      if (signal.aborted || !(error instanceof Failure) || isOfRegistration(error)) throw error;
      return { service, sentence: `${clause(error)}.` };
    }
  }

  /**
   * The contact list after a notification of it; undefined where that follows on another version than the phone has, so that the list is to be asked for
   * again (assumed). Throws a `Failure` for one that cannot be read.
   */
  contactsChanged(notification: Buffer): UserServiceResult | undefined {
    const updated = this.#contactList && updatedContactList(this.#contactList, notification);
    if (updated === undefined) return undefined;
    this.#contactList = updated;
    return toldContacts(updated);
  }

  /** Milliseconds after which the media relay's credentials, just obtained, are to be renewed; undefined where there are none. */
  get relayRenewal(): number | undefined {
    return this.#relayLife === undefined ? undefined : renewalTime(this.#relayLife, relayMargin);
  }

  async #contacts(signal: AbortSignal): Promise<UserServiceResult> {
    const service = 'contacts';
    const { subscriber } = this.#options;
    if (!subscriber.offers(roamingContactsEvent)) return { service, sentence: 'the registrar has no contact lists.' };
    const request: SubscriptionRequest = { headers: [`Event: ${roamingContactsEvent}`, `Accept: ${roamingContactsType}`, ...selfSubscription] };
    const answer = await subscriber.subscribe(request, signal);
    this.#contactList = readContactList(this.#bodyOf(answer.message, roamingContactsType));
    subscriber.keep(roamingContactsEvent, request, answer);
    return toldContacts(this.#contactList);
  }

  /** After roaming-self only: versions come from there (MS-PRES 3.2). Where another version is the current one, that is taken, once. */
  async #publish(signal: AbortSignal): Promise<UserServiceResult> {
    const service = 'presence';
    const { endpoint, settings } = this.#options;
    if (settings.versions === undefined) return { service, sentence: 'roaming-self did not answer, so the versions are not known.' };
    if (this.#published.since !== settings.versions) this.#published = { since: settings.versions, versions: new Map(settings.versions) };
    const { versions } = this.#published;
    const states = statesOf(endpoint, available);
    const send = () => this.#service(endpoint.sipUri, publishType, writePublish(endpoint.sipUri, states, versions), signal);
    let answer = await send();
    if (answer.status === 409 && answer.mediaType === publishFaultType) {
      const conflicts = readWrongDelta(answer.body);
      for (const [at, version] of conflicts ?? []) {
        const state = states[at];
        if (state !== undefined) versions.set(itemKey(state), version);
      }
      if (conflicts !== undefined && conflicts.size > 0) answer = await send();
    }
    for (const [key, version] of readVersions(this.#bodyOf(answer, roamingSelfType))) versions.set(key, version);
    return { service, sentence: `availability ${available} is published.`, data: available };
  }

  async #mediaRelay(signal: AbortSignal): Promise<UserServiceResult> {
    const service = 'mediaRelay';
    const before = this.#relayLife;
    this.#relayLife = undefined;
    const { endpoint, settings, registration } = this.#options;
    const location = registration.registered?.remote === true ? 'internet' : 'intranet';
    const uri = settings.serverConfiguration['mrasUri'];
    if (uri === undefined || uri === '') return { service, sentence: 'in-band provisioning names no service that gives credentials for one.' };
    if (before !== undefined) this.#relayLife = 2 * relayMargin;
    const requestId = randomBytes(4).readUInt32BE().toString();
    const request = { requestId, identity: endpoint.sipUri, service: checkedUri(uri, 'mrasUri'), location, duration: relayDuration } as const;
    const answer = await this.#service(uri, mediaRelayType, writeRelayRequest(request), signal);
    const { relays, duration } = readRelayResponse(this.#bodyOf(answer, mediaRelayType));
    this.#relayLife = Math.min(duration * 60, longestTimer / 1000);
    return { service, sentence: `credentials for ${relays.map(({ host }) => host).join(', ') || 'no relay'}.`, data: relays };
  }

  /** ASSUMED: that the request is empty; MS-SIPRE 3.8 describes the URI and the answer. */
  async #locationProfile(signal: AbortSignal): Promise<UserServiceResult> {
    const service = 'locationProfile';
    const uri = this.#options.settings.serverConfiguration['ucLocationProfile'];
    if (uri === undefined || uri === '') return { service, sentence: 'in-band provisioning names none.' };
    const { message } = await this.#options.subscriber.service(checkedUri(uri, 'ucLocationProfile'), { headers: [`Accept: ${locationProfileType}`] }, signal);
    const profile = readLocationProfile(this.#bodyOf(message, locationProfileType));
    return { service, sentence: `"${profile.name}" with ${profile.rules.length} rules.`, data: profile };
  }

  async #service(to: string, contentType: string, content: string, signal: AbortSignal): Promise<SipMessage> {
    const body = { contentDisposition: 'render', contentType, content };
    return (await this.#options.subscriber.service(to, { headers: [], body }, signal)).message;
  }

  /** The document of an answer that gives what was asked for. */
  #bodyOf(answer: SipMessage, expectedType: string): Buffer {
    const { peer } = this.#options;
    if (answer.status !== 200) throw new Failure('user-service/refused', registrationRefusal(answer, peer).message);
    if (answer.mediaType !== expectedType) {
      throw new Failure('user-service/unexpected', `${peer} answered with ${answer.mediaType || 'no document'} instead of ${expectedType}.`);
    }
    return answer.body;
  }
}

const toldContacts = ({ contacts }: ContactList): UserServiceResult => ({ service: 'contacts', sentence: `${contacts.length} of them.`, data: contacts });

/** Of a failure to send: silence to this one request says nothing of the registration. */
function isOfRegistration(error: Failure): boolean {
  return error instanceof StageFailure && !(error.rule === 'registrar-silent' && error.facts['method'] !== 'REGISTER');
}

function checkedUri(uri: string, name: string): string {
  try {
    readUri(uri);
    return uri;
  } catch {
    throw new Failure('user-service/no-uri', `In-band provisioning gives ${JSON.stringify(uri.slice(0, 200))} as ${name}, which is no SIP URI.`);
  }
}
