import assert from 'node:assert/strict';
import type { FirmwareProfile } from '../../src/firmware/schema.js';
import type { Stage } from '../../src/phone/steps.js';
import { writePublishError } from '../../src/protocol/certprov/publish.js';
import { writeRootChainsResponse } from '../../src/protocol/certprov/root-chains.js';
import { closed, closedAfter, datagramFaultsOf, dhcpFaults } from './other-faults.js';
import { connectionFaults, sipFaultsAt } from './sip-faults.js';
import type { End, StageFaults, StageTable } from './stage-table.js';
import { webFaultsAt } from './web-faults.js';

const webTicket = '/WebTicket/WebTicketService.svc/pin';
export const certProv = '/CertProv/CertProvisioningService.svc';
const updates = '/RequestHandler/ucdevice.upx';

export const signedIn: End = ['signedIn', 'signedIn', undefined, 'home'];
export const unreachable = (stage: Stage): End => ['retrying', stage, 'web-service-unreachable', 'web-service-not-found'];
export const noReset = { 'a reset': 'UDP has no connection to reset' };
/** Of DHCP. */
export const noRefusal = { ...noReset, 'a refused connection': 'nobody refuses a broadcast' };

const noLease: End = ['retrying', 'address', 'no-lease', 'acquiring-ip-address'];
export const sum = (waits: readonly number[]) => waits.reduce((total, each) => total + each, 0);

/** Faults of one request to the web services. */
export function webEnds(stage: Stage, { timers: { connect, request } }: FirmwareProfile): Pick<StageFaults, 'end' | 'but' | 'rule' | 'ruleBut' | 'within'> {
  return {
    end: ['retrying', stage, 'web-service-error', 'locating-certificate-server'],
    but: { 'no answer': unreachable(stage), 'half': unreachable(stage), 'a refused': unreachable(stage) },
    rule: 'LPE051', ruleBut: { 'no answer': 'LPE077', 'half': 'LPE077', 'a refused': 'LPE053' }, within: connect.value + request.value,
  };
}

/** Never fatal by itself: the phone stays untagged, and here that leads no farther than the stage that first needs a server. */
export function vlanStage(stage: Stage, { network, timers }: FirmwareProfile): StageFaults {
  return {
    faults: dhcpFaults.vlan, end: unreachable(stage), rule: 'LPE082', without: noRefusal, within: sum(network.vlanAttempts.value) + timers.connect.value,
    says: ({ vlan }) => { assert.equal(vlan, 0); }, restart: 'with an address the phone asks for no VLAN again',
  };
}

