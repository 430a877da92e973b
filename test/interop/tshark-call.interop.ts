import assert from 'node:assert/strict';
import { pooledKey, signInByPin, type PinSignIn } from '../pin-phone.js';
import { captured, complaintFields, complaints } from './captured.js';

const fields = [
  ...complaintFields, 'sip.Method', 'sip.Status-Code', 'sip.CSeq.method', 'sdp.media',
] as const;
type Frame = Record<(typeof fields)[number], string[]>;

/** Two phones sign in, one calls the other, is answered, and hangs up; then it calls again and gives up. */
async function twoCalls(lab: PinSignIn['lab']): Promise<void> {
  const keyPair = pooledKey();
  await using alice = await signInByPin({ lab, keyPair });
  await using bob = await signInByPin({ lab, keyPair, user: 1, macAddress: '00-04-F2-00-01-77' });
  alice.call('101');
  await bob.until(({ call }) => call?.state === 'ringing');
  bob.answer();
  await alice.until(({ call }) => call?.state === 'connected');
  await bob.until(({ call }) => call?.state === 'connected');
  alice.hangUp();
  await bob.until(({ call }) => call?.state === 'ended');
  alice.call('bob@contoso.lab');
  await bob.until(({ call }) => call?.state === 'ringing');
  await alice.until(({ call }) => call?.state === 'ringing');
  // The call is over for alice at once; on the wire it is when she has acknowledged the 487.
  const acknowledged = new Promise<void>((resolve) => {
    alice.trace.subscribe((event) => { if (event.layer === 'sip' && event.direction === 'sent' && event.summary.startsWith('ACK')) resolve(); });
  });
  alice.hangUp();
  await acknowledged;
  await alice.signOut();
  await bob.signOut();
}

describe('tshark on a call', () => {
  let frames: Frame[] = [];
  before(async function () {
    this.timeout(60_000);
    frames = await captured(this, twoCalls, 'sip || sdp', fields);
  });

  const ofCall = () => frames.filter((frame) => frame['sip.CSeq.method'].some((method) => ['INVITE', 'ACK', 'BYE', 'CANCEL'].includes(method)));

  it('finds nothing malformed and nothing to warn of, in SIP and SDP', () => {
    assert.deepEqual(complaints(frames), []);
  });

  it('sees both hops of a call that is answered and ended, and of one that is cancelled', () => {
    const said = ofCall().map((frame) => [...frame['sip.Method'], ...frame['sip.Status-Code']].join());
    const times = (what: string) => said.filter((each) => each === what).length;
    assert.deepEqual(['INVITE', '100', '180', 'BYE', 'CANCEL', '487'].map((what) => [what, times(what)]), [
      ['INVITE', 4], ['100', 2], ['180', 4], ['BYE', 2], ['CANCEL', 2], ['487', 2],
    ]);
    // One to an INVITE may come twice, and its ACK with it, where that takes longer than half a second (RFC 3261 section 13.3.1.4).
    assert.ok(times('200') >= 6 && times('ACK') >= 4, 'to INVITE, BYE and CANCEL, on both hops');
  });

  it('sees the audio that is offered and answered', () => {
    const media = ofCall().flatMap((frame) => frame['sdp.media']);
    assert.deepEqual([...new Set(media)], ['audio 9 RTP/AVP 0 8 101']);
    assert.ok(media.length >= 6, 'two offers and an answer, each on both hops');
  });
});
