import assert from 'node:assert/strict';
import { ladderOf } from '../../src/trace/ladder.js';
import { renderLadderText } from '../../src/trace/ladder-text.js';
import { sampleTrace, traceOf } from './sample-trace.js';

describe('renderLadderText', () => {
  it('draws a rung for each message and ends connections with an x', () => {
    const events = sampleTrace.filter((event) => event.layer === 'state' || event.layer === 'screen' || event.layer === 'dns' || event.layer === 'tls');
    assert.equal(renderLadderText(ladderOf(events)), [
      'P  phone',
      '1  DNS 10.0.0.2',
      '2  sip.contoso.lab',
      '',
      'P       1       2',
      '|       |       |      0.000 ---- discovering',
      '|       |       |      0.010      | Acquiring / IP Address',
      '|------>|       |      0.040 DNS  :53 A sip.contoso.lab',
      '|-------------->|      0.080 TLS  :5061 to sip.contoso.lab, offering TLSv1',
      '|-------------->x      0.090 TLS  :5061 The phone refused the certificate. (the phone sent the alert unknown_ca (48))',
      'x<--------------|      0.140 TLS  :5061 to sip.contoso.lab closed (the server closed it)',
      '',
    ].join('\n'));
  });

  it('keeps every row on one line, whatever a peer sent', () => {
    const lines = renderLadderText(ladderOf(sampleTrace)).split('\n');
    assert.equal(lines.length, 7 + 2 + 15 + 1);
    assert.ok(lines.every((line) => !/[\p{Cc}\u202e]/u.test(line)));
  });

  it('tells how much is left out', () => {
    assert.match(renderLadderText(ladderOf(sampleTrace, { limit: 1 })), /discovering\n\.\.\. 14 more\n$/);
    assert.match(renderLadderText(ladderOf(traceOf([{ layer: 'state', state: 'booting' }]))), /^P {2}phone\n\nP {7}1\n\|/);
  });
});
