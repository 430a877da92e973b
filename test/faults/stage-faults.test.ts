import assert from 'node:assert/strict';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { ScreenId } from '../../src/firmware/screen-ids.js';
import { Phone } from '../../src/phone/phone.js';
import type { RuleId } from '../../src/phone/stage-failure.js';
import type { Stage } from '../../src/phone/steps.js';
import { writePublishError } from '../../src/protocol/certprov/publish.js';
import { writeRootChainsResponse } from '../../src/protocol/certprov/root-chains.js';
import { makeKeyPair } from '../phone/web/web-lab.js';
import { SimulatedClock } from '../simulated-clock.js';
import { FaultyLab, type DatagramFault, type Misbehaviour } from './faulty-lab.js';
import { connectionFaults, sipFaultsAt } from './sip-faults.js';
import { webFaultsAt } from './web-faults.js';

const { profile, publicRoots } = loadProfiles().get('4.0.7577.4100');
const { connect, request, provisioning } = profile.timers;
const webTicket = '/WebTicket/WebTicketService.svc/pin';
const certProv = '/CertProv/CertProvisioningService.svc';

/** Where a phone ends, and what it shows there. */
type End = [state: 'retrying' | 'refused' | 'signedIn', stage: Stage, rule: RuleId | undefined, screen: ScreenId];

/** A stage with each of its faults; faults of one stage end alike, but for those named. */
interface StageFaults {
  faults: [fault: string, make: (faulty: FaultyLab) => Misbehaviour][];
  end: End;
  /** By the beginning of the fault's name. */
  but?: Record<string, End>;
  /** The longest that the phone may wait before it has made up its mind, by its profile. Milliseconds. */
  within: number;
}

const datagramFaults: Record<string, DatagramFault> = {
  'no answer': () => undefined,
  'half an answer': (answer) => answer.subarray(0, answer.length / 2),
  'garbage': () => Buffer.from('garbage'),
  'another protocol': () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  'an oversize answer': (answer) => Buffer.concat([answer.subarray(0, 12), Buffer.alloc(60_000, 0xc0)]),
  // The transaction ids are in the first bytes of a DNS message, and in bytes 4 to 7 of one of DHCP.
  'an answer to another question': (answer) => Buffer.from(answer.map((byte, index) => (index < 8 && index !== 2 && index !== 3 ? byte ^ 1 : byte))),
};
const closed = (port: string): [string, () => Misbehaviour] => ['a refused connection', () => ({ closed: new Set([port]) })];
/** Everything is gone once the web ticket is there, so that the kept connection does not help. */
const closedAfterTicket: [string, (faulty: FaultyLab) => Misbehaviour] = ['a refused connection', (faulty) => ({
  https: ({ url }, response) => {
    if (url === webTicket) {
      response.setHeader('Connection', 'close');
      faulty.closePort('443/tcp');
    }
    return false;
  },
})];

const unreachable = (stage: Stage): End => ['retrying', stage, 'web-service-unreachable', 'web-service-not-found'];
const webEnds = (stage: Stage) => ({
  end: ['retrying', stage, 'web-service-error', 'locating-certificate-server'] as End,
  but: { 'no answer': unreachable(stage), 'half': unreachable(stage), 'a refused': unreachable(stage) },
  within: connect.value + request.value,
});
const withoutSettings: End = ['signedIn', 'signedIn', undefined, 'home'];

