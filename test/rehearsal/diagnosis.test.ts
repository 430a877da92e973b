import assert from 'node:assert/strict';
import { checkRules } from '../../src/firmware/certificate-check.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import { StageFailure, rules, type RuleId } from '../../src/phone/stage-failure.js';
import type { UpdateCheck } from '../../src/phone/steps.js';
import { pinFailureReasons } from '../../src/protocol/webticket/pin-credentials.js';
import { catalogue, explain, findRule } from '../../src/rehearsal/diagnosis/catalogue.js';
import { diagnose, type Diagnosis } from '../../src/rehearsal/diagnosis/diagnose.js';
import { findingOf } from '../../src/rehearsal/diagnosis/finding.js';
import type { Surroundings } from '../../src/rehearsal/diagnosis/rule.js';

const around: Surroundings = { outside: false, vlan: 0, optionsAnswered: undefined, roots: 'unknown', knownIssuers: [], updates: [], downgradedFrom: undefined };
const failure = (rule: RuleId, facts: object = {}, cause?: unknown) => new StageFailure(rule, 'retry', 'It failed.', { facts: { ...facts }, cause });
const refused = (check: { rule: string; facts?: object }, facts: object = {}) => failure('certificate-refused', { failedChecks: [{ facts: {}, ...check }], ...facts });
const of = (what: StageFailure, known: Partial<Surroundings> = {}): Diagnosis => diagnose(what, { ...around, ...known });
const idOf = (what: StageFailure, known: Partial<Surroundings> = {}) => of(what, known).cause.id;

