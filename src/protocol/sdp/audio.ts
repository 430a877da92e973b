import { attributesOf, type MediaDescription, type SessionDescription } from './session-description.js';

export const sdpType = 'application/sdp';

/** RFC 3551 table 4, and RFC 4733 for keys. What a phone offers besides (RTAudio, Siren), ICE and encryption are left out: no media flows. */
const codecs: readonly { format: string; name: string }[] = [
  { format: '0', name: 'PCMU/8000' }, { format: '8', name: 'PCMA/8000' }, { format: '101', name: 'telephone-event/8000' },
];
const speech = new Set(['PCMU/8000', 'PCMA/8000']);
const transport = 'RTP/AVP';

/** Nobody listens there: the discard port, on loopback. */
const nowhere = { address: '127.0.0.1', port: 9 };

/** Of a session description (RFC 4566 section 5.2): who speaks, the same for all of a call, and how often that has changed. */
export interface Origin {
  /** Decimal. */
  sessionId: string;
  version: number;
}

/** Offers one audio stream (RFC 3264 section 5). */
export function audioOffer(origin: Origin): SessionDescription {
  return { fields: sessionFields(origin), media: [audio(codecs)] };
}

/**
 * Answers an offer (RFC 3264 section 6): the first audio stream with a codec that is known, every other stream refused. Undefined
 * when there is nothing to talk over.
 */
export function audioAnswer(offer: SessionDescription, origin: Origin): { description: SessionDescription; codec: string } | undefined {
  const at = offer.media.findIndex((media) => codecOf(media) !== undefined);
  const chosen = offer.media[at];
  const codec = chosen && codecOf(chosen);
  if (codec === undefined) return undefined;
  return {
    codec,
    description: {
      fields: sessionFields(origin),
      media: offer.media.map((media, index) => (index === at ? audio(known(media), answered[directionOf(media, offer)]) : { ...media, port: 0, portCount: 1, fields: [] })),
    },
  };
}

/** The codec that an answer to `audioOffer` settles on; undefined when it refuses the stream or answers something else. */
export function codecOfAnswer({ media }: SessionDescription): string | undefined {
  const [only] = media;
  return media.length === 1 && only !== undefined ? codecOf(only) : undefined;
}

/** The first codec for speech of an audio stream, among those known here. */
function codecOf(media: MediaDescription): string | undefined {
  return known(media).find(({ name }) => speech.has(name))?.name;
}

/** A stream's codecs that are known here, in its order, with its numbers. */
function known(media: MediaDescription): { format: string; name: string }[] {
  if (media.media !== 'audio' || media.transport !== transport || media.port === 0) return [];
  const names = new Map(attributesOf(media, 'rtpmap').map((value) => {
    const [format = '', name = ''] = value.split(' ');
    return [format, name.replace(/\/1$/, '')];
  }));
  return media.formats.flatMap((format) => {
    // Of the static numbers the name need not be told (RFC 3551).
    const told = names.get(format)?.toLowerCase();
    const codec = codecs.find((each) => (told === undefined ? each.format === format && speech.has(each.name) : each.name.toLowerCase() === told));
    return codec === undefined ? [] : [{ format, name: codec.name }];
  });
}

type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Who holds the call sends and does not listen: the answer listens and does not send (RFC 3264 section 6.1). */
const answered: Readonly<Record<Direction, Direction>> = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' };

/** Of a stream, else of the session. */
function directionOf(media: MediaDescription, { fields }: SessionDescription): Direction {
  const named = [...media.fields, ...fields].find(({ type, value }) => type === 'a' && Object.hasOwn(answered, value));
  return (named?.value ?? 'sendrecv') as Direction;
}

function audio(list: readonly { format: string; name: string }[], direction: Direction = 'sendrecv'): MediaDescription {
  const keys = list.find(({ name }) => name.startsWith('telephone-event'));
  return {
    media: 'audio', port: nowhere.port, portCount: 1, transport, formats: list.map(({ format }) => format),
    fields: [
      ...list.map(({ format, name }) => ({ type: 'a', value: `rtpmap:${format} ${name}` })),
      ...(keys === undefined ? [] : [{ type: 'a', value: `fmtp:${keys.format} 0-16` }]),
      { type: 'a', value: direction },
    ],
  };
}

function sessionFields({ sessionId, version }: Origin): SessionDescription['fields'] {
  const field = (type: string, value: string) => ({ type, value });
  return [
    field('v', '0'), field('o', `- ${sessionId} ${version} IN IP4 ${nowhere.address}`), field('s', 'session'),
    field('c', `IN IP4 ${nowhere.address}`), field('t', '0 0'),
  ];
}
