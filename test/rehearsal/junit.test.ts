import assert from 'node:assert/strict';
import { parseXml } from '../../src/protocol/soap/xml.js';
import { renderJUnit } from '../../src/rehearsal/junit.js';
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

  it('counts a failure that was expected as passed', () => {
    assert.equal(parseXml(renderJUnit(sampleReport())).attribute('failures'), '0');
  });

  it('leaves out characters that XML cannot hold', () => {
    const report = sampleReport();
    report.plan.name = 'bell\u0007';
    assert.equal(parseXml(renderJUnit(report)).attribute('name'), 'bell\ufffd');
  });
});
