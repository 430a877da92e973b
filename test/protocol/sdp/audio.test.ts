import assert from 'node:assert/strict';
import { audioAnswer, audioOffer, codecOfAnswer } from '../../../src/protocol/sdp/audio.js';
import { formatSessionDescription, parseSessionDescription } from '../../../src/protocol/sdp/session-description.js';

const withMedia = (...lines: string[]) => parseSessionDescription(['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', 'c=IN IP4 192.0.2.1', 't=0 0', ...lines].map((line) => `${line}\r\n`).join(''));
const answered = (...lines: string[]) => audioAnswer(withMedia(...lines), { sessionId: '7', version: 1 });

describe('audio by offer and answer', () => {
  it('answers its own offer, and both ends know the codec', () => {
    const offer = parseSessionDescription(formatSessionDescription(audioOffer({ sessionId: '42', version: 1 })));
    const answer = audioAnswer(offer, { sessionId: '7', version: 1 });
    assert.equal(answer?.codec, 'PCMU/8000');
    assert.equal(answer && codecOfAnswer(parseSessionDescription(formatSessionDescription(answer.description))), 'PCMU/8000');
    assert.match(formatSessionDescription(offer), /^v=0\r\no=- 42 1 IN IP4 127\.0\.0\.1\r\n[^]*m=audio 9 RTP\/AVP 0 8 101\r\n/);
  });

  // The answer of RFC 3264 section 10.1 refuses the video that Bob does not want, and takes the audio.
  it('takes the first codec of the offerer that it knows, with the offerer\'s number, and refuses every other stream', () => {
    const answer = answered('m=video 51372 RTP/AVP 31', 'a=rtpmap:31 H261/90000', 'm=audio 49170 RTP/AVP 97 96 8 0', 'a=rtpmap:97 iLBC/8000', 'a=rtpmap:96 pcma/8000/1', 'm=audio 5 RTP/AVP 0');
    assert.equal(answer?.codec, 'PCMA/8000');
    assert.deepEqual(answer?.description.media.map(({ media, port, formats }) => [media, port, formats]), [['video', 0, ['31']], ['audio', 9, ['96', '8', '0']], ['audio', 0, ['0']]]);
  });

  it('listens where the other end holds the call, and says whose version it is', () => {
    const direction = (...lines: string[]) => answered(...lines)?.description.media[0]?.fields.at(-1)?.value;
    assert.deepEqual(['sendonly', 'recvonly', 'inactive', 'sendrecv'].map((value) => direction('m=audio 49170 RTP/AVP 0', `a=${value}`)), ['recvonly', 'sendonly', 'inactive', 'sendrecv']);
    assert.equal(direction('a=inactive', 'm=audio 49170 RTP/AVP 0'), 'inactive');
    assert.equal(direction('m=audio 49170 RTP/AVP 0'), 'sendrecv');
    assert.equal(answered('m=audio 49170 RTP/AVP 0')?.description.fields[1]?.value, '- 7 1 IN IP4 127.0.0.1');
  });

  it('has no answer without a codec, an audio stream or a transport that it knows', () => {
    assert.equal(answered(), undefined);
    assert.equal(answered('m=audio 49170 RTP/AVP 97 101', 'a=rtpmap:97 iLBC/8000', 'a=rtpmap:101 telephone-event/8000'), undefined);
    assert.equal(answered('m=audio 49170 RTP/AVP 0', 'a=rtpmap:0 G729/8000'), undefined);
    assert.equal(answered('m=audio 49170 RTP/SAVP 0'), undefined);
    assert.equal(answered('m=audio 0 RTP/AVP 0'), undefined);
    assert.equal(answered('m=message 5060 sip sip:alice@contoso.lab'), undefined);
  });

  it('takes no answer that refuses the stream or has another number of streams', () => {
    assert.equal(codecOfAnswer(withMedia('m=audio 0 RTP/AVP 0')), undefined);
    assert.equal(codecOfAnswer(withMedia('m=audio 9 RTP/AVP 0', 'm=audio 9 RTP/AVP 0')), undefined);
    assert.equal(codecOfAnswer(withMedia()), undefined);
  });
});
