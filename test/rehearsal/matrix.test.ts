import assert from 'node:assert/strict';
import { renderMatrix } from '../../src/rehearsal/matrix.js';
import { sampleReport } from './sample-report.js';

describe('renderMatrix', () => {
  it('tells the matrix, then everything about the cell that fails, in words that need no colour', () => {
    assert.equal(renderMatrix(sampleReport(), { width: 80, colour: false }), [
      'A plan',
      '',
      '                                             wildcard',
      'CX600 4.0.7577.4100, PIN                     signed in',
      'CX600 4.0.7577.107, USB-tethered, signed-in  FAILED at connecting',
      '',
      'CX600 4.0.7577.107, USB-tethered, signed-in at wildcard: failed at connecting, keeps retrying',
      '  screen     | Cannot connect to the server. Retrying.',
      '             | support team.',
      '  cause      sip.mslync.net is covered only by *.mslync.net & "refused" <here>.',
      '             [LPE001 certificate-refused]',
      '  remedy     Spell the name out.',
      '               Request-CsCertificate -New',
      '               Restart-Service RTCSRV',
      '  Windows    the Windows client signs in here',
      '  confidence observed, disputed (schertz-2011-02)',
      '',
      '2 cells: 1 signed in, 1 failed; all as expected. 1.2 s',
      '',
    ].join('\n'));
  });

  it('tells once what is the same of several cells', () => {
    const report = sampleReport();
    const [, failed] = report.runs;
    assert.ok(failed !== undefined);
    const text = renderMatrix({ ...report, runs: [...report.runs, { ...failed, target: 'staging' }] }, { width: 80, colour: false });
    const headings = ['wildcard', 'staging'].map((target) => `CX600 4.0.7577.107, USB-tethered, signed-in at ${target}: failed at connecting, keeps retrying\n`);
    assert.ok(text.includes(`${headings.join('')}  screen     | Cannot connect to the server. Retrying.\n`));
    assert.equal(text.split('cause ').length, 2);
  });

  it('marks and explains a cell that is not as expected', () => {
    const text = renderMatrix(sampleReport({ unexpected: true }), { width: 80, colour: false });
    assert.match(text, /FAILED at connecting \*/);
    assert.match(text, /expected {3}signed-in/);
    assert.match(text, /1 not as expected \(marked \*\)/);
  });

  it('adds colour, and nothing else, where it is wanted', () => {
    const plain = renderMatrix(sampleReport(), { width: 80, colour: false });
    const coloured = renderMatrix(sampleReport(), { width: 80, colour: true });
    assert.notEqual(coloured, plain);
    const stripped = coloured.replace(/\u001b\[\d+m/g, '').replace(/ +$/gm, '');
    assert.equal(stripped, plain);
  });
});
