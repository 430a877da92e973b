import { strict as assert } from 'node:assert';
import { systemClock } from '../../src/clock.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { connectToRegistrar, NoRegistrarReached, triesNextCandidate, type ConnectionAttempt } from '../../src/phone/registrar-attempts.js';
import type { StageFailure } from '../../src/phone/stage-failure.js';
import type { RegistrarCandidate } from '../../src/phone/steps.js';
import { Trace } from '../../src/trace/trace.js';
import { candidate, discovered, failure, FakeSteps, located, type Answers } from './fake-steps.js';
import { cu1, noNetwork } from './test-phone.js';

const a = candidate('a.contoso.lab');
const b = candidate('b.contoso.lab', { source: 'dhcp-tls', asked: 'DHCP option 120' });
const c = candidate('c.contoso.lab', { port: 443, source: 'host-names', asked: 'A c.contoso.lab' });

function connect(
  steps: FakeSteps, needsCertificate = false, signal = new AbortController().signal, before: ConnectionAttempt[] = [], hasAccount = false,
) {
  const tools = { network: noNetwork, trace: new Trace(), clock: new PhoneClock(systemClock), profile: cu1, publicRoots: [], macAddress: '00-04-F2-00-00-01', signal };
  return connectToRegistrar(steps, {
    sipUri: 'sip:alice@contoso.lab', method: 'pin', discovery: discovered, lastGood: undefined, before, hasAccount, needsCertificate,
    trust: { downloadedRoots: [], directoryRoots: [], intermediates: [] },
  }, tools);
}

async function refusal(steps: FakeSteps, needsCertificate = false): Promise<NoRegistrarReached> {
  const error = await connect(steps, needsCertificate).then(() => undefined, (reason: unknown) => reason);
  assert.ok(error instanceof NoRegistrarReached);
  return error;
}

/** Connections fail as the map says by host; the others succeed. */
const failing = (failures: Record<string, StageFailure>): Pick<Answers, 'connect'> => ({
  connect: ({ host }: RegistrarCandidate) => { if (failures[host] !== undefined) throw failures[host]; return undefined; },
});