const stages: Record<string, StageFaults> = {
  'DHCP, when discovering': {
    // The phone goes on without option 43, and by PIN it cannot go far.
    faults: Object.entries(datagramFaults).map(([name, dhcp]) => [name, () => ({ dhcp })]),
    end: ['refused', 'rootChain', 'web-service-unknown', 'web-service-not-found'],
    within: profile.discovery.dhcpAttempts.value.reduce((sum, each) => sum + each, 0),
  },
  'DNS, when looking for the web service': {
    faults: [...Object.entries(datagramFaults).map(([name, dns]): StageFaults['faults'][0] => [name, () => ({ dns })]), closed('53/udp')],
    end: unreachable('rootChain'), within: connect.value + request.value,
  },
  rootChain: {
    faults: [...webFaultsAt('http', certProv, writePublishError('')), closed('80/tcp')],
    ...webEnds('rootChain'),
    but: { ...webEnds('rootChain').but, 'an answer to another': ['refused', 'rootChain', 'chain-download-empty', 'chain-download-error'] },
  },
  webTicket: { faults: [...webFaultsAt('https', webTicket, writeRootChainsResponse([])), closed('443/tcp')], ...webEnds('webTicket') },
  clientCertificate: { faults: [...webFaultsAt('https', `${certProv}/WebTicket`, writeRootChainsResponse([])), closedAfterTicket], ...webEnds('clientCertificate') },
  connecting: {
    faults: [...connectionFaults, closed('5061/tcp')],
    end: ['retrying', 'connecting', 'tls-failed', 'connecting-to-lync-server'],
    but: { 'a refused': ['retrying', 'connecting', 'registrar-unreachable', 'registrar-not-contacted'] },
    within: connect.value,
  },
  registering: {
    faults: sipFaultsAt('REGISTER'),
    end: ['retrying', 'registering', 'connection-lost', 'registrar-not-contacted'],
    but: Object.fromEntries(['no answer', 'half', 'an answer to another'].map((fault) => [fault, ['retrying', 'registering', 'registrar-silent', 'registrar-not-contacted']])),
    within: request.value,
  },
  provisioning: {
    faults: sipFaultsAt('SUBSCRIBE'),
    end: ['retrying', 'provisioning', 'connection-lost', 'registrar-not-contacted'],
    but: { 'no answer': withoutSettings, 'half': withoutSettings, 'an answer to another': withoutSettings },
    // The contact list is asked for after it, by the same method.
    within: provisioning.value + request.value,
  },
};

describe('A phone among servers that are out of order', () => {
  const clock = new SimulatedClock(Date.now());
  const keyPair = makeKeyPair();
  let faulty: FaultyLab;
  before(async () => { faulty = await FaultyLab.start(clock); });
  afterEach(() => {
    faulty.misbehaviour = {};
    faulty.disconnect();
  });
  after(() => faulty.close());

  for (const [stage, { faults, end, but = {}, within }] of Object.entries(stages)) {
    describe(stage, () => {
      for (const [fault, make] of faults) {
        const [state, where, rule, screen] = Object.entries(but).find(([name]) => fault.startsWith(name))?.[1] ?? end;
        it(`meets ${fault} with ${state === 'signedIn' ? 'the home screen' : rule}, and signs in once it is over`, async () => {
          await using phone = new Phone({ profile, publicRoots, network: faulty.network(), clock, keyPair });
          faulty.misbehaviour = make(faulty);
          phone.powerOn();
          phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '48213' });
          clock.increment(profile.timers.boot.value);
          const start = clock.now();
          const snapshot = await phone.until('settled');
          assert.deepEqual([snapshot.state, snapshot.stage, snapshot.failure?.rule], [state, where, rule], snapshot.failure?.message);
          // Without roaming-self the name that came with the registration is all there is to show.
          assert.deepEqual(snapshot.screen, screen === 'home' ? ['Alice Archer'] : profile.screens[screen].value);
          assert.ok(clock.now() - start <= within, `it took ${clock.now() - start} ms`);

          faulty.misbehaviour = {};
          if (state === 'retrying') {
            clock.increment(profile.timers.retryFirst.value - 1);
            assert.equal(phone.state, 'retrying');
            clock.increment(1);
          } else if (state === 'refused') {
            clock.increment(24 * 3_600_000);
            assert.equal(phone.state, 'refused', 'it waits for its user');
            phone.retry();
          }
          assert.equal((await phone.until(({ state: now }) => now === 'signedIn')).failure, undefined);
        });
      }
    });
  }
});
