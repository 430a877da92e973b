import assert from 'node:assert/strict';
import { topologySchema } from '../../src/lab/topology-schema.js';
import { renewalDue } from '../../src/phone/certificate-renewal.js';
import type { PhoneMemory } from '../../src/phone/memory.js';
import { Phone } from '../../src/phone/phone.js';
import type { Credentials } from '../../src/phone/steps.js';
import { smallTopology } from '../lab/small-topology.js';
import { SimulatedClock } from '../simulated-clock.js';
import { testIdentity } from '../test-identity.js';
import { FakeSteps, clientCertificate, failure, pin, tethered, type Answers } from './fake-steps.js';
import { cu1, noNetwork } from './test-phone.js';
import { makeKeyPair } from './web/web-lab.js';
import { startLab } from '../start-lab.js';

const hour = 3_600_000;

describe('Renewal of the client certificate', () => {
  // Valid from yesterday until tomorrow.
  const { certificatePem, privateKeyPem } = testIdentity('alice@contoso.lab');
  const start = Date.now();
  const old = { sipUri: 'sip:alice@contoso.lab', certificatePem, privateKeyPem, notAfter: start + 24 * hour };
  const due = renewalDue(old, cu1.signIn.certificateRenewal.value) ?? 0;

  /** A phone that has signed in with a certificate that is half through its life. */
  const signedIn = async (credentials: Credentials, answers: Partial<Answers>) => {
    const clock = new SimulatedClock(start);
    const steps = new FakeSteps({ publishCertificate: () => old, ...answers });
    const phone = new Phone({ profile: cu1, publicRoots: [], network: noNetwork, clock, steps });
    phone.powerOn();
    clock.increment(cu1.timers.boot.value);
    phone.signIn(credentials);
    await phone.until('settled');
    steps.calls.length = 0;
    return { clock, steps, phone };
  };
  const turns = async () => { for (let turn = 0; turn < 20; turn++) await Promise.resolve(); };
  const tickets = (steps: FakeSteps) => steps.calls.filter((call) => call.startsWith('obtainWebTicket')).map((call) => call.split(' ')[1]);

  it('is due at four fifths of its life', () => { assert.ok(Math.abs(due - (start + 24 * hour - 0.2 * 48 * hour)) < 2000); });

  it('is done with the certificate itself while the phone is signed in, for the next handshake too', async () => {
    const renewed = { ...clientCertificate(), notAfter: start + 1000 * hour };
    let issued = old;
    const { clock, steps, phone } = await signedIn(pin, { publishCertificate: () => issued });
    issued = renewed;
    clock.increment(due - clock.now() - 1);
    await turns();
    assert.deepEqual(tickets(steps), []);
    clock.increment(1);
    await turns();
    assert.deepEqual(tickets(steps), ['certificate']);
    assert.deepEqual([phone.state, phone.memory.clientCertificate, steps.session?.certificate], ['signedIn', renewed, renewed]);
    await phone[Symbol.asyncDispose]();
  });

  for (const [credentials, asked] of [[tethered, ['certificate', 'tethered']], [pin, ['certificate']]] as const) {
    it(`that is refused is tried with cached AD credentials, never with a PIN, and again later: ${credentials.method}`, async () => {
      let refuse = false;
      const { clock, steps, phone } = await signedIn(credentials, {
        publishCertificate: () => {
          if (refuse) throw failure('web-ticket-refused', 'stop');
          return old;
        },
      });
      refuse = true;
      clock.increment(due - clock.now());
      await turns();
      assert.deepEqual(tickets(steps), asked);
      assert.deepEqual([phone.state, phone.memory.clientCertificate], ['signedIn', old]);
      clock.increment(cu1.timers.retryLongest.value);
      await turns();
      assert.deepEqual(tickets(steps), [...asked, ...asked]);
      await phone[Symbol.asyncDispose]();
    });
  }

  it('is made up for at the next start, over the certificate port of the lab, without a PIN', async () => {
    const clock = new SimulatedClock(start);
    await using lab = await startLab(topologySchema.parse({ ...smallTopology(), policy: { DefaultValidityPeriodHours: 10 } }), { now: () => clock.now() });
    const run = async (memory?: PhoneMemory, credentials?: Credentials) => {
      await using phone = new Phone({ profile: cu1, publicRoots: [], network: lab.network(), clock, keyPair, ...(memory === undefined ? {} : { memory }) });
      phone.powerOn();
      if (credentials !== undefined) phone.signIn(credentials);
      clock.increment(cu1.timers.boot.value);
      assert.equal((await phone.until('settled')).failure, undefined);
      const before = phone.memory.clientCertificate?.certificatePem;
      if (memory === undefined) return phone.memory;
      await phone.until(() => phone.memory.clientCertificate?.certificatePem !== before);
      return phone.memory;
    };
    const keyPair = makeKeyPair();
    const first = await run(undefined, { method: 'pin', phoneOrExtension: '100', pin: '482135790264' });
    clock.increment(8.5 * hour);
    const later = await run(first);
    assert.equal((later.clientCertificate?.notAfter ?? 0) - (first.clientCertificate?.notAfter ?? 0) > 8 * hour, true);
    assert.equal(later.clientCertificate?.sipUri, 'sip:alice@contoso.lab');
    const paths = lab.trace.events.flatMap((event) => (event.layer === 'http' && event.direction === 'received' ? [event.summary] : []));
    assert.equal(paths.filter((path) => path.endsWith('.svc/pin')).length, 1);
    assert.equal(paths.filter((path) => path.endsWith('.svc/cert')).length, 1);
  });
});

