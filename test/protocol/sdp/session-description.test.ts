import assert from 'node:assert/strict';
import { Failure } from '../../../src/failure.js';
import { attributesOf, formatSessionDescription, parseSessionDescription } from '../../../src/protocol/sdp/session-description.js';

const lines = (...all: string[]) => all.map((line) => `${line}\r\n`).join('');

/** The example of RFC 4566 section 5. */
const rfc4566 = lines(
  'v=0', 'o=jdoe 2890844526 2890842807 IN IP4 10.47.16.5', 's=SDP Seminar', 'i=A Seminar on the session description protocol',
  'u=http://www.example.com/seminars/sdp.pdf', 'e=j.doe@example.com (Jane Doe)', 'c=IN IP4 224.2.17.12/127', 't=2873397496 2873404696',
  'a=recvonly', 'm=audio 49170 RTP/AVP 0', 'm=video 51372 RTP/AVP 99', 'a=rtpmap:99 h263-1998/90000',
);

/** The offer in the call flows of RFC 3665, section 3.1. */
const rfc3665 = lines(
  'v=0', 'o=alice 2890844526 2890844526 IN IP4 client.atlanta.example.com', 's=-', 'c=IN IP4 192.0.2.101', 't=0 0',
  'm=audio 49172 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000',
);

const minimal = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 't=0 0'];
const refuses = (text: string, code: string) => {
  assert.throws(() => parseSessionDescription(text), (error) => error instanceof Failure && error.code === code, JSON.stringify(text.slice(0, 60)));
};

describe('session descriptions', () => {
  it('reads the example of RFC 4566, and writes it as it was', () => {
    const description = parseSessionDescription(rfc4566);
    assert.deepEqual(description.media.map(({ media, port, transport, formats }) => [media, port, transport, formats]), [
      ['audio', 49170, 'RTP/AVP', ['0']], ['video', 51372, 'RTP/AVP', ['99']],
    ]);
    assert.deepEqual(attributesOf(description, 'recvonly'), ['']);
    assert.deepEqual(description.media.map((media) => attributesOf(media, 'rtpmap')), [[], ['99 h263-1998/90000']]);
    assert.equal(formatSessionDescription(description), rfc4566);
  });

  it('reads the offer of the call flows of RFC 3665, with either line end', () => {
    assert.equal(formatSessionDescription(parseSessionDescription(rfc3665)), rfc3665);
    assert.deepEqual(parseSessionDescription(Buffer.from(rfc3665.replaceAll('\r\n', '\n'))), parseSessionDescription(rfc3665));
  });

  it('reads several ports, bandwidth, keys and repeated times', () => {
    const text = lines('v=0', 'o=- 1 1 IN IP6 ::1', 's= ', 'e=a@b', 'e=c@d', 'p=+1', 'c=IN IP6 ::1', 'b=CT:128', 't=1 2', 'r=7d 1h 0 25h', 't=3 4', 'z=1 1h', 'k=prompt', 'a=x:y:z',
      'm=video 49170/2 RTP/AVP 31 32', 'i=pictures', 'c=IN IP4 224.2.1.1/127/3', 'c=IN IP4 224.2.1.4', 'b=AS:1', 'k=clear:x', 'a=flag');
    assert.equal(formatSessionDescription(parseSessionDescription(text)), text);
    assert.deepEqual(attributesOf(parseSessionDescription(text), 'x'), ['y:z']);
  });

  it('refuses what is none', () => {
    for (const text of ['', 'garbage', lines(...minimal.slice(1)), lines(...minimal.slice(0, 3)), lines('v=1', ...minimal.slice(1)), lines(...minimal, 's=again'),
      lines('v=0', 'o=-', 's=-', 't=0 0'), lines(...minimal, 'm=audio'), lines(...minimal, 'm=audio 99999 RTP/AVP 0'), lines(...minimal, 'm=audio x RTP/AVP 0'),
      lines(...minimal, 'm=audio 1 RTP/AVP 0', 't=0 0'), lines(...minimal, 'a='), lines(...minimal, 'a=x\0y'), `${lines(...minimal)}\r\n${lines('a=x')}`]) refuses(text, 'sdp/malformed');
  });

  it('bounds bytes, lines, media and formats', () => {
    refuses(lines(...minimal, `a=x:${'y'.repeat(64 * 1024)}`), 'sdp/oversize');
    refuses(lines(...minimal, ...Array.from({ length: 1000 }, () => 'a=x')), 'sdp/oversize');
    refuses(lines(...minimal, ...Array.from({ length: 33 }, () => 'm=audio 1 RTP/AVP 0')), 'sdp/oversize');
    refuses(lines(...minimal, `m=audio 1 RTP/AVP${' 0'.repeat(101)}`), 'sdp/malformed');
  });
});
