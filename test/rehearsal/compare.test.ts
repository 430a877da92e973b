import assert from 'node:assert/strict';
import { compare, isWorse } from '../../src/rehearsal/compare.js';
import { renderComparison } from '../../src/rehearsal/comparison-text.js';
import type { Report, Run } from '../../src/rehearsal/report.js';
import { sampleReport } from './sample-report.js';

/** The sample with some of its runs changed. */
function changed(change: (run: Run, index: number) => Run): Report {
  const report = sampleReport();
  return { ...report, runs: report.runs.map(change) };
}

const [signedIn, failed] = sampleReport().runs.map(({ verdict }) => verdict);
assert.ok(signedIn !== undefined && failed !== undefined);

describe('compare', () => {
  it('finds nothing between a result and itself', () => {
    const comparison = compare(sampleReport(), sampleReport());
    assert.deepEqual(comparison, { schema: 1, changes: [], unchanged: 2, only: { before: [], after: [] }, names: { new: [], gone: [] } });
    assert.equal(isWorse(comparison), false);
  });

  it('tells what a change breaks, with cause and remedy, and what it mends', () => {
    const after = changed((run, index) => ({ ...run, verdict: index === 0 ? failed : signedIn }));
    const comparison = compare(sampleReport(), after);
    assert.deepEqual(comparison.changes.map(({ effect, after: { outcome } }) => [effect, outcome]), [['broke', 'failed'], ['mended', 'signed-in']]);
    assert.equal(isWorse(comparison), true);
    const text = renderComparison(comparison, { width: 100 });
    assert.match(text, /^No longer as well as before\n {2}CX600 4\.0\.7577\.4100, PIN at wildcard: signed in -> FAILED at connecting\n {4}cause +sip\.mslync\.net is covered only by/);
    assert.match(text, /remedy +Spell the name out\.\n {16}Request-CsCertificate -New\n/);
    assert.match(text, /2 cells compared: 1 worse, 1 better, 0 otherwise changed, 0 the same\.\n$/);
  });

  it('counts a phone that is only degraded as worse off, and one that fails for another reason as neither', () => {
    const comparison = compare(sampleReport(), changed((run) => ({
      ...run, verdict: run.verdict.outcome === 'signed-in' ? { ...run.verdict, outcome: 'degraded' } : { ...run.verdict, stage: 'webTicket' },
    })));
    assert.deepEqual(comparison.changes.map(({ effect }) => effect), ['broke', 'changed']);
  });

  it('tells when the same verdict is worth less', () => {
    const comparison = compare(sampleReport(), changed((run, index) => (index === 0 ? { ...run, verdict: { ...run.verdict, confidence: 'assumed' } } : run)));
    assert.deepEqual(comparison.changes.map(({ effect, before, after }) => [effect, before.confidence, after.confidence]), [['confidence', 'observed', 'assumed']]);
    assert.equal(isWorse(comparison), false);
  });

  it('tells the names that phones newly connect to, and those they no longer do', () => {
    const withServer = (host: string) => changed((run) => ({ ...run, verdict: { ...run.verdict, servers: [{ host, service: 'sip', accepted: true }] } }));
    const { names } = compare(withServer('sip.contoso.com'), withServer('lync.contoso.com'));
    assert.deepEqual(names, { new: ['lync.contoso.com (sip)'], gone: ['sip.contoso.com (sip)'] });
    assert.match(renderComparison(compare(withServer('a.example'), withServer('b.example')), { width: 100 }), /newly connect to, which certificates must carry exactly\n {2}b\.example \(sip\)/);
  });

  it('takes a single target for the same one whatever it is called, but not one of several', () => {
    const renamed = changed((run) => ({ ...run, target: 'tomorrow' }));
    assert.equal(compare(sampleReport(), renamed).unchanged, 2);
    const twice: Report = { ...renamed, runs: [...renamed.runs, ...sampleReport().runs] };
    const comparison = compare(sampleReport(), twice);
    assert.deepEqual([comparison.unchanged, comparison.only.after.length], [2, 2]);
    assert.match(comparison.only.after[0] ?? '', /at tomorrow$/);
  });
});
