import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { FirmwareProfile } from '../../src/firmware/schema.js';
import { writeRootChainsResponse } from '../../src/protocol/certprov/root-chains.js';
import { writeMex } from '../../src/protocol/webticket/mex.js';
import { closed, closedAfter, datagramFaultsOf, dhcpFaults, directoryFaults } from './other-faults.js';
import { certProv, commonStages, noRefusal, noReset, signedIn, sum, unreachable, vlanStage, webEnds } from './pin-stages.js';
import type { End, StageFaults, StageTable } from './stage-table.js';
import { webFaultsAt } from './web-faults.js';

const webTicket = '/WebTicket/WebTicketService.svc';
/** The request with NTLM's third message: its type stands in the ninth byte. */
const isLastOfNtlm = ({ url, headers: { authorization = '' } }: IncomingMessage) =>
  url === webTicket && Buffer.from(authorization.replace(/^\S+ /, ''), 'base64')[8] === 3;
const withoutExchange: End = ['signedIn', 'signedIn', undefined, 'exchange-unavailable'];
const missesExchange: NonNullable<StageFaults['says']> = ({ exchange }) => { assert.equal(exchange?.state, 'unavailable-server'); };

export function tetheredStages(profile: FirmwareProfile): StageTable {
  const { connect, request } = profile.timers;
  const once = connect.value + request.value;
  return {
    vlan: vlanStage('webTicket', profile),
    ...commonStages(profile),
    'DHCP, when discovering': {
      // The registrar is found by DNS, and says where the certificate service is.
      faults: dhcpFaults.options, end: signedIn, rule: 'LPE055', within: sum(profile.discovery.dhcpAttempts.value), without: noRefusal,
    },
    'DNS, when looking for directory and web service': {
      faults: [...datagramFaultsOf('dns'), closed('53/udp')], end: unreachable('webTicket'), rule: 'LPE054', without: noReset, within: 2 * once,
    },
    'rootChain, from the directory': {
      // Without the root nothing is trusted from here on.
      faults: [...directoryFaults, closed('389/tcp')], end: ['retrying', 'webTicket', 'certificate-refused', 'certificate-problem'], rule: 'LPE078', within: once,
    },
    'webTicket: metadata': {
      faults: webFaultsAt('https', `${webTicket}/mex`, writeMex('Other', 'urn:other', [])), ...webEnds('webTicket', profile),
      but: { ...webEnds('webTicket', profile).but, 'an answer to another': ['refused', 'webTicket', 'web-ticket-refused', 'locating-certificate-server'] },
      missed: { 'an answer to another': { named: 'LPE080', why: 'Metadata without a port for Windows credentials say that there is none; that they are of another service the phone does not look at.' } },
      without: { 'a refused connection': 'it is the first question there; see the ticket itself' },
    },
    'webTicket, by NTLM': { faults: [...webFaultsAt('https', webTicket, writeRootChainsResponse([])), closed('443/tcp')], ...webEnds('webTicket', profile) },
    clientCertificate: {
      faults: [...webFaultsAt('https', `${certProv}/WebTicket_Proof_SHA1`, writeRootChainsResponse([])), closedAfter(isLastOfNtlm)], ...webEnds('clientCertificate', profile),
    },
    'Exchange: Autodiscover': {
      faults: [...webFaultsAt('exchange', '/autodiscover/autodiscover.xml', writeRootChainsResponse([])), closed('10.0.0.11:443/tcp')],
      end: withoutExchange, rule: 'LPE073', says: missesExchange, within: once,
    },
    'Exchange: EWS': {
      faults: webFaultsAt('exchange', '/EWS/Exchange.asmx', writeRootChainsResponse([])), end: withoutExchange, rule: 'LPE073', says: missesExchange, within: once,
      without: { 'a refused connection': 'Autodiscover answers at the same port, and its connection is kept' },
    },
  };
}
