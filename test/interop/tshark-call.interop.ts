import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captured, complaintFields, complaints } from './captured.js';

const fields = [
  ...complaintFields, 'sip.Method', 'sip.Status-Code', 'sip.CSeq.method', 'sdp.media',
] as const;
type Frame = Record<(typeof fields)[number], string[]>;

describe('tshark on a call', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-tshark-call-'));
  let frames: Frame[] = [];
  after(() => { rmSync(folder, { recursive: true }); });
  before(async function () {
    this.timeout(60_000);
    frames = await captured(this, { script: 'captured-call.ts', argument: 'call', folder }, 'sip || sdp', fields);
  });

  const ofCall = () => frames.filter((frame) => frame['sip.CSeq.method'].some((method) => ['INVITE', 'ACK', 'BYE', 'CANCEL'].includes(method)));

  it('finds nothing malformed and nothing to warn of, in SIP and SDP', () => {
    assert.deepEqual(complaints(frames), []);
  });

  it('sees both hops of a call that is answered and ended, and of one that is cancelled', () => {
    const said = ofCall().map((frame) => [...frame['sip.Method'], ...frame['sip.Status-Code']].join());
    const times = (what: string) => said.filter((each) => each === what).length;
    assert.deepEqual(['INVITE', '100', '180', 'ACK', 'BYE', 'CANCEL', '487'].map((what) => [what, times(what)]), [
      ['INVITE', 4], ['100', 2], ['180', 4], ['ACK', 4], ['BYE', 2], ['CANCEL', 2], ['487', 2],
    ]);
    // One to an INVITE may come twice, where its ACK takes longer than half a second (RFC 3261 section 13.3.1.4).
    assert.ok(times('200') >= 6, 'to INVITE, BYE and CANCEL, on both hops');
  });

  it('sees the audio that is offered and answered', () => {
    const media = ofCall().flatMap((frame) => frame['sdp.media']);
    assert.deepEqual([...new Set(media)], ['audio 9 RTP/AVP 0 8 101']);
    assert.ok(media.length >= 6, 'two offers and an answer, each on both hops');
  });
});
