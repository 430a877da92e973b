import assert from 'node:assert/strict';
import { renderMarkdown } from '../../src/rehearsal/markdown.js';
import { traceOf } from '../trace/sample-trace.js';
import { sampleRehearsal } from './sample-rehearsal.js';
import { sampleReport } from './sample-report.js';

describe('renderMarkdown', () => {
  it('tells a rehearsal that went as expected in a table', () => {
    const report = sampleReport();
    assert.equal(renderMarkdown({ report, recordings: report.runs.map((run) => ({ run, events: [] })) }), [
      '## A plan', '', '2 cells: 1 signed in, 1 failed; all as expected. 1.2 s', '',
      '|  | wildcard |', '| --- | --- |',
      '| CX600 4.0.7577.4100, PIN | \u2705 signed in |', '| CX600 4.0.7577.107, USB-tethered, signed-in | \u274c FAILED at connecting |', '', '',
    ].join('\n').replace(/\n$/, ''));
  });

  const text = renderMarkdown(sampleRehearsal());
  /** Without code blocks, in which nothing means anything. */
  const prose = text.replace(/^(`{3,})\w*\n[^]*?\n\1$/gm, '');

  it('folds what is not as expected, with cause, remedy, screen and ladder', () => {
    assert.match(text, /<details><summary>CX600 4\.0\.7577\.107, USB-tethered, signed-in, sip:alice&#64;mslync\.net at wildcard: failed at connecting, keeps retrying<\/summary>/);
    for (const part of ['Expected', 'Cause', 'Remedy', 'Windows', 'Confidence', 'Screen', 'Ladder']) assert.match(text, new RegExp(`^\\*\\*${part}\\*\\*`, 'm'));
    assert.equal(text.match(/<details>/g)?.length, 1);
    assert.match(text, /^- CX600 4\.0\.7577\.4100, PIN, bob, at wildcard: no verdict\. It failed: /m);
  });

  it('lets no text of a peer mean anything', () => {
    const own = prose.replace(/<\/?(details|summary)>|<!-- -->|\*\*[A-Z]\w+\*\*|^#+ |^\|.*\|$|^- /gm, '');
    assert.doesNotMatch(own, /[<>`*_[\]|#!\\](?!\d+;)/);
    assert.match(own, /&#60;script&#62;alert\("1"\)/);
    // Nobody is called by a comment.
    assert.match(prose, /&#64;<!-- -->everyone/);
  });

  it('has fences longer than what they hold', () => {
    assert.match(text, /^`{5}powershell\nSet-X .*````\n`{5}$/m);
  });

  it('fits into a comment', () => {
    const { report, recordings } = sampleRehearsal();
    const [, worse] = recordings;
    assert.ok(worse);
    const long = traceOf(Array.from({ length: 500 }, () => ({ layer: 'note', summary: 'x'.repeat(1_000) } as const)));
    const runs = Array.from({ length: 5 }, () => worse.run);
    const many = renderMarkdown({ report: { ...report, runs }, recordings: runs.map((run) => ({ run, events: long })) });
    assert.ok(many.length < 65_536 + 10_000, String(many.length));
    assert.match(many, /The ladder is left out: there is no room for it here\./);
  });
});
