import assert from 'node:assert/strict';
import { momentOf, ntpTimestamp } from '../../../src/protocol/ntp/timestamp.js';

/** "Interesting historic NTP dates", RFC 5905 figure 4: seconds within the era. */
const dates = [
  ['1972-01-01T00:00:00Z', 2_272_060_800n],
  ['1999-12-31T00:00:00Z', 3_155_587_200n],
  ['2036-02-08T00:00:00Z', 63_104n],
] as const;

describe('NTP timestamps', () => {
  for (const [date, seconds] of dates) {
    it(`know ${date}, in either direction`, () => {
      assert.equal(ntpTimestamp(Date.parse(date)), seconds << 32n);
      assert.equal(momentOf(seconds << 32n), Date.parse(date));
    });
  }

  it('go over from one era to the next', () => {
    const last = Date.parse('2036-02-07T06:28:15.999Z');
    assert.equal(ntpTimestamp(last) >> 32n, 0xffff_ffffn);
    assert.equal(ntpTimestamp(last + 1), 0n);
    for (const moment of [last, last + 1, last + 2]) assert.equal(momentOf(ntpTimestamp(moment)), moment);
  });

  it('keep every millisecond, also of a clock that is far off', () => {
    const start = Date.parse('2006-01-01T12:00:00Z');
    for (let moment = start; moment < start + 1000; moment++) assert.equal(momentOf(ntpTimestamp(moment)), moment);
    assert.equal(momentOf(ntpTimestamp(Date.parse('2080-06-01T00:00:00Z'))), Date.parse('2080-06-01T00:00:00Z'));
  });
});
