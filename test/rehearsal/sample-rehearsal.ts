import { summarise, type Rehearsal, type Run } from '../../src/rehearsal/report.js';
import type { PresentedInTrace } from '../../src/trace/event.js';
import { hostile, sampleTrace, traceOf } from '../trace/sample-trace.js';
import { sampleReport } from './sample-report.js';

const presented: PresentedInTrace = {
  subject: `CN=pool.contoso.lab, O=${hostile}`, commonName: 'pool.contoso.lab', usages: undefined, authority: false, issuer: 'CN=Root', names: ['sip.contoso.lab', '*.contoso.lab', 'pool.fabrikam.lab', hostile],
  notBefore: Date.UTC(2011, 1, 1), notAfter: Date.UTC(2041, 1, 1), key: 'rsa 2048', signature: 'rsa-pkcs1 with sha256', fingerprint: 'ab'.repeat(32),
};

const judged = traceOf([
  { layer: 'state', state: 'connecting' },
  ...[1, 2].map(() => ({
    layer: 'tls', phase: 'certificate-judged', peer: 'sip.contoso.lab:5061', summary: 'certificate of sip.contoso.lab refused', chain: [presented, undefined],
    detail: { accepted: false, checks: [{ rule: 'name', passed: false, decisive: true, sentence: hostile, facts: {}, confidence: 'observed', evidence: ['schertz-2011-02'] }] },
  } as const)),
]);

/** What a hostile deployment might make of a rehearsal: one cell as expected, one not, one without a verdict; peers' texts in every place. */
export function sampleRehearsal(): Rehearsal {
  const [accepted, refused] = sampleReport({ unexpected: true }).runs as [Run, Run];
  const worse: Run = {
    ...refused,
    verdict: { ...refused.verdict, screen: [hostile], cause: { id: 'LPE001', rule: 'certificate-refused', sentence: `It said ${hostile}.`, facts: {} }, remedy: { sentence: hostile, commands: [`Set-X "${hostile}" \`\`\`\``] } },
  };
  const report = summarise({ name: `A plan ${hostile}`, description: '@everyone look' }, [accepted, worse], {
    duration: 1234, planned: 3, unfinished: [{ phone: accepted.phone, account: 'bob', target: 'wildcard', reason: `It failed: ${hostile}` }],
  });
  return { report, recordings: [{ run: accepted, events: sampleTrace }, { run: worse, events: [...judged, ...sampleTrace] }] };
}
