import type { SipMessage } from '../../protocol/sip/message.js';
import { xml } from '../../protocol/soap/markup.js';
import { publishFaultType, publishType, roamingSelfType } from '../../protocol/presence/publication.js';
import { parseXml } from '../../protocol/soap/xml.js';
import type { Presence } from './presence.js';
import { respond, type Received } from './response.js';

const mostPublications = 100;

/**
 * Answers a SERVICE that publishes presence (MS-PRES 3.2): 200 with the new versions, or 409 with the current ones. Undefined for
 * every other SERVICE. Throws a `Failure` `xml/...`.
 */
export function publish(request: SipMessage, received: Received, presence: Presence, epid: string): SipMessage | undefined {
  if (request.mediaType !== publishType) return undefined;
  const publications = parseXml(request.body).child('publications')?.elements('publication').slice(0, mostPublications) ?? [];
  const conflicts = presence.publish(publications, epid);
  if (conflicts.length === 0) {
    return respond(request, received, 200, [{ name: 'Content-Type', value: roamingSelfType }], presence.roamingSelf());
  }
  const operations = conflicts.map(({ index, version }) => xml`<operation index="${index}" version="" curVersion="${version}"/>`);
  return respond(request, received, 409, [{ name: 'Content-Type', value: publishFaultType }],
    xml`<Fault xmlns="http://schemas.microsoft.com/2006/09/sip/msrtc-fault"><Faultcode>Client.BadCall.WrongDelta</Faultcode><details>${operations}</details></Fault>`.text);
}
