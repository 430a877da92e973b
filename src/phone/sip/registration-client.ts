import { randomBytes } from 'node:crypto';
import type { OutgoingRequestMessage } from 'sip.js/lib/core/index.js';
import type { Clock } from '../../clock.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import type { FirmwareProfile } from '../../firmware/schema.js';
import type { AccountCredentials, ClientCertificate } from '../steps.js';
import type { Endpoint } from './endpoint.js';
import type { RegisterSigning, RegistrarTransport } from './registrar-transport.js';
import { answerNtlmChallenge, ntlmRefused } from './ntlm-sign-in.js';
import { chooseProof, readChallenge, type Proof, type RegistrarChallenge } from './registrar-challenge.js';
import { readRegistration, registerHeaders, type Registered } from './registration.js';
import { registrationRefusal } from './registration-refusal.js';
import { agreeOnKeys } from './tls-dsk-sign-in.js';
import { renewalTime } from './upkeep.js';
import type { Answer, PhoneUserAgent } from './user-agent.js';

/** A security association lives eight hours, or as long as the certificate, less a margin of five minutes (MS-SIPAE 3.2.2). Milliseconds. */
const associationLife = 8 * 60 * 60_000;
const associationMargin = 5 * 60_000;
/** A registration is renewed this many seconds before it ends, a short one after half its time; the device's own choice is not known. */
const registrationMargin = 30;

export interface RegistrationClientOptions {
  endpoint: Endpoint;
  transport: RegistrarTransport;
  userAgent: PhoneUserAgent;
  peer: string;
  clock: Clock;
  signIn: FirmwareProfile['signIn'];
  /** The server had forgotten the security association and a new one was set up. */
  onReauthenticated: () => void;
}

/**
 * REGISTER and the security association that comes of it (MS-SIPAE 3.2, MS-SIPREGE 3.1). One request after another: a second
 * one must not be started while one is under way. All methods reject with `StageFailure` or the reason of their signal.
 */
export class RegistrationClient {
  readonly #options: RegistrationClientOptions;
  /** The same for all REGISTER requests of a sign-in; CSeq counts them, each leg of a handshake included. */
  readonly #callId = randomBytes(16).toString('hex');
  readonly #fromTag = randomBytes(5).toString('hex');
  #cseq = 0;
  #challenge: RegistrarChallenge | undefined;
  #certificate: ClientCertificate | undefined;
  #account: AccountCredentials | undefined;
  #associationEnds = 0;
  #registered: Registered | undefined;

  constructor(options: RegistrationClientOptions) {
    this.#options = options;
  }

  /** What the server said when it last accepted a registration. */
  get registered(): Registered | undefined {
    return this.#registered;
  }

  /** From the next handshake on. The association of now goes on until its own end. */
  useCertificate(certificate: ClientCertificate): void {
    this.#certificate = certificate;
  }

  /** Leg 1: a REGISTER without credentials. */
  async challenge(signal: AbortSignal): Promise<RegistrarChallenge> {
    this.#challenge = readChallenge(await this.#send(signal, 'unsigned'), this.#options.peer);
    return this.#challenge;
  }

  /** The legs after the first, and that one too where nobody has asked for the challenge yet. */
  async register(certificate: ClientCertificate | undefined, signal: AbortSignal, account?: AccountCredentials): Promise<Registered> {
    const { peer, signIn } = this.#options;
    this.#certificate = certificate;
    this.#account = account;
    const challenge = this.#challenge ?? await this.challenge(signal);
    // A challenge serves one handshake.
    this.#challenge = undefined;
    const proof = chooseProof(challenge, { certificate, account }, peer, signIn.registrarAuthentication);
    return proof.scheme === 'TLS-DSK' ? this.#byCertificate(proof, signal) : this.#byPassword(proof, signal);
  }

