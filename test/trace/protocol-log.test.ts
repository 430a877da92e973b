import assert from 'node:assert/strict';
import { renderProtocolLog } from '../../src/trace/protocol-log.js';
import { sampleTrace } from './sample-trace.js';

describe('renderProtocolLog', () => {
  const log = renderProtocolLog(sampleTrace);
  const records = log.split('\r\n\r\n').filter((record) => record !== '');

  it('writes a SIP message as the servers do', () => {
    assert.equal(records.find((record) => record.includes('REGISTER sip:')), [
      'TL_INFO(TF_PROTOCOL) [0]0000.0000::11/22/2026-09:05:03.107.0000000B (SIPStack,SIPAdminLog::TraceProtocolRecord:lync-phone-emulator)$$begin_record',
      'Trace-Correlation-Id: 11',
      'Instance-Id: 0000000B',
      'Direction: outgoing',
      'Peer: sip.contoso.lab:5061',
      'Message-Type: request',
      'Start-Line: REGISTER sip:contoso.lab SIP/2.0',
      'CSeq: 1 REGISTER',
      'Message-Body: <body/>',
      ' $$end_record',
      '$$end_record',
    ].join('\r\n'));
    const response = records.find((record) => record.includes('Start-Line: SIP/2.0 403'));
    assert.match(response ?? '', /Direction: incoming\r\nPeer: sip\.contoso\.lab:5061\r\nMessage-Type: response\r\n[^]*\r\nMessage-Body: -\r\n\$\$end_record$/);
  });

  it('tells of everything else, with what went wrong marked as an error', () => {
    assert.match(log, /^TL_INFO\(TF_DIAG\) .*\$\$begin_record\r\nSeverity: information\r\nText: DNS sent: A sip\.contoso\.lab\r\nPeer: 10\.0\.0\.2:53\r\n\$\$end_record$/m);
    assert.match(log, /^TL_ERROR\(TF_CONNECTION\) .*\$\$begin_record\r\nSeverity: error\r\nText: The phone refused the certificate\.$/m);
  });

  it('begins and ends every record once, whatever a peer sent', () => {
    // A keep-alive is no message.
    assert.equal(records.length, sampleTrace.length - 1);
    assert.equal(log.match(/\$\$begin_record\r\n/g)?.length, records.length);
    assert.equal(log.match(/^\$\$end_record\r$/gm)?.length, records.length);
  });
});