describe('Registrar candidates tried in order', () => {
  it('takes the first that lets it in', async () => {
    const steps = new FakeSteps({ locateRegistrars: () => located(a, b, c), ...failing({ 'a.contoso.lab': failure('registrar-unreachable', 'retry') }) });
    const { session, attempts, certProvUrl } = await connect(steps);
    assert.equal(session.candidate, b);
    assert.equal(certProvUrl, undefined);
    assert.deepEqual(attempts.map((attempt) => [attempt.candidate.host, attempt.failure?.rule]), [['a.contoso.lab', 'registrar-unreachable'], ['b.contoso.lab', undefined]]);
    assert.deepEqual(steps.calls, ['locateRegistrars contoso.lab', 'connect a.contoso.lab', 'connect b.contoso.lab']);
  });

  it('reports the first that reached furthest: a refused certificate beats TLS that failed beats an unreachable host', async () => {
    const decisive = failure('certificate-refused', 'retry', { screen: 'cannot-connect-retrying', facts: { host: 'b.contoso.lab' } });
    const error = await refusal(new FakeSteps({ locateRegistrars: () => located(a, b, c), ...failing({
      'a.contoso.lab': failure('registrar-unreachable', 'stop'), 'b.contoso.lab': decisive, 'c.contoso.lab': failure('tls-failed', 'stop'),
    }) }));
    assert.deepEqual([error.rule, error.reaction, error.screen, error.message, error.cause],
      ['certificate-refused', 'retry', 'cannot-connect-retrying', decisive.message, decisive]);
    assert.equal(error.facts['host'], 'b.contoso.lab');
    assert.deepEqual((error.facts['attempts'] as { host: string; rule: string; asked: string }[]).map(({ host, rule, asked }) => [host, rule, asked]), [
      ['a.contoso.lab', 'registrar-unreachable', a.asked], ['b.contoso.lab', 'certificate-refused', b.asked], ['c.contoso.lab', 'tls-failed', c.asked],
    ]);
  });

  it('leaves out what has failed in this round already, and counts its failure with the others', async () => {
    const busy = failure('registration-refused', 'retry', { facts: { status: 503 } });
    const before: ConnectionAttempt[] = [{ candidate: a, failure: busy, stage: 'registering' }];
    const steps = new FakeSteps({ locateRegistrars: () => located({ ...a, source: 'dhcp-tls' }, b) });
    assert.deepEqual((await connect(steps, false, undefined, before)).attempts.map(({ candidate: { host }, stage }) => [host, stage]),
      [['a.contoso.lab', 'registering'], ['b.contoso.lab', 'connecting']]);
    const error = await connect(new FakeSteps({ locateRegistrars: () => located(a) }), false, undefined, before).then(() => undefined, (reason: unknown) => reason);
    assert.ok(error instanceof NoRegistrarReached);
    assert.deepEqual([error.cause, error.stage], [busy, 'registering']);
  });

  it('goes on after a 503 and a server that is gone, not where the device reboots or somebody has to act', () => {
    const refused = (status: number, reaction: 'retry' | 'stop' = 'retry') => failure('registration-refused', reaction, { facts: { status } });
    for (const goesOn of [refused(503), failure('connection-lost', 'retry'), failure('registrar-silent', 'retry'), failure('registrar-unreachable', 'retry')]) {
      assert.equal(triesNextCandidate(goesOn), true, goesOn.rule);
    }
    for (const stays of [refused(504), refused(480), refused(403, 'stop'), failure('certificate-refused', 'retry'), failure('connection-lost', 'reboot')]) {
      assert.equal(triesNextCandidate(stays), false, stays.rule);
    }
  });

  it('keeps the first of equals', async () => {
    const first = failure('certificate-refused', 'retry');
    const error = await refusal(new FakeSteps({ locateRegistrars: () => located(a, b), ...failing({ 'a.contoso.lab': first, 'b.contoso.lab': failure('certificate-refused', 'retry') }) }));
    assert.equal(error.cause, first);
  });

  it('tries no further when the device reboots', async () => {
    const steps = new FakeSteps({ locateRegistrars: () => located(a, b), ...failing({ 'a.contoso.lab': failure('certificate-refused', 'reboot') }) });
    assert.equal((await refusal(steps)).reaction, 'reboot');
    assert.equal(steps.calls.at(-1), 'connect a.contoso.lab');
  });

  it('reports what may not be used where nothing else was left, and lists it beside what was tried', async () => {
    const naming = failure('strict-dns-naming', 'retry', { facts: { target: 'pool.other.lab' } });
    const excluded = [{ candidate: candidate('pool.other.lab'), failure: naming }];
    assert.equal((await refusal(new FakeSteps({ locateRegistrars: () => ({ ...located(), excluded }) }))).rule, 'strict-dns-naming');
    const both = await refusal(new FakeSteps({ locateRegistrars: () => ({ ...located(a), excluded }), ...failing({ 'a.contoso.lab': failure('tls-failed', 'retry') }) }));
    assert.equal(both.rule, 'tls-failed');
    assert.equal((both.facts['excluded'] as { host: string }[])[0]?.host, 'pool.other.lab');
  });

  it('says everything it asked when nothing was found', async () => {
    const asked = [{ question: 'SRV _sipinternaltls._tcp.contoso.lab', answer: 'NXDOMAIN' }, { question: 'DHCP option 120', answer: 'absent' }];
    const error = await refusal(new FakeSteps({ locateRegistrars: () => ({ ...located(), asked }) }));
    assert.deepEqual([error.rule, error.reaction, error.screen], ['registrar-unknown', 'stop', 'registrar-not-contacted']);
    assert.equal(error.message, 'No registrar was found for contoso.lab: SRV _sipinternaltls._tcp.contoso.lab: NXDOMAIN; DHCP option 120: absent.');
  });

  it('asks for the certificate service where a certificate is needed, and closes a connection that cannot say', async () => {
    const steps = new FakeSteps({ locateRegistrars: () => located(a) });
    assert.notEqual((await connect(steps, true)).certProvUrl, undefined);
    const mute = new FakeSteps({ locateRegistrars: () => located(a, b), challenge: () => ({ offered: ['TLS-DSK'], certProvUrl: undefined }) });
    const error = await refusal(mute, true);
    assert.equal(error.rule, 'challenge-unusable');
    assert.equal(error.message,
      'a.contoso.lab:5061 answered REGISTER with a challenge that names no certificate service (no TLS-DSK sts-uri), and the phone has no client certificate.');
    assert.ok(mute.sessions.length === 2 && mute.sessions.every(({ closed }) => closed));
  });

  it('registers with the AD account where that is all the registrar and the phone have in common', async () => {
    const offering = (...offered: string[]) => new FakeSteps({ locateRegistrars: () => located(a), challenge: () => ({ offered, certProvUrl: undefined }) });
    const signal = new AbortController().signal;
    const { byAccount, certProvUrl } = await connect(offering('NTLM', 'Kerberos'), true, signal, [], true);
    assert.deepEqual([byAccount, certProvUrl], [true, undefined]);
    assert.equal((await connect(new FakeSteps({ locateRegistrars: () => located(a) }), true, signal, [], true)).byAccount, false);
    const error = await refusal(offering('NTLM', 'Kerberos'), true);
    assert.deepEqual([error.rule, error.reaction], ['authentication-not-offered', 'retry']);
    assert.equal(error.message, 'a.contoso.lab:5061 offers NTLM, Kerberos for authentication, and the phone can only register with a client certificate (TLS-DSK).');
  });

  it('closes what comes up after the abort', async () => {
    const controller = new AbortController();
    const steps = new FakeSteps({ locateRegistrars: () => located(a, b), connect: () => { controller.abort(); return undefined; } });
    await assert.rejects(connect(steps, false, controller.signal), { name: 'AbortError' });
    assert.deepEqual(steps.sessions.map(({ closed }) => closed), [true]);
  });
});
