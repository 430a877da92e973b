import type { SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord } from '../../protocol/sip/name-address.js';
import type { Deployment } from '../deployment.js';
import type { Association } from './association.js';
import { answerLocationProfileRequest, isForLocationProfile } from './location-profile.js';
import { answerRelayRequest, mediaRelayUri } from './media-relay.js';
import type { Presence } from './presence.js';
import { publish } from './publish.js';
import type { Received, Refusal } from './response.js';

/**
 * Answers a SERVICE by whom it is for: the media relay's service, a location profile, or the user, who publishes. There is no contact
 * storage here. Throws a `Failure` for a body that cannot be read.
 */
export function answerService(
  request: SipMessage, received: Received, association: Association, presence: Presence | undefined, deployment: Deployment,
): SipMessage | Refusal {
  const uri = request.requestUri;
  const relay = mediaRelayUri(deployment);
  if (relay !== undefined && addressOfRecord(uri) === addressOfRecord(relay)) return answerRelayRequest(request, received, association, deployment);
  if (isForLocationProfile(uri)) return answerLocationProfileRequest(request, received, deployment);
  return (presence && publish(request, received, presence, association.epid)) ?? { status: 404 };
}