/** What both ways to sign in go through alike. */
export function commonStages(profile: FirmwareProfile): StageTable {
  const { connect, request, provisioning } = profile.timers;
  return {
    'address, when servers offer one': { faults: dhcpFaults.offer, end: noLease, rule: 'LPE023', without: noRefusal, within: sum(profile.network.leaseAttempts.value) },
    'address, when one is taken': { faults: dhcpFaults.acknowledgement, end: noLease, rule: 'LPE023', without: noRefusal, within: sum(profile.network.leaseAttempts.value) },
    time: {
      // It goes on with the time that it has, which is right here.
      faults: [...datagramFaultsOf('ntp'), closed('123/udp')], end: signedIn, rule: 'LPE009', without: noReset, within: sum(profile.time.attempts.value),
    },
    'the update check before sign-in': {
      faults: webFaultsAt('http', updates, writeRootChainsResponse([])),
      end: signedIn, rule: 'LPE075', within: connect.value + request.value,
      says: ({ updates: checks }, fault) => {
        const check = checks.find(({ leg }) => leg === 'before-sign-in');
        // An answer without modules says that there is nothing to install.
        if (fault.startsWith('an answer to another')) assert.equal(check?.build, undefined);
        else assert.deepEqual([check?.open, check?.build], [false, undefined], check?.sentence);
      },
      without: { 'a refused connection': 'port 80 is that of the root chain too; see there, and the update scenarios for a name that is not published' },
    },
    'the update check after sign-in': {
      // Where the internal address is silent, the external one is asked; both are below this.
      faults: webFaultsAt('https', '/RequestHandler/*', writeRootChainsResponse([])), end: signedIn, rule: 'LPE075', within: 2 * (connect.value + request.value),
      says: ({ updates: checks }, fault) => {
        const check = checks.find(({ leg }) => leg === 'in-band');
        if (fault.startsWith('an answer to another')) assert.equal(check?.build, undefined);
        else assert.deepEqual([check?.open, check?.build], [false, undefined], check?.sentence);
      },
      without: { 'a refused connection': 'port 443 is that of the web ticket too; see there' },
    },
    connecting: {
      faults: [...connectionFaults, closed('5061/tcp')],
      end: ['retrying', 'connecting', 'tls-failed', 'connecting-to-lync-server'],
      but: { 'a refused': ['retrying', 'connecting', 'registrar-unreachable', 'registrar-not-contacted'] },
      // A server that ends the handshake at once is what Schannel without TLS 1.0 looks like.
      rule: 'LPE071', ruleBut: { 'no answer': 'LPE072', 'half': 'LPE072', 'a reset': 'LPE008', 'a refused': 'LPE058' },
      within: connect.value,
    },
    registering: {
      faults: sipFaultsAt('REGISTER'),
      end: ['retrying', 'registering', 'connection-lost', 'registrar-not-contacted'],
      but: Object.fromEntries(['no answer', 'half', 'an answer to another'].map((fault): [string, End] => [fault, ['retrying', 'registering', 'registrar-silent', 'registrar-not-contacted']])),
      rule: 'LPE079', ruleBut: { 'no answer': 'LPE059', 'half': 'LPE059', 'an answer to another': 'LPE059', 'a refused': 'LPE060', 'a reset': 'LPE060' },
      within: request.value,
    },
    provisioning: {
      faults: sipFaultsAt('SUBSCRIBE'),
      end: ['retrying', 'provisioning', 'connection-lost', 'registrar-not-contacted'],
      but: { 'no answer': signedIn, 'half': signedIn, 'an answer to another': signedIn },
      rule: 'LPE079', ruleBut: { 'no answer': 'LPE069', 'half': 'LPE069', 'an answer to another': 'LPE069', 'a refused': 'LPE060', 'a reset': 'LPE060' },
      // The contact list is asked for after it, by the same method.
      within: provisioning.value + request.value,
    },
  };
}

export function pinStages(profile: FirmwareProfile): StageTable {
  const { connect, request } = profile.timers;
  return {
    vlan: vlanStage('rootChain', profile),
    ...commonStages(profile),
    'DHCP, when discovering': {
      // The phone goes on without option 43, and by PIN it cannot go far.
      faults: dhcpFaults.options, end: ['refused', 'rootChain', 'web-service-unknown', 'web-service-not-found'], rule: 'LPE055',
      within: sum(profile.discovery.dhcpAttempts.value),
      without: noRefusal,
    },
    'DNS, when looking for the web service': {
      faults: [...datagramFaultsOf('dns'), closed('53/udp')], end: unreachable('rootChain'), rule: 'LPE054', without: noReset, within: connect.value + request.value,
    },
    rootChain: {
      faults: [...webFaultsAt('http', `${certProv}/*`, writePublishError('')), closed('80/tcp')],
      ...webEnds('rootChain', profile),
      but: { ...webEnds('rootChain', profile).but, 'an answer to another': ['refused', 'rootChain', 'chain-download-empty', 'chain-download-error'] },
      missed: { 'an answer to another': { named: 'LPE005', why: 'An answer without a chain in it is an empty chain to the phone, whatever question it answers.' } },
    },
    webTicket: { faults: [...webFaultsAt('https', webTicket, writeRootChainsResponse([])), closed('443/tcp')], ...webEnds('webTicket', profile) },
    clientCertificate: {
      faults: [...webFaultsAt('https', `${certProv}/WebTicket_Proof_SHA1`, writeRootChainsResponse([])), closedAfter(({ url }) => url === webTicket)], ...webEnds('clientCertificate', profile),
    },
  };
}
