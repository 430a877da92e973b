import type { SecureContext } from 'node:tls';
import { Failure } from '../../failure.js';
import { authenticationHeaders, type AuthenticationHeader } from '../../protocol/sip/authentication-header.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord, parseNameAddress } from '../../protocol/sip/name-address.js';
import { SecurityAssociation } from '../../protocol/sip/security-association.js';
import { tlsDskServerContext } from '../../protocol/tlsdsk/handshake.js';
import type { Deployment, ServerIdentity } from '../deployment.js';
import { associationLifetime, type Association } from './association.js';
import { usersNamed } from './call-target.js';
import { challengeHeaders, isOffered, realm, tokenHeaders, type Challenger } from './challenge.js';
import type { Connection } from './connection.js';
import { NtlmAuthentication, TlsDskAuthentication, type Handshake, type Proven } from './handshake.js';
import { notThisUser, type Refusal } from './response.js';

export type Authentication =
  | { kind: 'authenticated'; association: Association }
  /** To be refused; signed where the handshake had succeeded and only the user is wrong. */
  | { kind: 'refused'; refusal: Refusal; security?: SecurityAssociation };

/** Which status this id goes with is not known; with 401 the client can begin again. */
const handshakeFailed = { id: 1000, reason: 'Final handshake failed' };

/** Decides who sent a request: by its signature, or by the handshake that its REGISTER carries on (MS-SIPAE 3.3.5). */
export class Authenticator {
  readonly #deployment: Deployment;
  readonly #server: Challenger;
  readonly #identity: () => ServerIdentity;
  #context: { key: string; value: SecureContext } | undefined;

  constructor(deployment: Deployment, server: Challenger, identity: () => ServerIdentity) {
    this.#deployment = deployment;
    this.#server = server;
    this.#identity = identity;
  }

