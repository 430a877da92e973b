import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { SipFramer } from '../../../src/protocol/sip/framing.js';

const code = (expected: string) => (error: unknown) => error instanceof Failure && error.code === expected;

/** What a stream cut into `chunks` holds: messages as text, keep-alives as `~`. */
function framesOf(chunks: Iterable<Buffer>): string[] {
  const framer = new SipFramer();
  const frames: string[] = [];
  for (const chunk of chunks) {
    for (const frame of framer.push(chunk)) frames.push(frame.kind === 'message' ? frame.bytes.toString() : '~');
  }
  return frames;
}

describe('SIP framing on a stream', () => {
  const one = 'SIP/2.0 200 OK\r\nCall-ID: x\r\nContent-Length: 7\r\n\r\ngröße';
  const two = 'BENOTIFY sip:a SIP/2.0\r\nl: 0\r\n\r\n';

  it('counts bytes, takes several messages from one read, and skips empty lines between them', () => {
    assert.deepEqual(framesOf([Buffer.from(`\r\n\r\n${one}${two}\r\n${one}`)]), ['~', one, two, '~', one]);
  });

  it('finds the same messages however the stream is split', () => {
    const stream = Buffer.from(one + two + one);
    fc.assert(fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
      assert.deepEqual(framesOf(edges.slice(1).map((end, index) => stream.subarray(edges[index], end))), [one, two, one]);
    }));
    assert.deepEqual(framesOf(Array.from(stream, (byte) => Buffer.from([byte]))), [one, two, one]);
  });

  it('knows whether it stands in the middle of a message', () => {
    const framer = new SipFramer();
    assert.deepEqual([...framer.push(Buffer.from(one.slice(0, 30)))], []);
    assert.equal(framer.midMessage, true);
    assert.equal([...framer.push(Buffer.from(one).subarray(30))].length, 1);
    assert.equal(framer.midMessage, false);
  });

  it('gives the good messages before the fault', () => {
    const seen: string[] = [];
    assert.throws(() => { for (const frame of new SipFramer().push(Buffer.from(`${two}GET / HTTP/1.1\r\n`))) seen.push(frame.kind); }, code('sip/garbage'));
    assert.deepEqual(seen, ['message']);
  });

  it('refuses garbage at once, and anything without bounds', () => {
    const push = (text: string | Buffer) => () => [...new SipFramer().push(Buffer.from(text))];
    assert.throws(push(Buffer.from('160301004a010000', 'hex')), code('sip/garbage'));
    assert.throws(push(`OPTIONS sip:a SIP/2.0\r\nX: ${'x'.repeat(70_000)}`), code('sip/oversize'));
    assert.throws(push('OPTIONS sip:a SIP/2.0\r\nContent-Length: 99999999\r\n\r\n'), code('sip/oversize'));
    assert.throws(push('OPTIONS sip:a SIP/2.0\r\n\r\n'), code('sip/no-content-length'));
    assert.throws(push('OPTIONS sip:a SIP/2.0\r\nContent-Length: -1\r\n\r\n'), code('sip/no-content-length'));
    assert.throws(push('OPTIONS sip:a SIP/2.0\r\nContent-Length: 1\r\nl: 2\r\n\r\n'), code('sip/no-content-length'));
  });

  it('never fails in another way', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (chunks) => {
      try {
        framesOf(chunks.map((chunk) => Buffer.from(chunk)));
      } catch (error) {
        assert.ok(error instanceof Failure);
      }
    }));
  });
});
