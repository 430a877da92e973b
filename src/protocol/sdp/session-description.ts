import { Failure } from '../../failure.js';

/** One line, `a=rtpmap:0 PCMU/8000`: type and value, the value as written. */
export interface SdpField {
  type: string;
  value: string;
}

/** An `m=` line and what follows it (RFC 4566 section 5.14). */
export interface MediaDescription {
  /** `audio`, `video`, `message`, ... */
  media: string;
  /** 0: the stream is refused (RFC 3264 section 6). */
  port: number;
  portCount: number;
  /** `RTP/AVP`. */
  transport: string;
  formats: readonly string[];
  fields: readonly SdpField[];
}

/** A session description (RFC 4566): its fields before the first `m=`, in order, and its media. */
export interface SessionDescription {
  fields: readonly SdpField[];
  media: readonly MediaDescription[];
}

/** Bytes; real ones with all their ICE candidates stay below 8 kB. */
const mostBytes = 64 * 1024;
const mostLines = 1000;
const mostMedia = 32;
const mostFormats = 100;

/** The order of RFC 4566 section 5, by the types of the lines. */
const sessionOrder = /^vosi?u?e*p*c?b*(?:tr*)+z?k?a*$/;
const mediaOrder = /^i?c*b*k?a*$/;
const mediaLine = /^(\S+) (\d{1,5})(?:\/(\d{1,3}))? (\S+)((?: \S+)+)$/;

/** What the value of a field must look like, where a receiver relies on it. */
const valueOf: Readonly<Record<string, RegExp>> = {
  v: /^0$/,
  o: /^\S+ \d{1,20} \d{1,20} IN IP[46] \S+$/,
  c: /^IN IP[46] \S+$/,
  t: /^\d{1,20} \d{1,20}$/,
  b: /^[A-Za-z0-9-]+:\d{1,10}$/,
  a: /^[^\s:]+(?::.+)?$/,
};

/** Reads a session description. Throws `Failure` `sdp/malformed` or `sdp/oversize`. */
export function parseSessionDescription(body: Buffer | string): SessionDescription {
  if (body.length > mostBytes) throw new Failure('sdp/oversize', `A session description has more than ${mostBytes} bytes.`);
  const lines = body.toString().replace(/\r?\n$/, '').split(/\r?\n/);
  if (lines.length > mostLines) throw new Failure('sdp/oversize', `A session description has more than ${mostLines} lines.`);
  const sections: SdpField[][] = [[]];
  for (const line of lines) {
    const field = readField(line);
    if (field.type === 'm') sections.push([]);
    sections.at(-1)?.push(field);
  }
  const [session = [], ...media] = sections;
  if (media.length > mostMedia) throw new Failure('sdp/oversize', `A session description has more than ${mostMedia} media.`);
  checkOrder(session, sessionOrder, 'a session');
  return { fields: session, media: media.map(readMedia) };
}

/** Writes it with the line ends of RFC 4566. */
export function formatSessionDescription({ fields, media }: SessionDescription): string {
  return [...fields, ...media.flatMap((each) => [{ type: 'm', value: mediaValue(each) }, ...each.fields])]
    .map(({ type, value }) => `${type}=${value}\r\n`).join('');
}

/** The values of the attributes of that name: empty for a mere flag. */
export function attributesOf({ fields }: Pick<SessionDescription, 'fields'>, name: string): string[] {
  return fields.flatMap(({ type, value }) => {
    if (type !== 'a') return [];
    const colon = value.indexOf(':');
    if (colon < 0) return value === name ? [''] : [];
    return value.slice(0, colon) === name ? [value.slice(colon + 1)] : [];
  });
}

function readField(line: string): SdpField {
  const [, type = '', value = ''] = /^([a-z])=([^\0\r\n]*)$/.exec(line) ?? [];
  if (type === '' || valueOf[type]?.test(value) === false) throw malformed(`"${line.slice(0, 80)}" is no line of one`);
  return { type, value };
}

function readMedia([line, ...fields]: SdpField[]): MediaDescription {
  const [, media = '', port = '', count = '1', transport = '', formats = ''] = mediaLine.exec(line?.value ?? '') ?? [];
  const list = formats.trim().split(' ');
  if (media === '' || Number(port) > 65_535 || list.length > mostFormats) throw malformed(`"m=${(line?.value ?? '').slice(0, 80)}" names no media`);
  checkOrder(fields, mediaOrder, 'a medium');
  return { media, port: Number(port), portCount: Number(count), transport, formats: list, fields };
}

function mediaValue({ media, port, portCount, transport, formats }: MediaDescription): string {
  return `${media} ${port}${portCount === 1 ? '' : `/${portCount}`} ${transport} ${formats.join(' ')}`;
}

function checkOrder(fields: readonly SdpField[], order: RegExp, what: string): void {
  const types = fields.map(({ type }) => type).join('');
  if (!order.test(types)) throw malformed(`the lines of ${what} are ${types.slice(0, 80)}, which is not their order`);
}

function malformed(why: string): Failure {
  return new Failure('sdp/malformed', `A session description cannot be read: ${why}.`);
}