  /** Never rejects for what the client sent. */
  async authenticate(connection: Connection, request: SipMessage): Promise<Authentication> {
    const from = parseNameAddress(request.get('From') ?? '');
    const endpoint = { aor: addressOfRecord(from.uri), epid: from.parameters.get('epid') ?? '' };
    const credentials = authenticationHeaders(request, 'credentials').find(({ scheme, parameters }) =>
      isOffered(scheme, this.#deployment, this.#server, request) && parameters.get('realm') === realm && parameters.get('targetname') === this.#server.fqdn);
    if (!credentials) return this.#challenge(connection, request);
    const association = connection.associations.get(credentials.parameters.get('opaque') ?? '');
    if (association) return this.#checkSignature(connection, association, endpoint, request);
    if (request.method !== 'REGISTER') return this.#challenge(connection, request);
    try {
      return await this.#handshake(connection, endpoint, credentials, request);
    } catch (error) {
      dropHandshake(connection);
      if (!(error instanceof Failure)) throw error;
      this.#note(`${credentials.scheme} of ${endpoint.aor} failed: ${error.message}`);
      return this.#challenge(connection, request, handshakeFailed);
    }
  }

  /**
   * Whether a client's answer is signed as requests are. A bad one is noted and passed over; an answer under an association that has
   * ended meanwhile, as that to a deregistration has, is not even noted.
   */
  checkAnswer(connection: Connection, answer: SipMessage): boolean {
    const [credentials] = authenticationHeaders(answer, 'credentials');
    const verified = connection.associations.get(credentials?.parameters.get('opaque') ?? '')?.security.verify(answer);
    const reason = credentials === undefined ? 'unsigned' : verified?.ok === false ? verified.reason : undefined;
    if (reason !== undefined) this.#note(`The answer to a ${answer.method} was passed over: its signature is ${reason}.`);
    return verified?.ok === true;
  }

  #checkSignature(connection: Connection, association: Association, endpoint: { aor: string; epid: string }, request: SipMessage): Authentication {
    if (association.expires <= this.#deployment.now()) {
      connection.associations.delete(association.security.opaque);
      return this.#challenge(connection, request);
    }
    const verified = association.security.verify(request);
    if (!verified.ok) {
      this.#note(`A ${request.method} of ${endpoint.aor} was refused: its signature is ${verified.reason}.`);
      return this.#challenge(connection, request);
    }
    if (association.aor !== endpoint.aor && !this.#wasDialled(association, request)) return { kind: 'refused', refusal: notThisUser, security: association.security };
    return association.epid === endpoint.epid ? { kind: 'authenticated', association } : this.#challenge(connection, request);
  }

  /** Who was called by number speaks under that number for the rest of the call (RFC 3261 section 12.2.1.1). */
  #wasDialled({ user }: Association, request: SipMessage): boolean {
    const inDialog = parseNameAddress(request.get('To') ?? '').parameters.has('tag');
    return inDialog && usersNamed(parseNameAddress(request.get('From') ?? '').uri, this.#deployment.users).some(({ sipUri }) => sipUri === user.sipUri);
  }

  async #handshake(
    connection: Connection, endpoint: { aor: string; epid: string }, { scheme, parameters }: AuthenticationHeader, request: SipMessage,
  ): Promise<Authentication> {
    const current = connection.handshake;
    const token = Buffer.from(parameters.get('gssapi-data') ?? '', 'base64');
    const opaque = parameters.get('opaque');
    if (opaque === undefined) return this.#begin(connection, endpoint, scheme, token);
    if (!current || current.with.scheme !== scheme || current.with.opaque !== opaque || current.aor !== endpoint.aor || current.epid !== endpoint.epid) {
      return this.#challenge(connection, request);
    }
    if (token.length > 0) {
      const answer = await current.with.step(token);
      if (answer.length > 0) return this.#token(current.with, answer);
    }
    const { proven } = current.with;
    if (!proven) throw new Failure('registrar/handshake', 'A REGISTER came without a token before the handshake was over.');
    dropHandshake(connection);
    return this.#complete(connection, endpoint, current.with, proven, request);
  }

  async #begin(connection: Connection, endpoint: { aor: string; epid: string }, scheme: string, token: Buffer): Promise<Authentication> {
    dropHandshake(connection);
    const handshake = scheme === 'TLS-DSK'
      ? new TlsDskAuthentication(this.#serverContext()) : new NtlmAuthentication(this.#ntlmNames(), this.#deployment.users);
    connection.handshake = { with: handshake, ...endpoint };
    return this.#token(handshake, await handshake.step(token));
  }

  /** The REGISTER that completes a handshake is signed itself (version 4), and its sender must be allowed to be whom From names. */
  #complete(
    connection: Connection, endpoint: { aor: string; epid: string }, handshake: Handshake, { signer, identity }: Proven, request: SipMessage,
  ): Authentication {
    const security = new SecurityAssociation({
      end: 'server', scheme: handshake.scheme, opaque: handshake.opaque, realm, targetName: this.#server.fqdn, version: this.#server.authenticationVersion, signer,
    });
    const verified = this.#server.authenticationVersion >= 4 ? security.verify(request) : { ok: true as const };
    if (!verified.ok) throw new Failure('registrar/signature', `The signature of the completing REGISTER is ${verified.reason}.`);
    const certificateEnd = identity.kind === 'certificate' ? Date.parse(identity.certificate.validTo) : Infinity;
    if (certificateEnd <= this.#deployment.now()) throw new Failure('registrar/certificate-expired', `The client certificate expired at ${new Date(certificateEnd).toISOString()}.`);
    const user = this.#deployment.users.bySipUri(endpoint.aor);
    const expires = Math.min(this.#deployment.now() + associationLifetime, certificateEnd);
    if (!user) return { kind: 'refused', refusal: noSuchUser, security };
    const association = { security, user, ...endpoint, expires };
    const isHers = identity.kind === 'certificate'
      ? this.#deployment.clientCertificates.isPublished(identity.certificate.raw, user.sipUri)
      : identity.user.sipUri.toLowerCase() === user.sipUri.toLowerCase();
    if (!isHers) return { kind: 'refused', refusal: notThisUser, security };
    for (const [opaque, other] of connection.associations) {
      if (other.aor === endpoint.aor && other.epid === endpoint.epid) connection.associations.delete(opaque);
    }
    connection.associations.set(security.opaque, association);
    return { kind: 'authenticated', association };
  }

  #challenge({ remote }: Connection, request: SipMessage, diagnostics?: { id: number; reason: string }): Authentication {
    return { kind: 'refused', refusal: { status: 401, headers: challengeHeaders(this.#deployment, this.#server, remote, request), ...(diagnostics && { diagnostics }) } };
  }

  #token(handshake: Handshake, token: Buffer): Authentication {
    return { kind: 'refused', refusal: { status: 401, headers: tokenHeaders(this.#deployment, this.#server, handshake, token) } };
  }

  /** The certificate of the outer TLS, as real servers presumably do; one context for as long as the identity stays the same. */
  #serverContext(): SecureContext {
    const identity = this.#identity();
    const authority = this.#deployment.clientCertificates.authorityPem;
    const key = identity.certificatePem + authority;
    if (this.#context?.key !== key) this.#context = { key, value: tlsDskServerContext(identity, [authority]) };
    return this.#context.value;
  }

  #ntlmNames() {
    const [computer = '', ...domain] = this.#server.fqdn.split('.');
    const [netbiosDomain = ''] = (this.#deployment.topology.users[0]?.account ?? '').split('\\');
    return { netbiosDomain, dnsDomain: domain.join('.'), computer: computer.toUpperCase(), dnsComputer: this.#server.fqdn };
  }

  #note(summary: string): void {
    this.#deployment.trace.record('registrar', { layer: 'note', summary });
  }
}

const noSuchUser: Refusal = { status: 404, diagnostics: { id: 4005, reason: 'The user is not SIP-enabled or does not exist' } };

function dropHandshake(connection: Connection): void {
  connection.handshake?.with.close();
  connection.handshake = undefined;
}
