import assert from 'node:assert/strict';
import { deviceEpid, endpointUuid } from '../../../src/protocol/sip/endpoint-identity.js';
import { never, SessionBench } from './session-bench.js';

describe('the phone\'s REGISTER on the wire', () => {
  let bench: SessionBench;
  before(async () => { bench = await SessionBench.start(); });
  after(() => bench.close());

  it('has the headers of a Lync client, one a line, in their order (MS-SIPREGE 4.1.1)', async () => {
    let text = '';
    const session = await bench.connectTo((socket) => { socket.once('data', (bytes: Buffer) => { text = bytes.toString('utf8'); socket.end(); }); });
    await assert.rejects(session.challenge(never));
    const epid = deviceEpid('00-04-F2-00-01-76', 'sip:alice@contoso.lab');
    // What is fresh each time, and the port of this connection.
    const settled = text
      .replaceAll(/10\.0\.0\.20:\d+/g, '10.0.0.20:PORT').replace(/branch=z9hG4bK\d+/, 'branch=z9hG4bK1').replace(/;tag=[0-9a-f]{10};/, ';tag=2d0be03279;')
      .replace(/Call-ID: [0-9a-f]{32}\r/, 'Call-ID: 74c55d45a6ee404680aa55c8fe126f11\r').replace(/ms-opaque=[0-9a-f]{10}/, 'ms-opaque=6fb3a8330a');
    assert.equal(settled, [
      'REGISTER sip:contoso.lab SIP/2.0',
      'Via: SIP/2.0/TLS 10.0.0.20:PORT;branch=z9hG4bK1',
      'Max-Forwards: 70',
      `From: <sip:alice@contoso.lab>;tag=2d0be03279;epid=${epid}`,
      'To: <sip:alice@contoso.lab>',
      'Call-ID: 74c55d45a6ee404680aa55c8fe126f11',
      'CSeq: 1 REGISTER',
      'Contact: <sip:10.0.0.20:PORT;transport=tls;ms-opaque=6fb3a8330a>'
      + ';methods="INVITE, MESSAGE, INFO, OPTIONS, BYE, CANCEL, NOTIFY, ACK, REFER, BENOTIFY";proxy=replace'
      + `;+sip.instance="<urn:uuid:${endpointUuid(epid).toUpperCase()}>"`,
      'User-Agent: CPE/4.0.7577.4100 OCPhone/4.0.7577.4100 (Microsoft Lync 2010 Phone Edition)',
      'Supported: gruu-10, adhoclist, msrtc-event-categories',
      'Supported: ms-forking',
      'Supported: ms-cluster-failover',
      'Supported: ms-userservices-state-notification',
      'ms-keep-alive: UAC;hop-hop=yes',
      'Event: registration',
      'ms-subnet: 10.0.0.0',
      'Ms-Device-Info: MAC=00-04-F2-00-01-76, vendor=POLYCOM, version=CX600',
      'Content-Length: 0', '', '',
    ].join('\r\n'));
  });
});
