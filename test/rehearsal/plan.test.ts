import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/failure.js';
import { plannedCells } from '../../src/rehearsal/planned-cells.js';
import { builtInPlanFile, expectationFor, loadPlan } from '../../src/rehearsal/plan.js';

describe('loadPlan', () => {
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), 'plan-')); });
  after(() => { rmSync(folder, { recursive: true }); });

  function refusal(text: string): Failure {
    const file = join(folder, 'plan.yaml');
    writeFileSync(file, text);
    let caught: unknown;
    assert.throws(() => loadPlan(file), (error) => { caught = error; return error instanceof Failure; });
    return caught as Failure;
  }

  it('reads the built-in story: 5 phones at 3 targets, of which the CU1 phones fail at the wildcard', () => {
    const plan = loadPlan(builtInPlanFile);
    assert.equal(plan.phones.length, 5);
    assert.deepEqual(Object.keys(plan.targets), ['wildcard', 'exact-san', 'single-namespace']);
    const failing = Object.keys(plan.targets).flatMap((target) => plan.phones.filter((phone) => expectationFor(plan, { phone, account: 'alice', target }).outcome === 'failed')
      .map((phone) => `${phone.firmware} ${phone.signIn} ${target}`));
    assert.deepEqual(failing, ['4.0.7577.107 pin wildcard', '4.0.7577.107 tethered wildcard']);
  });

  it('reads the plan for real servers that people copy', () => {
    const plan = loadPlan('examples/plans/live.yaml');
    const { staging } = plan.targets;
    assert.deepEqual([staging?.live?.dnsServer, staging?.live?.connectTo.length, Object.keys(plan.accounts)], [{ address: '192.0.2.53', port: 53 }, 3, ['rehearsal']]);
    assert.deepEqual(plannedCells(plan).map(({ phone, account, target }) => [phone.firmware, account, target]),
      plan.phones.map(({ firmware }) => [firmware, 'rehearsal', 'staging']));
  });

  it('lets the last matching expectation count', () => {
    const plan = { ...loadPlan(builtInPlanFile), expect: [
      { phone: {}, outcome: 'failed' as const }, { phone: { firmware: '4.0.7577.107' }, outcome: 'degraded' as const },
    ] };
    assert.equal(expectationFor(plan, { phone: plan.phones[0]!, account: 'alice', target: 'wildcard' }).outcome, 'degraded');
    assert.equal(expectationFor(plan, { phone: plan.phones[2]!, account: 'alice', target: 'wildcard' }).outcome, 'failed');
  });

  const head = 'schema: 1\nname: x\ntargets: { a: { lab: a.yaml } }\nphones: [{ firmware: 1.2.3.4, signIn: pin }]\n';

  for (const [what, text, code, sentence] of [
    ['no YAML', 'a: [', 'plan/not-yaml', /plan\.yaml is not YAML: .*line 1/],
    ['lists in lists in lists', `name: ${'['.repeat(1200)}`, 'plan/not-yaml', /plan\.yaml is not usable YAML: lists or mappings stand in one another more than 100 deep\.$/],
    ['mappings in mappings in mappings', Array.from({ length: 1200 }, (_, depth) => `${' '.repeat(depth)}name:`).join('\n'), 'plan/not-yaml', /more than 100 deep\.$/],
    ['no phones', head.replace(/phones.*\n/, ''), 'plan/invalid', /at phones: expected a list, found nothing\.$/],
    ['two documents', `${head}---\n${head}`, 'plan/not-yaml', /plan\.yaml is not YAML: it holds several documents, and one is wanted: there is a second line "---"\.$/],
    ['a number that is none', `${head}accounts: { a: { sipUri: sip:a@b.c, number: abc } }\n`, 'plan/invalid', /at accounts\.a\.number: expected a number/],
    ['an expectation of a rule that nobody has', `${head}expect: [{ outcome: failed, rule: LPE999 }]\n`, 'plan/unknown-rule', /expect\.0\.rule: there is no rule "LPE999"\.$/],
    ['a secret in the plan', `${head}accounts: { a: { sipUri: sip:a@b.c, pin: "48213" } }\n`, 'plan/invalid', /at accounts\.a\.pin: expected where the secret is, never the secret itself: \{ env: NAME \}/],
    ['an unknown key', `${head}colour: blue\n`, 'plan/invalid', /colour/],
    ['an unknown sign-in method', head.replace('pin', 'magic'), 'plan/invalid', /at phones\.0\.signIn: .*"pin"\|"tethered"\|"typed"/],
    ['a model that nobody made', head.replace('firmware:', 'model: CX601, firmware:'), 'plan/unknown-model',
      /plan\.yaml is wrong at phones\.0\.model: there is no phone model "CX601"; known are CX500, CX600, /],
    ['an expectation that matches nothing', `${head}expect: [{ target: b, outcome: failed }]\n`, 'plan/idle-expectation', /expect\.0/],
  ] as const) {
    it(`refuses ${what}, naming the place and what was expected`, () => {
      const failure = refusal(text);
      assert.equal(failure.code, code);
      assert.match(failure.message, sentence);
    });
  }

  const live = (settings: string) => `schema: 1\nname: x\ntargets: { pool: { live: { sipDomains: [contoso.com], ${settings} } } }\nphones: [{ firmware: 1.2.3.4, signIn: pin }]\n`;

  it('reads where servers are: an address with its service\'s port, connections with either port left out', () => {
    const file = join(folder, 'live.yaml');
    writeFileSync(file, live('dnsServer: "192.0.2.53:5353", dhcpServer: 192.0.2.67, connectTo: ["SIP.Contoso.com:5061:192.0.2.10:5062", "lync.contoso.com::192.0.2.20:"]'));
    const { dnsServer, dhcpServer, connectTo } = loadPlan(file).targets['pool']?.live ?? assert.fail();
    assert.deepEqual([dnsServer, dhcpServer], [{ address: '192.0.2.53', port: 5353 }, { address: '192.0.2.67', port: 67 }]);
    assert.deepEqual(connectTo, [
      { host: 'sip.contoso.com', port: 5061, address: '192.0.2.10', toPort: 5062 }, { host: 'lync.contoso.com', port: undefined, address: '192.0.2.20', toPort: undefined },
    ]);
    writeFileSync(file, live('dhcpServer: broadcast'));
    assert.equal(loadPlan(file).targets['pool']?.live?.dhcpServer, 'broadcast');
  });

  for (const [settings, sentence] of [
    ['dnsServer: 999.0.2.53', /wrong at targets\.pool\.live\.dnsServer: "999\.0\.2\.53" is not an IPv4 address, with or without a port: 192\.0\.2\.53 or 192\.0\.2\.53:53\./],
    ['dnsServer: "192.0.2.53:70000"', /"192\.0\.2\.53:70000" is not an IPv4 address/],
    ['dhcpServer: "192.0.2.67:0"', /at targets\.pool\.live\.dhcpServer: "192\.0\.2\.67:0" is not broadcast or an IPv4 address, .*:67\./],
    ['dhcpServer: dhcp.contoso.com', /"dhcp\.contoso\.com" is not broadcast or an IPv4 address/],
    ['connectTo: ["sip.contoso.com:5061:192.0.2.10:5061", "sip.contoso.com:5061:192.0.2.300:5061"]', /at targets\.pool\.live\.connectTo\.1: "sip\.contoso\.com:5061:192\.0\.2\.300:5061" is not HOST:PORT:ADDRESS:PORT, for instance .*; either port may be empty\./],
    ['connectTo: ["sip.contoso.com:5061:192.0.2.10:99999"]', /is not HOST:PORT:ADDRESS:PORT/],
    ['connectTo: ["sip.contoso.com:0:192.0.2.10:5061"]', /is not HOST:PORT:ADDRESS:PORT/],
    ['connectTo: ["*.contoso.com:443:192.0.2.10:443"]', /is not HOST:PORT:ADDRESS:PORT/],
  ] as const) {
    it(`refuses ${settings}`, () => {
      const failure = refusal(live(settings));
      assert.equal(failure.code, 'plan/invalid');
      assert.match(failure.message, sentence);
    });
  }

  it('says so when there is no such file', () => {
    assert.throws(() => loadPlan(join(folder, 'none.yaml')), { code: 'plan/unreadable', message: /there is no such file/ });
  });
});
