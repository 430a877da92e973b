import type { Socket } from 'node:net';
import { clause } from '../../failure.js';
import { within } from '../../network/deadline.js';
import { roamingContactsEvent } from '../../protocol/presence/contact-list.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { StageFailure } from '../stage-failure.js';
import { userServices, userServiceSentence, type UserService, type UserServiceResult } from '../user-services.js';
import type { AccountCredentials, ClientCertificate, InBandSettings, RegistrarCandidate, RegistrarOffer, Registration, SessionEvent, SipSession, StepTools } from '../steps.js';
import type { CallAction } from '../call.js';
import { CallClient } from './call-client.js';
import { deregistration } from './deregistration.js';
import { makeEndpoint } from './endpoint.js';
import { readRoamingSelf, roamingSelfEvent } from './in-band-settings.js';
import { RegistrationRedirect } from './redirect.js';
import { RegistrarTransport } from './registrar-transport.js';
import { RegistrationClient } from './registration-client.js';
import { SettingsClient } from './settings-client.js';
import { Subscriber } from './subscriber.js';
import { hasUserServices } from './survivable-mode.js';
import { Upkeep } from './upkeep.js';
import { PhoneUserAgent } from './user-agent.js';
import { UserServicesClient } from './user-services-client.js';

/** A connected socket with everything SIP about it; `connectRegistrar` makes one. */
export class RegistrarSession implements SipSession {
  readonly candidate: RegistrarCandidate;
  readonly #tools: StepTools;
  readonly #transport: RegistrarTransport;
  readonly #userAgent: PhoneUserAgent;
  readonly #registration: RegistrationClient;
  readonly #subscriber: Subscriber;
  readonly #settings: SettingsClient;
  readonly #userServices: UserServicesClient;
  readonly #calls: CallClient;
  /** Of the user, once provisioning has told it. */
  #lineUri: string | undefined;
  #upkeep: Upkeep | undefined;
  #survivable = false;
  /** What happened before anybody maintained the session waits here. */
  readonly #unreported: SessionEvent[] = [];
  #report: (event: SessionEvent) => void = (event) => { this.#unreported.push(event); };

