import assert from 'node:assert/strict';
import { canonicalAddress } from '../../../src/protocol/x509/ip-address.js';

describe('canonicalAddress', () => {
  it('gives two spellings of one address the same text (RFC 5952)', () => {
    assert.equal(canonicalAddress('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
    assert.equal(canonicalAddress('[2001:db8::1]'), '2001:db8::1');
    assert.equal(canonicalAddress('10.0.0.1'), '10.0.0.1');
  });

  it('is not taken in by names', () => {
    for (const text of ['', 'sip.contoso.lab', '10.0.0', '10.0.0.256', '[10.0.0.1]', 'fe80::1%eth0', '[]', '2001:db8']) assert.equal(canonicalAddress(text), undefined, text);
  });
});
