import assert from 'node:assert/strict';
import { StageFailure, rules } from '../../src/phone/stage-failure.js';
import { diagnose } from '../../src/rehearsal/diagnosis/diagnose.js';

describe('diagnose', () => {
  it('has a remedy of whole sentences for every rule', () => {
    for (const rule of rules) {
      const { cause, remedy } = diagnose(new StageFailure(rule, 'retry', 'It failed.', { facts: { failedChecks: [{ rule: 'name', facts: {} }] } }));
      assert.equal(cause.rule, rule);
      assert.match(remedy.sentence, /^[A-Z].*\.$/, rule);
      assert.ok(remedy.commands.length > 0 || rule === 'sign-in-method-unsupported', rule);
    }
  });

  it('tells for a name covered by a wildcard which name to add, and that newer builds accept it', () => {
    const { remedy } = diagnose(new StageFailure('certificate-refused', 'retry', 'x', {
      facts: { host: 'sip.mslync.net', failedChecks: [{ rule: 'name', facts: { wildcard: '*.mslync.net' } }] },
    }));
    assert.match(remedy.sentence, /sip\.mslync\.net spelt out as a subject alternative name.*4\.0\.7577\.4100/);
    assert.ok(remedy.commands.some((command) => command.startsWith('Request-CsCertificate') && command.includes('-DomainName "sip.mslync.net"')));
    assert.ok(remedy.commands.includes('Restart-Service RTCSRV'));
  });

  it('mends the Exchange certificate where that is the one refused, with TrustedCACerts where its root is unknown', () => {
    const remedyOf = (check: object) => diagnose(new StageFailure('certificate-refused', 'retry', 'x', { facts: { host: 'mail.contoso.lab', service: 'exchange', failedChecks: [check] } })).remedy;
    const trust = remedyOf({ rule: 'trust', facts: {} });
    assert.match(trust.sentence, /does not infer the chain.*needs a reset/);
    assert.ok(trust.commands.some((command) => command.includes('-TrustedCACerts @{Add=$root} -InferCertChainFromSSL $false')));
    const name = remedyOf({ rule: 'name', facts: { wildcard: '*.contoso.lab' } });
    assert.match(name.sentence, /mail\.contoso\.lab spelt out.*4\.0\.7577\.4100/);
    assert.ok(name.commands.some((command) => command.startsWith('New-ExchangeCertificate')));
    assert.ok(remedyOf({ rule: 'key-size', facts: {} }).commands.some((command) => command.includes('-KeySize 2048')));
  });

  it('does not promise that a newer build helps where no wildcard covers the name', () => {
    const { remedy } = diagnose(new StageFailure('certificate-refused', 'retry', 'x', { facts: { host: 'sip.mslync.net', failedChecks: [{ rule: 'name', facts: {} }] } }));
    assert.doesNotMatch(remedy.sentence, /4100/);
  });

  for (const [check, command] of [
    ['trust', 'certutil -f -dspublish <root.cer> RootCA'], ['rsa-pss', 'AlternateSignatureAlgorithm 0'], ['key-size', '-KeySize 2048'],
    ['extended-key-usage', '-Template WebServer'], ['signature-hash', 'Import-CsDeviceUpdate'], ['validity', 'Get-CsCertificate'],
  ] as const) {
    it(`mends a failed check of ${check} with ${command}`, () => {
      const { remedy } = diagnose(new StageFailure('certificate-refused', 'retry', 'x', { facts: { failedChecks: [{ rule: check, facts: {} }] } }));
      assert.ok(remedy.commands.some((line) => line.includes(command)), remedy.commands.join('\n'));
    });
  }
});
