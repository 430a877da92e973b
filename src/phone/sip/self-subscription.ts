import { Dialog, type IncomingResponseMessage, type OutgoingRequestMessage, type UserAgentCore } from 'sip.js/lib/core/index.js';
import { Grammar } from 'sip.js/lib/grammar/index.js';

/**
 * The dialog of a subscription to one's own data, for renewing it. sip.js would make one at the first NOTIFY only; here the 200
 * carries the first notification itself (ms-piggyback-first-notify), and later ones are none of sip.js's business.
 */
export class SelfSubscription extends Dialog {
  /** The dialog that a 2xx to SUBSCRIBE establishes (RFC 3261 section 12.1.2). */
  constructor(core: UserAgentCore, request: OutgoingRequestMessage, response: IncomingResponseMessage) {
    const { callId, fromTag: localTag, cseq, from, to, ruri } = request;
    const remoteTag = response.toTag;
    const contact = Grammar.nameAddrHeaderParse(response.getHeader('contact') ?? '');
    super(core, {
      id: callId + localTag + remoteTag, callId, localTag, remoteTag, localURI: from.uri, remoteURI: to.uri, early: false, secure: false,
      localSequenceNumber: cseq, remoteSequenceNumber: undefined, routeSet: response.getHeaders('record-route').reverse(),
      // The server speaks for the user: where its answer names no Contact, the target stays what it was.
      remoteTarget: contact?.uri ?? ruri,
    });
  }
}