  async #byCertificate(proof: Extract<Proof, { scheme: 'TLS-DSK' }>, signal: AbortSignal): Promise<Registered> {
    const { transport, peer } = this.#options;
    transport.adopt(await agreeOnKeys(proof, peer, (credentials) => this.#send(signal, 'unsigned', `Proxy-Authorization: ${credentials}`)));
    this.#associationLastsUntil(proof.certificate.notAfter);
    return this.#accept(await this.#send(signal, { completing: true }));
  }

  async #byPassword(proof: Extract<Proof, { scheme: 'NTLM' }>, signal: AbortSignal): Promise<Registered> {
    const { transport, peer, clock, endpoint, signIn: { authenticationVersion } } = this.#options;
    const { association, completion } = await answerNtlmChallenge(proof, { peer, now: clock.now(), newest: authenticationVersion.value }, (credentials) =>
      this.#send(signal, 'unsigned', `Proxy-Authorization: ${credentials}`));
    transport.adopt(association);
    this.#associationLastsUntil(Infinity);
    const response = 'header' in completion ? await this.#send(signal, 'unsigned', `Proxy-Authorization: ${completion.header}`)
      : await this.#send(signal, { completing: true, ...completion });
    if (response.status === 401) throw ntlmRefused(proof, peer, endpoint.sipUri, authenticationVersion);
    return this.#accept(response);
  }

  /** @param end of what it stands on, milliseconds since 1970 */
  #associationLastsUntil(end: number): void {
    this.#associationEnds = Math.min(this.#options.clock.now() + associationLife, end) - associationMargin;
  }

  /** Milliseconds until `refresh` is due: before the registration ends, and before the association does; undefined without a registration. */
  get refreshDue(): number | undefined {
    if (this.#registered === undefined) return undefined;
    const registrationLeft = renewalTime(this.#registered.registration.expires, registrationMargin);
    const associationLeft = this.#associationEnds - this.#options.clock.now();
    // Under a certificate that is about to end, a new association would end no later.
    return associationLeft > 0 ? Math.min(registrationLeft, associationLeft) : registrationLeft;
  }

  /** Renews the registration, and first the security association when it is gone or would not last until the next time. */
  async refresh(signal: AbortSignal): Promise<Registered> {
    const period = (this.#registered?.registration.expires ?? 0) * 1000;
    const lasts = this.#options.clock.now() + period < this.#associationEnds;
    const response = lasts ? await this.#send(signal, 'signed') : undefined;
    if (response !== undefined && response.status !== 401) return this.#accept(response);
    return await this.#reauthenticate(signal) ?? this.#accept(await this.#send(signal, 'signed'));
  }

  /** Expires 0. What the server answers changes nothing. */
  async unregister(signal: AbortSignal): Promise<void> {
    await this.#send(signal, 'signed', 'Expires: 0');
  }

  /** Sends a signed request; when the server has lost the security association, sets up a new one and sends the request once more. */
  async sendSigned(compose: () => OutgoingRequestMessage, signal: AbortSignal): Promise<Answer> {
    const { userAgent } = this.#options;
    const answer = await userAgent.send(compose(), signal);
    if (answer.message.status !== 401 || await this.#reauthenticate(signal) === undefined) return answer;
    return userAgent.send(compose(), signal);
  }

  async #reauthenticate(signal: AbortSignal): Promise<Registered | undefined> {
    if (this.#certificate === undefined && this.#account === undefined) return undefined;
    const registered = await this.register(this.#certificate, signal, this.#account);
    this.#options.onReauthenticated();
    return registered;
  }

  #accept(response: SipMessage): Registered {
    const { endpoint, peer } = this.#options;
    if (response.status !== 200) throw registrationRefusal(response, peer);
    this.#registered = readRegistration(response, endpoint);
    return this.#registered;
  }

  async #send(signal: AbortSignal, signing: RegisterSigning, ...more: string[]): Promise<SipMessage> {
    const { userAgent, endpoint, transport } = this.#options;
    transport.registers = signing;
    const request = userAgent.compose({
      method: 'REGISTER', requestUri: `sip:${endpoint.sipDomain}`, callId: this.#callId, fromTag: this.#fromTag, cseq: ++this.#cseq,
      headers: [...registerHeaders(endpoint), ...more],
    });
    return (await userAgent.send(request, signal)).message;
  }
}
