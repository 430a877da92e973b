import assert from 'node:assert/strict';
import { writeAuditLine } from '../../../src/protocol/deviceupdate/audit-line.js';

const time = Date.parse('2012-06-20T08:00:00Z');
const request = {
  deviceType: 'UCPhone', macAddress: '00-04-F2-00-01-76', serialNumber: '', vendor: 'POLYCOM', model: 'CX600', revision: 'A', locale: 'ENU',
  modules: [{ fileName: 'CPE.nbt', version: '4.0.7577.107', timestamp: 't1' }, { fileName: 'X.nbt', version: '1.0.0.0', timestamp: '' }], userId: 'sip:alice@contoso.lab',
};
const offered = [{ fileName: 'CPE.nbt', signatureFileName: 'CPE.cat', version: '4.0.7577.4100', timestamp: 't2' }];

describe('A line of the update audit log', () => {
  it('has the fields in the order of Microsoft\'s table, modules between #, their fields between ;', () => {
    assert.equal(writeAuditLine({ time, clientAddress: '10.0.0.100', request, offered }),
      '2012-06-20T08:00:00.000Z;10.0.0.100;UCPhone;00-04-F2-00-01-76;;POLYCOM;CX600;A;ENU;CPE.nbt;4.0.7577.107;t1#X.nbt;1.0.0.0;;CPE.nbt;CPE.cat;4.0.7577.4100;t2;sip:alice@contoso.lab');
  });

  it('has empty lists where nothing is installed or offered, and no user before anyone signed in', () => {
    assert.equal(writeAuditLine({ time, clientAddress: '::1', request: { ...request, modules: [], userId: '' }, offered: [] }),
      '2012-06-20T08:00:00.000Z;::1;UCPhone;00-04-F2-00-01-76;;POLYCOM;CX600;A;ENU;;;');
  });

  it('lets no device write another field or line', () => {
    const line = writeAuditLine({ time, clientAddress: '::1', request: { ...request, modules: [], userId: 'a;b#c\r\nd' }, offered: [] });
    assert.ok(line.endsWith(';a_b_c__d'), line);
  });
});
