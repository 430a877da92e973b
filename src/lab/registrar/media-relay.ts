import { createHmac, randomBytes } from 'node:crypto';
import { mediaRelayType, readRelayRequest, writeRelayResponse, type MediaRelay, type RelayCredentials } from '../../protocol/mediarelay/credentials.js';
import { gruuIdentifier } from '../../protocol/sip/endpoint-identity.js';
import type { SipMessage } from '../../protocol/sip/message.js';
import { addressOfRecord } from '../../protocol/sip/name-address.js';
import type { Deployment } from '../deployment.js';
import type { Association } from './association.js';
import { notThisUser, respond, type Received, type Refusal } from './response.js';

/** Minutes that credentials are good for at most: eight hours, a working day. */
const longestDuration = 480;
/** Passwords are made with it; it lives as long as the process. */
const secret = randomBytes(20);

/** The URI of the service that gives credentials for a deployment's A/V Edge (MS-SIPRE 2.2.3); undefined where there is none. */
export function mediaRelayUri({ topology: { servers, sipDomains } }: Pick<Deployment, 'topology'>): string | undefined {
  const edge = servers.find((server) => server.avEdge !== undefined);
  return edge && `sip:${edge.fqdn}@${sipDomains[0] ?? ''};gruu;opaque=srvr:MRAS:${gruuIdentifier(edge.fqdn)}`;
}

/** Gives a user credentials for the A/V Edge (MS-AVEDGEA 3.1.5). Throws `media-relay/unreadable` or `xml/...` for a request that cannot be read. */
export function answerRelayRequest(request: SipMessage, received: Received, { aor }: Association, deployment: Deployment): SipMessage | Refusal {
  if (request.mediaType !== mediaRelayType) return { status: 415, headers: [{ name: 'Accept', value: mediaRelayType }] };
  const asked = readRelayRequest(request.body);
  if (addressOfRecord(asked.identity) !== aor) return notThisUser;
  return respond(request, received, 200, [{ name: 'Content-Type', value: mediaRelayType }], writeRelayResponse(asked, credentials(aor, asked.duration, deployment)));
}

/** Any number of them, and nothing to remember: the user name says until when, and the password proves it (lab; opaque to clients). */
function credentials(aor: string, minutes: number, { topology: { servers }, now }: Deployment): RelayCredentials {
  const duration = Math.min(minutes, longestDuration);
  const username = Buffer.from(`${now() + duration * 60_000} ${aor}`).toString('base64');
  const relays = servers.flatMap(({ fqdn, avEdge }): MediaRelay[] => (avEdge === undefined ? []
    : (['intranet', 'internet'] as const).map((location) => ({ location, host: fqdn, udpPort: avEdge.udpPort, tcpPort: avEdge.tcpPort }))));
  return { username, password: createHmac('sha1', secret).update(username).digest('base64'), duration, relays };
}