  /** @param options `sipUri` must be one that `readUri` takes */
  constructor(options: { socket: Socket; candidate: RegistrarCandidate; sipUri: string }, tools: StepTools) {
    const { socket, candidate, sipUri } = options;
    const { clock, trace, profile } = tools;
    const peer = `${candidate.host}:${candidate.port}`;
    const endpoint = makeEndpoint({ sipUri, candidate, localPort: socket.localPort ?? 0 }, tools);
    const transport = this.#transport = new RegistrarTransport({
      socket, clock, trace, peer, protocol: candidate.transport === 'tls' ? 'TLS' : 'TCP',
      onMessage: (message, text) => { this.#receive(message, text); },
      onLost: (failure) => {
        this.#upkeep?.stop();
        this.#calls.abandon('the connection to the server was lost');
        this.#userAgent.dispose(failure);
        this.#report({ type: 'lost', failure });
      },
    });
    const userAgent = this.#userAgent = new PhoneUserAgent({
      endpoint, transport, peer, clock, trace, requestTimeout: profile.timers.request.value,
      contactUri: () => this.#registration.registered?.registration.gruu ?? endpoint.contactUri,
    });
    const registration = this.#registration = new RegistrationClient({
      endpoint, transport, userAgent, peer, clock, signIn: profile.signIn, onReauthenticated: () => { this.#report({ type: 're-authenticated' }); },
    });
    const subscriber = this.#subscriber = new Subscriber({ endpoint, userAgent, registration, clock });
    const settings = this.#settings = new SettingsClient({ endpoint, subscriber, registration, peer, trace });
    this.#userServices = new UserServicesClient({ endpoint, subscriber, settings, registration, peer });
    this.#calls = new CallClient({
      clock, endpoint, userAgent, lineUri: () => this.#lineUri, report: (call) => { this.#report({ type: 'call', call }); },
      reauthenticate: () => this.#reauthenticate(),
    });
    this.candidate = candidate;
    this.#tools = tools;
  }

  async challenge(signal: AbortSignal): Promise<RegistrarOffer> {
    const { certProvUrl, offered } = await this.#registration.challenge(signal);
    return { certProvUrl, offered };
  }

  async register(certificate: ClientCertificate | undefined, signal: AbortSignal, account?: AccountCredentials): Promise<Registration> {
    return (await this.#registration.register(certificate, signal, account)).registration;
  }

  /** The home screen comes up without settings that take longer than the profile's time for provisioning; that a phone does so is assumed. */
  async provision(signal: AbortSignal): Promise<InBandSettings> {
    const { clock, profile } = this.#tools;
    const settings = await within({ clock, signal }, profile.timers.provisioning.value, (deadline) => this.#settings.fetch(signal, deadline));
    this.#lineUri = settings.lineUri;
    return settings;
  }

  maintain(report: (event: SessionEvent) => void): () => void {
    const upkeep = this.#upkeep = new Upkeep(this.#tools.clock, (error) => {
      this.#report(error instanceof RegistrationRedirect ? { type: 'moved', to: error.target } : { type: 'lost', failure: asStageFailure(error) });
    });
    this.#report = report;
    if (this.#transport.failure === undefined) {
      this.#keepAlive(upkeep);
      this.#keepRegistered(upkeep);
      this.#keepSubscribed(upkeep);
      this.#obtainUserServices(upkeep);
    }
    for (const event of this.#unreported.splice(0)) report(event);
    return () => {
      upkeep.stop();
      this.#report = () => undefined;
    };
  }

  useCertificate(certificate: ClientCertificate): void {
    this.#registration.useCertificate(certificate);
  }

  call(action: CallAction): void {
    this.#calls.act(action);
  }

  async signOut(signal: AbortSignal): Promise<void> {
    this.#calls.act({ do: 'hang-up' });
    try {
      await this.#registration.unregister(signal);
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#report = () => undefined;
    this.#upkeep?.stop();
    this.#calls.abandon('the phone closed the connection');
    this.#userAgent.dispose(this.#transport.close());
  }

  #keepAlive(upkeep: Upkeep): void {
    const { clock } = this.#tools;
    const interval = (this.#registration.registered?.registration.keepAlive ?? 0) * 1000;
    if (interval === 0) return;
    upkeep.schedule('keep-alive', this.#transport.lastSent + interval - clock.now(), () => {
      // A write that fails shows as a lost connection.
      if (clock.now() - this.#transport.lastSent >= interval) this.#transport.keepAlive().catch(() => undefined);
      this.#keepAlive(upkeep);
    });
  }

  #keepRegistered(upkeep: Upkeep): void {
    const due = this.#registration.refreshDue;
    if (due === undefined) return;
    upkeep.schedule('registration', due, () => upkeep.run((signal) => this.#refresh(upkeep, signal)));
  }

  async #refresh(upkeep: Upkeep, signal: AbortSignal): Promise<void> {
    const { registration, action } = await this.#registration.refresh(signal);
    // A refresh that had to be added or repaired has lost its subscriptions (MS-SIPREGE 3.1.1.5.1).
    if (action === 'added' || action === 'fixed') {
      await this.provision(signal);
      this.#keepSubscribed(upkeep);
      this.#obtainUserServices(upkeep);
    }
    this.#report({ type: 'refreshed', registration });
    this.#keepRegistered(upkeep);
  }

  /** Out of turn: a request found the security association gone. */
  #reauthenticate(): Promise<void> {
    const upkeep = this.#upkeep;
    return new Promise((resolve, reject) => {
      if (upkeep === undefined) reject(new Error('Nobody keeps the registration up.'));
      else upkeep.run((signal) => this.#refresh(upkeep, signal).then(resolve, (error: unknown) => {
        reject(asStageFailure(error));
        throw error;
      }));
    });
  }

  #keepSubscribed(upkeep: Upkeep): void {
    const due = this.#subscriber.renewalDue;
    if (due === undefined) return;
    upkeep.schedule('subscription', due, () => upkeep.run(async (signal) => {
      if (!await this.#subscriber.renew(signal)) {
        await this.provision(signal);
        this.#obtainUserServices(upkeep);
      }
      this.#keepSubscribed(upkeep);
    }));
  }

  /** One after another, with room between them for a refresh that is due: a server that leaves them unanswered keeps nothing else waiting. */
  #obtainUserServices(upkeep: Upkeep, [service, ...others]: readonly UserService[] = userServices): void {
    if (service === undefined) return;
    upkeep.run(async (signal) => {
      this.#tell(await this.#userServices.obtain(service, signal));
      if (service === 'contacts') this.#keepSubscribed(upkeep);
      if (service === 'mediaRelay') this.#keepRelay(upkeep);
      this.#obtainUserServices(upkeep, others);
    });
  }

  #keepRelay(upkeep: Upkeep): void {
    const due = this.#userServices.relayRenewal;
    if (due !== undefined) upkeep.schedule('media-relay', due, () => { this.#obtainUserServices(upkeep, ['mediaRelay']); });
  }

  #tell(result: UserServiceResult): void {
    this.#tools.trace.record('phone', { layer: 'note', summary: userServiceSentence(result) });
    this.#report({ type: 'userService', result });
  }

  #receive(message: SipMessage, text: string): void {
    this.#noteSurvivableMode(message);
    const notification = message.isRequest && (message.method === 'NOTIFY' || message.method === 'BENOTIFY');
    // A BENOTIFY is a NOTIFY that must not be answered (MS-SIP): sip.js does not know it and never sees it.
    if (!message.isRequest || message.method !== 'BENOTIFY') this.#userAgent.receive(message, text);
    if (!notification) return;
    const subscribed = message.get('Event')?.toLowerCase();
    if (subscribed === roamingSelfEvent) this.#read(() => { this.#noteChange(message); });
    if (subscribed === roamingContactsEvent && message.body.length > 0 && this.#subscriber.isCurrent(subscribed, message)) this.#read(() => { this.#changeContacts(message); });
    const event = deregistration(message);
    if (event !== undefined) this.#report(event);
  }

  #noteSurvivableMode(message: SipMessage): void {
    const available = hasUserServices(message);
    if (available === undefined || available !== this.#survivable) return;
    this.#survivable = !available;
    this.#note(available ? 'the server has user services again' : 'the server has no user services for now (survivable mode): the phone stays registered, and calls');
  }

  #noteChange(message: SipMessage): void {
    const changes = Object.entries(readRoamingSelf(message.body)).flatMap(([name, value]) => value === undefined ? [] : [`${name} ${value}`]);
    this.#note(`the user's own data changed: ${changes.join(', ') || 'nothing the phone shows'}`);
  }

  #changeContacts(message: SipMessage): void {
    const result = this.#userServices.contactsChanged(message.body);
    if (result !== undefined) this.#tell(result);
    else this.#upkeep?.schedule('contacts', 0, () => { if (this.#upkeep !== undefined) this.#obtainUserServices(this.#upkeep, ['contacts']); });
  }

  #read(notification: () => void): void {
    try {
      notification();
    } catch (error) {
      this.#note(`a notification cannot be read: ${clause(error as Error)}`);
    }
  }

  #note(summary: string): void {
    this.#tools.trace.record('phone', { layer: 'note', summary });
  }
}

function asStageFailure(error: unknown): StageFailure {
  if (error instanceof StageFailure) return error;
  return new StageFailure('connection-lost', 'retry', `The registration could not be kept up: ${clause(error as Error)}.`, { cause: error });
}
