import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Failure } from '../../../src/failure.js';
import { decodeName, encodeName, sameName } from '../../../src/protocol/dns/name.js';

describe('domain names', () => {
  it('read the compressed names of RFC 1035 section 4.1.4', () => {
    // F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92, exactly as the standard draws them.
    const message = Buffer.alloc(93, 0xff);
    message.set(Buffer.from('\x01F\x03ISI\x04ARPA\0', 'latin1'), 20);
    message.set(Buffer.concat([Buffer.from('\x03FOO', 'latin1'), Buffer.of(0xc0, 20)]), 40);
    message.set(Buffer.of(0xc0, 26), 64);
    message.set(Buffer.of(0), 92);
    assert.deepEqual(decodeName(message, 20), { name: 'F.ISI.ARPA', end: 32 });
    assert.deepEqual(decodeName(message, 40), { name: 'FOO.F.ISI.ARPA', end: 46 });
    assert.deepEqual(decodeName(message, 64), { name: 'ARPA', end: 66 });
    assert.deepEqual(decodeName(message, 92), { name: '.', end: 93 });
  });

  it('come back as they were written', () => {
    const label = fc.stringMatching(/^[a-z0-9_-]{1,20}$/);
    fc.assert(fc.property(fc.array(label, { minLength: 1, maxLength: 8 }), (labels) => {
      const name = labels.join('.');
      assert.deepEqual(decodeName(encodeName(name), 0), { name, end: name.length + 2 });
      assert.deepEqual(encodeName(`${name}.`), encodeName(name));
    }));
    assert.deepEqual(encodeName('.'), Buffer.of(0));
  });

  it('are refused when too long, empty in the middle, or unprintable', () => {
    for (const name of ['a..b', `${'a'.repeat(64)}.lab`, `${'abcdefg.'.repeat(32)}lab`, 'a b', 'é.lab', '..']) {
      assert.throws(() => encodeName(name), (error) => error instanceof Failure && error.code === 'dns/name', name);
    }
    assert.equal(encodeName(`${'abcdefg.'.repeat(31)}abcde`).length, 255);
  });

  it('are refused when a pointer does not lead backwards, whatever the loop', () => {
    for (const bytes of [[0xc0, 0], [1, 97, 0xc0, 0], [0xc0, 4, 0, 0, 0], [0x80, 0], [63, 97], [0xc0]]) {
      assert.throws(() => decodeName(Buffer.from(bytes), 0), (error) => error instanceof Failure && error.code === 'dns/malformed', bytes.join());
    }
  });

  it('are refused when pointers make them longer than 255 bytes', () => {
    // Each name is a label of 62 bytes and a pointer to the one before it.
    const message = Buffer.concat([Buffer.of(0), ...Array.from({ length: 5 }, (_, index) => {
      const before = index === 0 ? 0 : 1 + (index - 1) * 65;
      return Buffer.concat([Buffer.of(62), Buffer.alloc(62, 97), Buffer.of(0xc0 | (before >> 8), before & 0xff)]);
    })]);
    assert.equal(decodeName(message, 1 + 2 * 65).name.length, 3 * 63 - 1);
    assert.throws(() => decodeName(message, 1 + 4 * 65), /longer than 255/);
  });

  it('are compared without case and without the dot at the end', () => {
    assert.ok(sameName('SIP.Contoso.LAB.', 'sip.contoso.lab'));
    assert.ok(!sameName('sip.contoso.lab', 'sip.contoso.la'));
  });
});
