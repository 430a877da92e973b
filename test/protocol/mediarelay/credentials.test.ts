import assert from 'node:assert/strict';
import { readRelayRequest, readRelayResponse, writeRelayRequest, writeRelayResponse } from '../../../src/protocol/mediarelay/credentials.js';

const service = 'sip:mrasserver.contoso.com@contoso.com;gruu;opaque=srvr:MRAS:OKPDbAVxIEKtPh2g624vPAAA';
// The shape of MS-AVEDGEA 2.2.3.1, as the SIPE client sends it.
const request = `<request requestID="17" from="sip:alice@contoso.com" version="1.0" to="${service}" xmlns="http://schemas.microsoft.com/2006/09/sip/mrasp">
 <credentialsRequest credentialsRequestID="17"><identity>sip:alice@contoso.com</identity><location>intranet</location><duration>480</duration></credentialsRequest></request>`;
const asked = { requestId: '17', identity: 'sip:alice@contoso.com', service, location: 'intranet', duration: 480 } as const;
const given = { username: 'AgAAJ', password: 'secret', duration: 480, relays: [{ location: 'intranet', host: 'edge.contoso.com', udpPort: 3478, tcpPort: 443 }] } as const;

describe('media relay credentials', () => {
  it('are asked for as MS-AVEDGEA has it', () => {
    assert.equal(writeRelayRequest(asked), request.replaceAll(/\n\s*/g, ''));
    assert.deepEqual(readRelayRequest(Buffer.from(request)), asked);
  });

  it('come back as they were given', () => {
    assert.deepEqual(readRelayResponse(Buffer.from(writeRelayResponse(asked, given))), given);
  });

  it('name relays by address too, and relays of nowhere are passed over', () => {
    const relay = (inner: string) => `<mediaRelay>${inner}</mediaRelay>`;
    const response = writeRelayResponse(asked, { ...given, relays: [] }).replace('<mediaRelayList>', `<mediaRelayList>${
      relay('<location>internet</location><directIPAddress>192.0.2.1</directIPAddress><udpPort>70000</udpPort>')}${relay('<location>moon</location><hostName>x</hostName>')}${relay('')}`);
    assert.deepEqual(readRelayResponse(Buffer.from(response)).relays, [{ location: 'internet', host: '192.0.2.1', udpPort: undefined, tcpPort: undefined }]);
  });

  it('are not there in a refusal, which is told with its reason', () => {
    const refusal = '<response requestID="17" version="1.0" reasonPhrase="Request Too Large" xmlns="http://schemas.microsoft.com/2006/09/sip/mrasp"/>';
    assert.throws(() => readRelayResponse(Buffer.from(refusal)), { code: 'media-relay/unreadable', message: /\(Request Too Large\)/ });
  });
});
