import type { CallAction } from '../call.js';
import { mostMoves, redirectLoop } from '../moves.js';
import type { AccountCredentials, ClientCertificate, InBandSettings, RegistrarCandidate, RegistrarOffer, Registration, SessionEvent, SipSession } from '../steps.js';
import { RegistrationRedirect, type RegistrarAddress } from './redirect.js';

/**
 * A session that goes where the registrar sends it. A Director, or a pool that the user was moved away from, answers an
 * authenticated REGISTER with the user's home server; the phone closes the connection and starts again there, with the same
 * certificate.
 */
export class FollowedSession implements SipSession {
  /** The one first connected to until the registration is accepted, then the one that accepted it. */
  candidate: RegistrarCandidate;
  readonly #connect: (candidate: RegistrarCandidate, signal: AbortSignal) => Promise<SipSession>;
  #session: SipSession;
  #closed = false;

  constructor(session: SipSession, connect: (candidate: RegistrarCandidate, signal: AbortSignal) => Promise<SipSession>) {
    this.candidate = session.candidate;
    this.#session = session;
    this.#connect = connect;
  }

  async register(certificate: ClientCertificate | undefined, signal: AbortSignal, account?: AccountCredentials): Promise<Registration> {
    for (let redirects = 0; ; redirects++) {
      try {
        const registration = await this.#session.register(certificate, signal, account);
        this.candidate = this.#session.candidate;
        return registration;
      } catch (error) {
        if (!(error instanceof RegistrationRedirect)) throw error;
        if (redirects === mostMoves) throw redirectLoop(String(error.facts['peer']), error.target);
        await this.#moveTo(error.target, signal);
      }
    }
  }

  challenge(signal: AbortSignal): Promise<RegistrarOffer> {
    return this.#session.challenge(signal);
  }

  provision(signal: AbortSignal): Promise<InBandSettings> {
    return this.#session.provision(signal);
  }

  maintain(report: (event: SessionEvent) => void): () => void {
    return this.#session.maintain(report);
  }

  useCertificate(certificate: ClientCertificate): void {
    this.#session.useCertificate(certificate);
  }

  call(action: CallAction): void {
    this.#session.call(action);
  }

  signOut(signal: AbortSignal): Promise<void> {
    return this.#session.signOut(signal);
  }

  close(): void {
    this.#closed = true;
    this.#session.close();
  }

  async #moveTo(target: RegistrarAddress, signal: AbortSignal): Promise<void> {
    const { candidate } = this.#session;
    this.#session.close();
    this.#session = await this.#connect({ ...candidate, ...target, asked: `redirect of ${candidate.host}:${candidate.port}` }, signal);
    // Closed meanwhile: what is asked of the session next fails for that.
    if (this.#closed) this.#session.close();
  }
}
