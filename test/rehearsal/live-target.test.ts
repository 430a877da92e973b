import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Lab } from '../../src/lab/lab.js';
import type { Stage } from '../../src/phone/steps.js';
import { loadPlan } from '../../src/rehearsal/plan.js';
import { rehearse } from '../../src/rehearsal/rehearse.js';
import { smallTopology } from '../lab/small-topology.js';
import { startLab } from '../start-lab.js';

const profiles = loadProfiles();
const { signal } = new AbortController();
const firmware = '4.0.7577.4100';

// Servers that the rehearsal knows nothing of but their addresses: it reaches them with the host's own sockets.
describe('A live target', () => {
  let lab: Lab;
  const folder = mkdtempSync(join(tmpdir(), 'lpe-live-'));
  before(async () => {
    lab = await startLab(smallTopology());
    writeFileSync(join(folder, 'root.pem'), lab.rootCertificates()[0]?.pem ?? '');
  });
  after(async () => { await lab.close(); rmSync(folder, { recursive: true }); });

  const portOf = (service: string) => lab.services.find((each) => each.service === service)?.port ?? 0;

  function plan(change: { live?: object; phones?: object[]; pin?: string; limits?: object } = {}) {
    const file = join(folder, 'plan.yaml');
    writeFileSync(file, stringify({
      schema: 1, name: 'live', phones: change.phones ?? [{ firmware, signIn: 'pin' }], ...(change.limits === undefined ? {} : { limits: change.limits }),
      targets: { pool: { live: {
        sipDomains: ['contoso.lab'], interface: '127.0.0.1', dnsServer: `127.0.0.1:${portOf('dns')}`, domainName: 'contoso.lab',
        dhcpOptions: { webServer: 'lync.contoso.lab', registrar: 'lync.contoso.lab' },
        connectTo: [['443', 'https'], ['80', 'http'], ['5061', 'registrar']].map(([port, service]) => `lync.contoso.lab:${port}:127.0.0.1:${portOf(service ?? '')}`),
        directoryRoots: ['root.pem'], ...change.live,
      } } },
      accounts: { alice: { sipUri: 'sip:alice@contoso.lab', number: '100', logon: String.raw`CONTOSO\alice`, pin: { env: 'ALICE_PIN' }, password: { env: 'ALICE_PASSWORD' } } },
    }));
    return loadPlan(file);
  }

  const run = (change: Parameters<typeof plan>[0] = {}, stopBefore?: Stage) => rehearse(plan(change), {
    profiles, signal, stopBefore, secrets: { env: { ALICE_PIN: change.pin ?? '48213', ALICE_PASSWORD: 'lab-password-alice' }, ask: undefined },
  });
  const seenBy = (start: number, pattern: RegExp) => lab.trace.events.slice(start)
    .filter((event) => 'direction' in event && event.direction === 'received' && pattern.test(event.summary)).length;

  it('signs phones in by PIN and by AD credentials, over the host\'s own sockets', async () => {
    const { report } = await run({ phones: [{ firmware, signIn: 'pin' }, { firmware, signIn: 'tethered' }] });
    assert.deepEqual(report.runs.map(({ account, verdict }) => [account, verdict.outcome, verdict.cause?.sentence]), [['alice', 'signed-in', undefined], ['alice', 'signed-in', undefined]]);
  });

  it('tries a wrong PIN once, whatever the number of phones, and says why it tries no more', async () => {
    const start = lab.trace.events.length;
    const { report } = await run({ pin: '99999', phones: [{ firmware, signIn: 'pin' }, { firmware: '4.0.7577.107', signIn: 'pin' }, { firmware: '4.0.7577.4363', signIn: 'pin' }] });
    assert.deepEqual(report.runs.map(({ verdict }) => verdict.cause?.rule), ['pin-refused']);
    assert.equal(report.unfinished.length, 2);
    assert.match(report.unfinished[0]?.reason ?? '', /was refused once already, and more could lock the account .*: the PIN is wrong\.$/);
    assert.equal(seenBy(start, /WebTicketService\.svc\/pin/), 1);
    lab.setUser('sip:alice@contoso.lab', { pinLocked: false });
  });

  it('goes no further than a dry run lets it', async () => {
    const start = lab.trace.events.length;
    const { report } = await run({}, 'registering');
    assert.deepEqual(report.runs.map(({ verdict, matches }) => [verdict.outcome, verdict.stage, matches]), [['stopped', 'registering', true]]);
    assert.equal(seenBy(start, /^REGISTER/), 0);
    const before = lab.trace.events.length;
    await run({}, 'webTicket');
    assert.equal(seenBy(before, /WebTicketService\.svc\/pin/), 0);
  });

  it('ends a sign-in at its deadline and tells so', async () => {
    // Nobody answers there: TEST-NET-1.
    const { report } = await run({ live: { dnsServer: '127.0.0.1:9', connectTo: ['lync.contoso.lab::192.0.2.1:'] }, limits: { deadlineSeconds: 1 } });
    assert.equal(report.runs.length + report.unfinished.length, 1);
    if (report.unfinished[0] !== undefined) assert.match(report.unfinished[0].reason, /still under way after 1 s/);
  });

  it('refuses an account that cannot sign in there', async () => {
    await assert.rejects(run({ live: { sipDomains: ['fabrikam.lab'] } }), { code: 'plan/unknown-account', message: /No account of the plan can sign in at pool: its sipDomains are fabrikam\.lab/ });
  });

  it('refuses a plan that names no number for a PIN', async () => {
    const declared = plan();
    const alice = declared.accounts['alice'];
    assert.ok(alice !== undefined);
    delete alice.number;
    await assert.rejects(rehearse(declared, { profiles, signal, secrets: { env: { ALICE_PIN: '1' }, ask: undefined } }), { code: 'rehearsal/no-pin' });
  });
});