describe('The catalogue of diagnosis rules', () => {
  it('explains every rule, every certificate check and every PIN reason by exactly one rule without a condition, or by rules that tell a service apart', () => {
    for (const sign of [...rules, ...checkRules, ...pinFailureReasons]) {
      const general = catalogue.filter(({ signs, when }) => signs.includes(sign) && when === undefined);
      const narrow = catalogue.filter(({ signs, when }) => signs.includes(sign) && when !== undefined);
      assert.ok(general.length === 1 || (general.length === 0 && narrow.length > 0), `${sign}: ${general.map(({ id }) => id).join()}`);
      assert.doesNotThrow(() => explain({ ...findingOf(failure('no-lease'), around), sign }), sign);
    }
  });

  it('has an id of its own for each, and whole sentences', () => {
    assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
    const finding = findingOf(failure('no-lease'), around);
    for (const rule of catalogue) {
      assert.match(rule.id, /^LPE\d{3}$/);
      assert.match(rule.title, /^[A-Z].*[^.]$/, rule.id);
      for (const text of [rule.symptom, rule.cause, rule.beforehand, rule.remedy(finding).sentence]) assert.match(text, /^[A-Z`*].*[.?`]$/, rule.id);
      assert.doesNotMatch(rule.remedy(finding).commands.join('\n'), /undefined|NaN|\[object/, rule.id);
    }
  });

  it('cites sources that there are, and leaves only what is assumed without one', () => {
    const { sources } = loadProfiles();
    for (const { id, confidence, evidence } of catalogue) {
      assert.deepEqual(evidence.filter((each) => !sources.has(each)), [], id);
      assert.ok(evidence.length > 0 || confidence === 'assumed', id);
    }
  });

  it('refers to rules that there are', () => {
    for (const { id, entails = [], alternatives = [] } of catalogue) {
      for (const other of [...entails, ...alternatives.map((each) => each.id)]) assert.ok(findRule(other) !== undefined && other !== id, `${id}: ${other}`);
    }
    assert.equal(findRule('lpe001')?.id, 'LPE001');
    assert.equal(findRule('LPE999'), undefined);
  });
});

describe('diagnose', () => {
  it('tells for a name covered by a wildcard which name to add, and that newer builds accept it', () => {
    const { cause, remedy } = of(refused({ rule: 'name', facts: { wildcard: '*.mslync.net' } }, { host: 'sip.mslync.net' }));
    assert.equal(cause.id, 'LPE001');
    assert.match(remedy.sentence, /sip\.mslync\.net spelt out as a subject alternative name.*4\.0\.7577\.4100/);
    assert.ok(remedy.commands.some((command) => command.startsWith('Request-CsCertificate') && command.includes('-DomainName "sip.mslync.net"')));
    assert.ok(remedy.commands.includes('Restart-Service RTCSRV'));
  });

  it('does not promise that a newer build helps where no wildcard covers the name', () => {
    const { cause, remedy } = of(refused({ rule: 'name' }, { host: 'sip.mslync.net' }));
    assert.equal(cause.id, 'LPE002');
    assert.doesNotMatch(remedy.sentence, /4100/);
  });

  it('mends the Exchange certificate where that is the one refused, with TrustedCACerts where its root is unknown', () => {
    const exchange = (check: { rule: string; facts?: object }) => of(refused(check, { host: 'mail.contoso.lab', service: 'exchange' }), { roots: 'directory' });
    const trust = exchange({ rule: 'trust' });
    assert.equal(trust.cause.id, 'LPE015');
    assert.match(trust.remedy.sentence, /does not infer the chain.*needs a reset/);
    assert.ok(trust.remedy.commands.some((command) => command.includes('-TrustedCACerts @{Add=$root} -InferCertChainFromSSL $false')));
    const name = exchange({ rule: 'name', facts: { wildcard: '*.contoso.lab' } });
    assert.equal(name.cause.id, 'LPE040');
    assert.match(name.remedy.sentence, /mail\.contoso\.lab spelt out.*4\.0\.7577\.4100/);
    assert.ok(exchange({ rule: 'key-size' }).remedy.commands.some((command) => command.includes('-KeySize 2048')));
  });

  for (const [check, command] of [
    ['trust', 'certutil -f -dspublish <root.cer> RootCA'], ['rsa-pss', 'AlternateSignatureAlgorithm 0'], ['key-size', '-KeySize 2048'],
    ['extended-key-usage', '-Template WebServer'], ['signature-hash', 'Import-CsDeviceUpdate'], ['validity', 'Get-CsCertificate'],
  ] as const) {
    it(`mends a failed check of ${check} with ${command}`, () => {
      const { remedy } = of(refused({ rule: check }));
      assert.ok(remedy.commands.some((line) => line.includes(command)), remedy.commands.join('\n'));
    });
  }

  it('tells apart, by where its roots come from, why a phone does not know one', () => {
    const trust = refused({ rule: 'trust' });
    const ids = (['directory', 'no-directory', 'kept', 'web-service'] as const).map((roots) => idOf(trust, { roots }));
    assert.deepEqual(ids, ['LPE003', 'LPE078', 'LPE006', 'LPE028']);
  });

  it('tells a missing intermediate from an unknown root where another server sent it, and tells both where nothing does', () => {
    const facts = { path: ['CN=pool'], issuer: 'CN=Issuing' };
    const alone = failure('certificate-refused', { failedChecks: [{ rule: 'trust', facts }, { rule: 'chain-complete', facts }] });
    assert.equal(idOf(alone, { roots: 'directory', knownIssuers: ['CN=Issuing'] }), 'LPE029');
    const { cause, alternatives } = of(alone, { roots: 'directory' });
    assert.deepEqual([cause.id, alternatives.map(({ id }) => id)], ['LPE003', ['LPE029']]);
    assert.match(alternatives[0]?.experiment ?? '', /signed by itself/);
  });

  it('goes by what lies at the bottom of a failure, and still tells it as the failure does', () => {
    const clock = failure('clock-wrong', { setBy: 'dc.contoso.lab' });
    const { cause, remedy } = of(failure('exchange-unavailable', {}, clock));
    assert.deepEqual([cause.id, cause.rule], ['LPE074', 'exchange-unavailable']);
    assert.match(remedy.sentence, /clock of dc\.contoso\.lab/);
  });

  it('folds what follows from the cause beneath it, says nothing twice, and keeps the rest beside it', () => {
    const { cause, follows, beside } = diagnose(failure('web-service-unreachable', { dns: 'timeout' }), around, [
      { id: 'LPE054', sentence: 'It failed.' }, { id: 'LPE057', sentence: 'Nor the registrar.' }, { id: 'LPE057', sentence: 'Nor the registrar.' }, { id: 'LPE013', sentence: 'Another matter.' },
    ]);
    assert.equal(cause.id, 'LPE054');
    assert.deepEqual([follows, beside], [[{ id: 'LPE057', sentence: 'Nor the registrar.' }], [{ id: 'LPE013', sentence: 'Another matter.' }]]);
  });

  it('blames the build that an update brought back for what that build refuses', () => {
    const wildcard = refused({ rule: 'name', facts: { wildcard: '*.contoso.lab' } });
    assert.equal(idOf(wildcard, { downgradedFrom: '4.0.7577.4100' }), 'LPE018');
    assert.equal(idOf(refused({ rule: 'validity' }), { downgradedFrom: '4.0.7577.4100' }), 'LPE031');
  });

  it('says of a name or hash that newer builds take whether the phone can get one', () => {
    const leg: UpdateCheck = { leg: 'before-sign-in', url: 'http://ucupdates-r2.contoso.lab/x', open: false, sentence: 'Shut.', rule: 'x', build: undefined };
    const hash = refused({ rule: 'signature-hash' });
    assert.match(of(hash, { updates: [leg] }).remedy.sentence, /out of reach as it is: publish ucupdates-r2\.contoso\.lab/);
    assert.match(of(hash, { updates: [{ ...leg, open: true }] }).remedy.sentence, /Or approve a newer build/);
  });
});
