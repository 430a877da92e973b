import assert from 'node:assert/strict';
import { parseXml } from '../../src/protocol/soap/xml.js';
import { renderJUnit } from '../../src/rehearsal/junit.js';
import { summarise } from '../../src/rehearsal/report.js';
import { sampleReport } from './sample-report.js';

describe('renderJUnit', () => {
  it('writes a suite a target and a case a phone, well-formed whatever the texts hold', () => {
    const text = renderJUnit(sampleReport({ unexpected: true }));
    const root = parseXml(text);
    assert.equal(root.local, 'testsuites');
    assert.equal(root.attribute('failures'), '1');
    const suite = root.elements()[0];
    assert.equal(suite?.attribute('name'), 'wildcard');
    assert.deepEqual(suite?.elements().map((testCase) => testCase.attribute('name')), [
      'CX600 4.0.7577.4100, PIN', 'CX600 4.0.7577.107, USB-tethered, signed-in',
    ]);
    const failure = suite?.elements()[1]?.elements()[0];
    assert.equal(failure?.attribute('message'), 'expected signed-in, got failed at connecting');
    assert.match(failure?.text ?? '', /\*\.mslync\.net & "refused" <here>/);
  });

  it('calls a cell the same whether or not it came to a verdict, and no two cells the same', () => {
    const { plan, runs: [run] } = sampleReport();
    assert.ok(run !== undefined);
    const names = (runs: (typeof run)[], accounts: string[]) => parseXml(renderJUnit(summarise(plan, runs, {
      duration: 0, unfinished: accounts.map((account) => ({ phone: run.phone, target: run.target, account, reason: 'Interrupted.' })),
    }))).elements()[0]?.elements().map((testCase) => testCase.attribute('name'));
    assert.deepEqual([names([run], []), names([], [run.account])], [['CX600 4.0.7577.4100, PIN'], ['CX600 4.0.7577.4100, PIN']]);
    assert.deepEqual(names([run], ['bob']), ['CX600 4.0.7577.4100, PIN, sip:alice@mslync.net', 'CX600 4.0.7577.4100, PIN, bob']);
  });

  it('counts a failure that was expected as passed', () => {
    assert.equal(parseXml(renderJUnit(sampleReport())).attribute('failures'), '0');
  });

  it('leaves out characters that XML cannot hold', () => {
    const report = sampleReport();
    report.plan.name = 'bell\u0007';
    assert.equal(parseXml(renderJUnit(report)).attribute('name'), 'bell\ufffd');
  });
});
