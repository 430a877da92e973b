import assert from 'node:assert/strict';
import { readUpdateRequest, readUpdateResponse, writeUpdateRequest, writeUpdateResponse, type UpdateRequest } from '../../../src/protocol/deviceupdate/messages.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';

const request: UpdateRequest = {
  deviceType: 'UCPhone', macAddress: '00-04-F2-00-01-76', serialNumber: '', vendor: 'POLYCOM', model: 'CX600', revision: 'A', locale: 'ENU',
  modules: [{ fileName: 'CPE.nbt', version: '4.0.7577.107', timestamp: '' }], userId: 'sip:o\'neil&co@contoso.lab',
};
const response = {
  baseUrl: 'http://lync.contoso.lab:80/RequestHandler/Files', externalBaseUrl: '',
  modules: [{ fileName: 'CPE.nbt', signatureFileName: 'CPE.cat', version: '4.0.7577.4100', timestamp: '2012-06-18T00:00:00.000Z' }],
};

describe('Device update messages', () => {
  it('come back as they were written', () => {
    assert.deepEqual(readUpdateRequest(parseXml(writeUpdateRequest(request))), request);
    assert.deepEqual(readUpdateResponse(writeUpdateResponse(response)), response);
    assert.deepEqual(readUpdateResponse(writeUpdateResponse({ ...response, modules: [] })).modules, []);
  });

  it('are read by local name, from elements or attributes, whatever the namespace; what is missing is empty', () => {
    const read = readUpdateRequest(parseXml('<u:ImageUpdateRequest xmlns:u="urn:x" Model=" CX700 "><u:Modules><u:Module><u:FileName>CPE.nbt</u:FileName></u:Module></u:Modules></u:ImageUpdateRequest>'));
    assert.equal(read.model, 'CX700');
    assert.deepEqual(read.modules, [{ fileName: 'CPE.nbt', version: '', timestamp: '' }]);
    assert.equal(read.macAddress, '');
  });

  it('are bounded: the length of a field, the number of modules', () => {
    const many = Array.from({ length: 40 }, () => ({ fileName: 'x'.repeat(300), version: '1', timestamp: '' }));
    const { modules } = readUpdateRequest(parseXml(writeUpdateRequest({ ...request, modules: many })));
    assert.deepEqual([modules.length, modules[0]?.fileName.length], [16, 200]);
  });

  it('of another kind are refused', () => {
    assert.throws(() => readUpdateRequest(parseXml('<html/>')), { code: 'update/not-a-request', message: 'A device update was asked for with <html> instead of <ImageUpdateRequest>.' });
    assert.throws(() => readUpdateResponse('<html/>'), { code: 'update/not-a-response' });
    assert.throws(() => readUpdateResponse('not found'), { code: 'xml/malformed' });
  });
});
