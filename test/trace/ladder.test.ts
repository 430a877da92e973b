import assert from 'node:assert/strict';
import { ladderOf, oneLine } from '../../src/trace/ladder.js';
import { sampleTrace, traceOf } from './sample-trace.js';

describe('ladderOf', () => {
  const { lanes, rows, leftOut } = ladderOf(sampleTrace);

  it('gives each peer a lane, in the order they were spoken to', () => {
    assert.deepEqual(lanes, ['DHCP', 'DNS 10.0.0.2', 'NTP 10.0.0.2', 'dc.contoso.lab', 'pool.contoso.lab', 'sip.contoso.lab']);
    assert.deepEqual(rows.flatMap((row) => (row.kind === 'message' ? [[row.layer, row.lane]] : [])), [
      ['dhcp', 0], ['dhcp', 0], ['dns', 1], ['ntp', 2], ['ldap', 3], ['http', 4], ['tls', 5], ['tls', 5], ['sip', 5], ['sip', 5], ['sip', 5], ['tls', 5],
    ]);
  });

  it('ends before the phone is switched off', () => {
    assert.equal(leftOut, 0);
    assert.deepEqual([rows.length, rows.at(-1)?.time], [15, 140]);
  });

  it('tells who ended a TLS connection, and by what', () => {
    assert.deepEqual(rows.flatMap((row) => (row.kind === 'message' && row.ends === true ? [[row.direction, row.summary]] : [])), [
      ['sent', 'The phone refused the certificate. (the phone sent the alert unknown_ca (48))'],
      ['received', 'to sip.contoso.lab closed (the server closed it)'],
    ]);
  });

  it('is bounded, and says so', () => {
    const { rows: few, leftOut: more } = ladderOf(sampleTrace, { limit: 4 });
    assert.deepEqual([few.length, more], [4, 11]);
  });

  it('is empty for no events', () => {
    assert.deepEqual(ladderOf([]), { lanes: [], rows: [], leftOut: 0 });
    assert.deepEqual(ladderOf(traceOf([{ layer: 'state', state: 'off' }])).rows.length, 1);
  });

  it('keeps what a peer says on one line, and short', () => {
    assert.equal(oneLine('a\r\nb\u2028c\u202ed\u0000'), 'a b c d');
    assert.equal(oneLine('x'.repeat(500), 10), `${'x'.repeat(10)}...`);
  });
});
