import { randomBytes } from 'node:crypto';
import { authenticationHeaders, formatAuthentication, type AuthenticationHeader } from './authentication-header.js';
import type { SipMessage } from './message.js';
import { signatureString } from './signature-string.js';

/** Signs what one end sends and checks what the other end sent: HMAC keys of TLS-DSK, session keys of NTLM. Hex both ways. */
export interface MessageSigner {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

export interface SecurityAssociationOptions {
  /** Which end this is: a client writes Proxy-Authorization, the server Authentication-Info. */
  end: 'client' | 'server';
  scheme: string;
  /** The server's handle of the association, echoed in every message. */
  opaque: string;
  realm: string;
  targetName: string;
  /** 2, 3 or 4, as the challenge said. */
  version: number;
  signer: MessageSigner;
}

export type Verification =
  | { ok: true }
  /** `unsigned`: no signature at all. `other-association`: one of another scheme, realm, target or opaque. */
  | { ok: false; reason: 'unsigned' | 'other-association' | 'wrong-signature' | 'replayed' };

/** Sequence numbers behind the highest one that are still accepted once; as Microsoft's behaviour this is an assumption. */
const replayWindow = 256;

/** Keys and counters that a handshake left at one end; every later message both ways is signed with them (MS-SIPAE 3.1). */
export class SecurityAssociation {
  readonly opaque: string;
  readonly #options: SecurityAssociationOptions;
  #sent = 0;
  #highest = 0;
  readonly #seen = new Set<number>();

  constructor(options: SecurityAssociationOptions) {
    this.opaque = options.opaque;
    this.#options = options;
  }

  /**
   * Adds the signature header; call it last, since it covers To tag, Expires and the rest as they stand. A signature that is
   * there already is replaced, so that a request can be sent again.
   * @param completing the REGISTER that completes the handshake names the version too, and with NTLM carries the last token
   */
  sign(message: SipMessage, completing?: { gssapiData?: string }): void {
    const { end, scheme, realm, targetName, version, signer } = this.#options;
    const random = randomBytes(4).toString('hex');
    const number = String(++this.#sent);
    const signed: Record<string, string> = end === 'client' ? { crand: random, cnum: number } : { srand: random.toUpperCase(), snum: number };
    const header: AuthenticationHeader = { scheme, parameters: new Map(Object.entries({ realm, targetname: targetName, ...signed })) };
    const signature = signer.sign(signatureString(message, header, version));
    const { opaque } = this;
    // In the orders of Lync's own clients and servers.
    if (end === 'client') {
      message.remove('Authorization').remove('Proxy-Authorization').add('Proxy-Authorization', formatAuthentication(scheme, Object.entries({
        qop: 'auth', realm, opaque, targetname: targetName,
        ...(completing && { version: String(version) }), ...(completing?.gssapiData !== undefined && { 'gssapi-data': completing.gssapiData }),
        ...signed, response: signature,
      })));
    } else {
      message.remove('Authentication-Info').add('Authentication-Info', formatAuthentication(scheme, Object.entries({
        qop: 'auth', opaque, ...signed, rspauth: signature, targetname: targetName, realm, version: String(version),
      })));
    }
  }

  /** Checks a message of the other end. A number is used up only by a right signature. */
  verify(message: SipMessage): Verification {
    const { end, scheme, realm, targetName, version, signer } = this.#options;
    const names = end === 'server'
      ? { role: 'credentials', signature: 'response', number: 'cnum' } as const
      : { role: 'server-signature', signature: 'rspauth', number: 'snum' } as const;
    const signed = authenticationHeaders(message, names.role).filter((header) => header.parameters.get(names.signature));
    if (signed.length === 0) return { ok: false, reason: 'unsigned' };
    const header = signed.find(({ scheme: theirs, parameters }) =>
      theirs.toUpperCase() === scheme.toUpperCase() && parameters.get('opaque') === this.opaque
      && parameters.get('realm') === realm && parameters.get('targetname') === targetName);
    if (!header) return { ok: false, reason: 'other-association' };
    const signature = header.parameters.get(names.signature) ?? '';
    if (!signer.verify(signatureString(message, header, version), signature)) return { ok: false, reason: 'wrong-signature' };
    return this.#useUp(header.parameters.get(names.number) ?? '') ? { ok: true } : { ok: false, reason: 'replayed' };
  }

  #useUp(text: string): boolean {
    if (!/^\d{1,10}$/.test(text)) return false;
    const number = Number(text);
    if (number === 0 || number <= this.#highest - replayWindow || this.#seen.has(number)) return false;
    this.#seen.add(number);
    if (number > this.#highest) {
      this.#highest = number;
      if (this.#seen.size > 2 * replayWindow) {
        for (const old of this.#seen) if (old <= number - replayWindow) this.#seen.delete(old);
      }
    }
    return true;
  }
}
