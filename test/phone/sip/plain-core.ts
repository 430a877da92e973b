import { LoggerFactory, UserAgentCore, type IncomingResponseMessage, type Transport } from 'sip.js/lib/core/index.js';
import { readUri } from '../../../src/phone/sip/user-agent.js';

const silent = new LoggerFactory();
silent.builtinEnabled = false;

/** sip.js's core as its own documentation sets it up, with nothing of the phone in it. */
export class PlainCore extends UserAgentCore {
  /** @param user `sip:alice@contoso.lab` */
  constructor(user: string, transport: () => Transport | undefined) {
    const aor = readUri(user);
    super({
      aor, contact: { uri: aor, pubGruu: undefined, tempGruu: undefined, toString: () => `<${user};transport=tls>` }, displayName: '', loggerFactory: silent, hackViaTcp: false,
      routeSet: [], sipjsId: 'plain', supportedOptionTags: [], supportedOptionTagsResponse: [], userAgentHeaderFieldValue: 'plain', viaForceRport: false,
      viaHost: 'plain.invalid', authenticationFactory: () => undefined, transportAccessor: transport,
    });
  }

  /** Sends a request to the user's domain and resolves to its final response. */
  ask(method: string, extraHeaders: string[] = []): Promise<IncomingResponseMessage> {
    const { aor } = this.configuration;
    const target = readUri(`sip:${aor.host}`);
    const request = this.makeOutgoingRequestMessage(method, target, aor, method === 'REGISTER' ? aor : target, {}, extraHeaders);
    return new Promise((resolve) => {
      const settle = ({ message }: { message: IncomingResponseMessage }) => { resolve(message); };
      this.request(request, { onAccept: settle, onReject: settle, onRedirect: settle });
    });
  }
}
