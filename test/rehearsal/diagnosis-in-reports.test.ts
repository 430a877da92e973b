import assert from 'node:assert/strict';
import { parseXml } from '../../src/protocol/soap/xml.js';
import { renderHtml } from '../../src/rehearsal/html/page.js';
import { renderJUnit } from '../../src/rehearsal/junit.js';
import { renderMarkdown } from '../../src/rehearsal/markdown.js';
import { renderMatrix, renderVerdict } from '../../src/rehearsal/matrix.js';
import { meets, type Report } from '../../src/rehearsal/report.js';
import { sampleReport } from './sample-report.js';

const told = {
  follows: [{ id: 'LPE075', sentence: 'No update either.' }],
  alternatives: [{ id: 'LPE076', sentence: 'A firewall drops it.', experiment: 'Try it from beside the server.' }],
  notices: [{ id: 'LPE024', sentence: 'Two servers answer.' }],
};

/** Both cells with a notice; the one that fails with all there is to tell. */
function report(): Report {
  const sample = sampleReport({ unexpected: true });
  return { ...sample, runs: sample.runs.map((run) => ({ ...run, verdict: { ...run.verdict, ...(run.matches ? { notices: told.notices } : told) } })) };
}

describe('What a diagnosis found', () => {
  const sample = report();
  const rehearsal = { report: sample, recordings: sample.runs.map((run) => ({ run, events: [] })) };
  const options = { width: 120, colour: false };
  const texts: Record<string, string> = {
    matrix: renderMatrix(sample, options),
    JUnit: parseXml(renderJUnit(sample)).elements()[0]?.elements()[1]?.elements()[0]?.text ?? '',
    HTML: renderHtml(rehearsal).replace(/&#?\w+;/g, '.'),
    // Nothing in it means anything to Markdown: brackets are references there.
    Markdown: renderMarkdown(rehearsal).replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))),
  };

  for (const [name, text] of Object.entries(texts)) {
    it(`is marked in the same way in the ${name}: cause, what follows, what else it may be`, () => {
      assert.match(text, /\[LPE001 certificate-refused\]/);
      assert.match(text, /No update either\. \[LPE075\]/);
      assert.match(text, /A firewall drops it\. \[LPE076\] Try it from beside the server\./);
    });
  }

  it('that signed-in phones should know of is told once, with the number of cells', () => {
    for (const name of ['matrix', 'Markdown']) assert.match(texts[name] ?? '', /Worth knowing.*\n+(?: *- )Two servers answer\. \[LPE024\] 2 of 2 cells\./);
    assert.equal(texts['matrix']?.split('Two servers answer').length, 2);
    const [{ verdict } = sample.runs[1] ?? assert.fail()] = sample.runs;
    assert.match(renderVerdict(verdict, options), /^ {2}notice {5}Two servers answer\. \[LPE024\]$/m);
  });

  it('can be expected by the id of its rule, too', () => {
    const [, run = assert.fail()] = sample.runs;
    for (const [rule, met] of [['LPE001', true], ['certificate-refused', true], ['LPE002', false]] as const) assert.equal(meets({ ...run, expected: { outcome: 'failed', rule } }), met);
  });
});
