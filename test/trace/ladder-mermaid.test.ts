import assert from 'node:assert/strict';
import { ladderOf } from '../../src/trace/ladder.js';
import { renderLadderMermaid } from '../../src/trace/ladder-mermaid.js';
import { hostile, sampleTrace, traceOf } from './sample-trace.js';

/**
 * What Mermaid's grammar of sequence diagrams makes of a line, as far as these use it: a participant, a message or a note. Its texts end at `#`
 * (a comment, unless it begins an entity code) and `;` (the next statement), and a directive begins with `%%`.
 */
const text = String.raw`(?:[\p{L}\p{N} .,_/()*-]|#\d+;)+`;
const line = new RegExp(String.raw`^(?:  participant (?:P|L\d+) as ${text}|  (?:P(?:->>|-x)L\d+|L\d+(?:->>|-x)P): ${text}|  Note (?:over|left of) P: ${text})$`, 'u');

describe('renderLadderMermaid', () => {
  it('writes participants, messages and notes', () => {
    const lines = renderLadderMermaid(ladderOf(sampleTrace)).split('\n');
    assert.deepEqual(lines.slice(0, 4), ['sequenceDiagram', '  participant P as phone', '  participant L1 as DHCP', '  participant L2 as DNS 10.0.0.2']);
    assert.ok(lines.includes('  P->>L2: 0.040 DNS A sip.contoso.lab'));
    assert.ok(lines.includes('  P-xL6: 0.090 TLS The phone refused the certificate. (the phone sent the alert unknown_ca (48))'));
    assert.ok(lines.includes('  L6-xP: 0.140 TLS to sip.contoso.lab closed (the server closed it)'));
    assert.ok(lines.includes('  Note left of P: screen Acquiring / IP Address'));
  });

  it('stays as short as Mermaid wants it', () => {
    const text = renderLadderMermaid(ladderOf(traceOf(Array.from({ length: 1_999 }, () => ({ layer: 'note', summary: '#'.repeat(100) } as const)))));
    assert.ok(text.length < 50_000, String(text.length));
    assert.match(text, /^ {2}Note over P: 1\d{3} more\n$/m);
  });

  it('holds nothing of a peer that means something to Mermaid', () => {
    const events = traceOf([
      { layer: 'http', direction: 'received', peer: `${hostile}:80`, summary: hostile },
      { layer: 'state', state: 'end' }, { layer: 'note', summary: 'wrap:END' }, { layer: 'note', summary: '\u0000' },
    ]);
    for (const ladder of [ladderOf(events), ladderOf(sampleTrace)]) {
      const [first, ...lines] = renderLadderMermaid(ladder).trimEnd().split('\n');
      assert.equal(first, 'sequenceDiagram');
      assert.deepEqual(lines.filter((each) => !line.test(each)), []);
      assert.deepEqual(lines.filter((each) => /\bend\b/i.test(each)), []);
    }
  });
});
