import type { SipMessage } from '../../protocol/sip/message.js';
import { xml } from '../../protocol/soap/markup.js';
import { publishFaultType, publishType, roamingSelfType } from '../../protocol/presence/publication.js';
import { parseXml } from '../../protocol/soap/xml.js';
import { setContainerMembersType } from './containers.js';
import type { Conflict, Presence } from './presence.js';
import { respond, type Received } from './response.js';

const mostPublications = 100;

/**
 * Answers a SERVICE that publishes presence or says who sees it (MS-PRES 3.2, 3.3): 200 with the new versions, or 409 with the current ones. Undefined for
 * every other SERVICE. Throws a `Failure` `xml/...`.
 */
export function publish(request: SipMessage, received: Received, presence: Presence, epid: string): SipMessage | undefined {
  const conflicts = conflictsOf(request, presence, epid);
  if (conflicts === undefined) return undefined;
  if (conflicts.length === 0) {
    return respond(request, received, 200, [{ name: 'Content-Type', value: roamingSelfType }], presence.roamingSelf());
  }
  const operations = conflicts.map(({ index, version }) => xml`<operation index="${index}" version="" curVersion="${version}"/>`);
  return respond(request, received, 409, [{ name: 'Content-Type', value: publishFaultType }],
    xml`<Fault xmlns="http://schemas.microsoft.com/2006/09/sip/msrtc-fault"><Faultcode>Client.BadCall.WrongDelta</Faultcode><details>${operations}</details></Fault>`.text);
}

/** Takes what the request says, and gives what stands against it; undefined where it says nothing of presence. */
function conflictsOf(request: SipMessage, presence: Presence, epid: string): Conflict[] | undefined {
  switch (request.mediaType) {
    case publishType: {
      const publications = parseXml(request.body).child('publications')?.elements('publication').slice(0, mostPublications) ?? [];
      return presence.publish(publications, epid);
    }
    case setContainerMembersType: return presence.containers.set(request.body);
    default: return undefined;
  }
}
