import { OutgoingRequestMessage } from 'sip.js/lib/core/index.js';
import { SipMessage } from '../../protocol/sip/message.js';

/** The headers sip.js keeps by name, in the order Microsoft's clients write them; Contact and the rest follow as given. */
const leading = ['Via', 'Route', 'Max-Forwards', 'From', 'To', 'Call-ID', 'CSeq'];

/**
 * A request of sip.js in the shape of Microsoft's clients: their header order, and of headers only those that were asked for
 * (sip.js would add a Supported of its own and put User-Agent last).
 */
export class PhoneRequest extends OutgoingRequestMessage {
  override toString(): string {
    const kept = leading.flatMap((name) => this.getHeaders(name).map((value) => ({ name, value })));
    const given = this.extraHeaders.map((line) => {
      const colon = line.indexOf(':');
      return { name: line.slice(0, colon), value: line.slice(colon + 1).trim() };
    });
    const body = this.body === undefined ? [] : [{ name: 'Content-Type', value: this.body.contentType }];
    const startLine = { kind: 'request', method: this.method, uri: this.ruri.toRaw() } as const;
    return new SipMessage(startLine, [...kept, ...given, ...body], this.body?.body ?? '').toString();
  }
}
