import type { TLSSocket } from 'node:tls';
import { parseAuthentication } from '../../../src/protocol/sip/authentication-header.js';
import { SipFramer } from '../../../src/protocol/sip/framing.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { SecurityAssociation } from '../../../src/protocol/sip/security-association.js';
import { TlsDskServer, tlsDskServerContext } from '../../../src/protocol/tlsdsk/handshake.js';
import { tlsDskSigner } from '../../../src/protocol/tlsdsk/keys.js';
import type { SessionBench } from './session-bench.js';

/** Of every challenge: who authenticates. */
export const names = 'realm="SIP Communications Service", targetname="sip.contoso.lab", version=4';

/** A server that knows TLS-DSK and leaves the rest to a test. */
export class ScriptedRegistrar {
  readonly socket: TLSSocket;
  security: SecurityAssociation | undefined;
  readonly #tls: TlsDskServer;
  readonly #framer = new SipFramer();

  constructor(
    socket: TLSSocket, bench: SessionBench, answer: (request: SipMessage, server: ScriptedRegistrar) => Promise<void> | void,
    onAnswer: (answer: SipMessage, server: ScriptedRegistrar) => void = () => undefined,
  ) {
    this.socket = socket;
    this.#tls = new TlsDskServer(tlsDskServerContext(bench.identity, [bench.deployment.clientCertificates.authorityPem]));
    let last = Promise.resolve();
    socket.on('data', (bytes: Buffer) => {
      for (const frame of this.#framer.push(bytes)) {
        if (frame.kind === 'keep-alive') continue;
        const message = SipMessage.parse(frame.bytes);
        if (!message.isRequest) onAnswer(message, this);
        else last = last.then(() => answer(message, this)).catch(() => { socket.destroy(); });
      }
    });
  }

  /** Legs 1 to 3; what comes after them is served by `then`. */
  async authenticate(request: SipMessage, then: () => void, status = 401, challenge = 'WWW-Authenticate'): Promise<void> {
    const { parameters } = parseAuthentication(request.get('Proxy-Authorization') ?? 'none') ?? { parameters: new Map<string, string>() };
    const token = parameters.get('gssapi-data');
    if (this.security !== undefined) then();
    else if (token === undefined) this.reply(request, status, [[challenge, `TLS-DSK ${names}`]]);
    else {
      const flight = await this.#tls.step(Buffer.from(token, 'base64'));
      if (this.#tls.done) {
        this.security = new SecurityAssociation({
          end: 'server', scheme: 'TLS-DSK', opaque: '4671A717', realm: 'SIP Communications Service', targetName: 'sip.contoso.lab', version: 4,
          signer: tlsDskSigner(this.#tls.keys(), 'server'),
        });
      }
      this.reply(request, status, [[challenge, `TLS-DSK opaque="4671A717", gssapi-data="${flight.toString('base64')}", ${names}`]]);
    }
  }

  reply(request: SipMessage, status: number, headers: readonly (readonly [string, string])[] = [], finish: (response: SipMessage) => void = () => undefined): SipMessage {
    const response = new SipMessage({ kind: 'response', status, reason: status === 200 ? 'OK' : status === 401 ? 'Unauthorized' : 'Other' });
    for (const name of ['Via', 'From', 'Call-ID', 'CSeq']) response.add(name, request.get(name) ?? '');
    response.add('To', `${request.get('To') ?? ''};tag=5E61CCD925D17E043D9A74835A88F664`);
    for (const [name, value] of headers) response.add(name, value);
    finish(response);
    this.socket.write(response.toBuffer());
    return response;
  }

  /** A 200, signed. */
  replySigned(request: SipMessage, headers: readonly (readonly [string, string])[], body: Buffer | string = ''): SipMessage {
    return this.reply(request, 200, headers, (response) => {
      response.body = Buffer.from(body);
      this.security?.sign(response);
    });
  }

  notify(finish: (notification: SipMessage) => void = () => undefined): void {
    const notification = new SipMessage({ kind: 'request', method: 'NOTIFY', uri: 'sip:alice@contoso.lab' });
    notification.add('Via', 'SIP/2.0/TLS 10.0.0.10:5061').add('From', '<sip:alice@contoso.lab>;tag=1').add('To', '<sip:alice@contoso.lab>;tag=2')
      .add('Call-ID', 'x').add('CSeq', '1 NOTIFY').add('Event', 'presence').add('subscription-state', 'active');
    finish(notification);
    this.socket.write(notification.toBuffer());
  }
}
