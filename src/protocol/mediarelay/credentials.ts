import { Failure } from '../../failure.js';
import { xml } from '../soap/markup.js';
import { parseXml, type XmlElement } from '../soap/xml.js';

/** Content type of both directions (MS-AVEDGEA 3.1.5.1). */
export const mediaRelayType = 'application/msrtc-media-relay-auth+xml';

const namespace = 'http://schemas.microsoft.com/2006/09/sip/mrasp';
/** `max64CharStringType`. */
const longestId = 64;
const mostRelays = 16;

/** From which side the relay is to be reached. */
export type RelayLocation = 'intranet' | 'internet';

/** What a client asks for (MS-AVEDGEA 2.2.3.1). */
export interface RelayRequest {
  requestId: string;
  /** Whose credentials: the SIP URI of the client. */
  identity: string;
  /** URI of the service, as in-band provisioning tells it. */
  service: string;
  location: RelayLocation;
  /** Minutes that they are to be good for. */
  duration: number;
}

/** A media relay that the user may use, and until when. */
export interface MediaRelay {
  location: RelayLocation;
  /** Name or address. */
  host: string;
  udpPort: number | undefined;
  tcpPort: number | undefined;
}

/** Credentials for the relays of an A/V Edge; user name and password are opaque base64. */
export interface RelayCredentials {
  username: string;
  password: string;
  /** Minutes. */
  duration: number;
  relays: readonly MediaRelay[];
}

export function writeRelayRequest({ requestId, identity, service, location, duration }: RelayRequest): string {
  return xml`<request requestID="${requestId}" from="${identity}" version="1.0" to="${service}" xmlns="${namespace}"><credentialsRequest credentialsRequestID="${requestId}"><identity>${identity}</identity><location>${location}</location><duration>${duration}</duration></credentialsRequest></request>`.text;
}

/** Reads a request for one set of credentials. Throws `media-relay/unreadable` for one that does not say all of it, and the failures of `parseXml`. */
export function readRelayRequest(document: Buffer): RelayRequest {
  const root = parseXml(document);
  const asked = root.child('credentialsRequest');
  const requestId = asked?.attribute('credentialsRequestID') ?? '';
  const location = textOf(asked, 'location');
  const duration = number(textOf(asked, 'duration'), 1, 1_000_000);
  const identity = textOf(asked, 'identity');
  if (root.local !== 'request' || requestId === '' || requestId.length > longestId || duration === undefined || !isLocation(location) || identity === undefined) {
    throw new Failure('media-relay/unreadable', 'A request for media relay credentials does not say whose, where or for how long.');
  }
  return { requestId, identity, location, duration, service: root.attribute('to') ?? '' };
}

export function writeRelayResponse({ requestId, identity, service }: RelayRequest, { username, password, duration, relays }: RelayCredentials): string {
  const list = relays.map(({ location, host, udpPort, tcpPort }) => xml`<mediaRelay><location>${location}</location><hostName>${host}</hostName>${
    udpPort === undefined ? [] : [xml`<udpPort>${udpPort}</udpPort>`]}${tcpPort === undefined ? [] : [xml`<tcpPort>${tcpPort}</tcpPort>`]}</mediaRelay>`);
  return xml`<response requestID="${requestId}" version="1.0" serverVersion="2.0" from="${identity}" to="${service}" reasonPhrase="OK" xmlns="${namespace}"><credentialsResponse credentialsRequestID="${requestId}"><credentials><username>${username}</username><password>${password}</password><duration>${duration}</duration></credentials><mediaRelayList>${list}</mediaRelayList></credentialsResponse></response>`.text;
}

/** Reads what the service gave. Throws `media-relay/unreadable` where it gave no credentials, and the failures of `parseXml`. */
export function readRelayResponse(document: Buffer): RelayCredentials {
  const root = parseXml(document);
  const reason = root.attribute('reasonPhrase');
  const answer = root.local === 'response' ? root.child('credentialsResponse') : undefined;
  const credentials = answer?.child('credentials');
  const [username, password] = [textOf(credentials, 'username'), textOf(credentials, 'password')];
  const duration = number(textOf(credentials, 'duration'), 1, 1_000_000);
  if (username === undefined || password === undefined || duration === undefined) {
    throw new Failure('media-relay/unreadable', `An answer of the media relay service holds no credentials${reason === undefined ? '' : ` (${reason.slice(0, 80)})`}.`);
  }
  const relays = answer?.child('mediaRelayList')?.elements('mediaRelay').slice(0, mostRelays) ?? [];
  return { username, password, duration, relays: relays.flatMap(readRelay) };
}

function readRelay(relay: XmlElement): MediaRelay[] {
  const [location, host] = [textOf(relay, 'location'), textOf(relay, 'hostName') ?? textOf(relay, 'directIPAddress')];
  const [udpPort, tcpPort] = ['udpPort', 'tcpPort'].map((name) => number(textOf(relay, name), 1, 65_535));
  return !isLocation(location) || host === undefined ? [] : [{ location, host, udpPort, tcpPort }];
}

const isLocation = (text: string | undefined): text is RelayLocation => text === 'intranet' || text === 'internet';

function textOf(parent: XmlElement | undefined, name: string): string | undefined {
  const text = parent?.child(name)?.text.trim() ?? '';
  return text === '' || text.length > 4096 ? undefined : text;
}

function number(text: string | undefined, least: number, most: number): number | undefined {
  const value = text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return value >= least && value <= most ? value : undefined;
}
