import { randomBytes, randomUUID, X509Certificate } from 'node:crypto';
import { publishPortName } from '../../protocol/certprov/publish.js';
import { parseHttpDiagnostics } from '../../protocol/soap/diagnostics-header.js';
import type { MexPort } from '../../protocol/webticket/mex.js';
import { certificatePortName } from '../../protocol/webticket/certificate-credentials.js';
import { pinErrorId, pinFailureReasonName, pinPortName } from '../../protocol/webticket/pin-credentials.js';
import { proofKey } from '../../protocol/webticket/proof-key.js';
import { issueAction, writeTicketRequest } from '../../protocol/webticket/request.js';
import { readTicketResponse } from '../../protocol/webticket/response.js';
import { StageFailure, unsourced } from '../stage-failure.js';
import type { PhoneSteps, StepTools, TicketCredentials, WebTicket } from '../steps.js';
import type { HttpClient, WebAnswer } from './http-client.js';
import { keepFor, secureClient } from './kept-connection.js';
import { fetchPorts, portNames } from './metadata.js';
import { pinRefused } from './pin-refusal.js';
import { faultIn, readAnswer, soapRequest, unexpectedStatus } from './soap-exchange.js';
import { addressFromMetadata, certProvAddress } from './web-address.js';
import { shown, webServiceError } from './web-service-failure.js';
import { sendWithWindowsCredentials } from './windows-authentication.js';

/** Ports of the web ticket service that take Windows credentials, the one that clients prefer first. */
const windowsPortNames = ['WebTicketServiceWinNegotiate', 'WebTicketServiceWinNtlm'];

/**
 * Gets a web ticket for certificate provisioning (MS-OCAUTHWS 1.3.1.1): its metadata name the issuer, the issuer's metadata
 * name the port for these credentials. No address is made up.
 *
 * Rejects with `StageFailure`: `web-service-unknown`, `web-service-error`, `pin-refused`, `credentials-refused`,
 * `web-ticket-refused`, and what connecting rejects with.
 */
export const obtainWebTicket: PhoneSteps['obtainWebTicket'] = async ({ certProvUrl, credentials, trust }, tools) => {
  const service = certProvAddress(certProvUrl);
  if (service.protocol !== 'https:') throw webServiceError(service, 'credentials are sent over https only, and this address is not');
  const client = secureClient(trust, credentials);
  try {
    const { publish, ticketing } = await findPorts(client, service, credentials, tools);
    const clientEntropy = randomBytes(32);
    const answer = await requestTicket(client, ticketing, publish.location, clientEntropy, credentials, tools);
    const { serverEntropy, ...received } = readAnswer(ticketing, answer, readTicketResponse);
    if (publish.signed && serverEntropy === undefined) throw webServiceError(ticketing, 'the ticket came without entropy for the proof key that must sign with it');
    const ticket: WebTicket = {
      ...received, endpoint: publish.location,
      proofKey: publish.signed && serverEntropy !== undefined ? proofKey(clientEntropy, serverEntropy) : undefined,
    };
    keepFor(ticket, client);
    return ticket;
  } catch (error) {
    client.close();
    throw error;
  }
};

interface Ports {
  publish: { location: string; signed: boolean };
  /** Where to ask for the ticket. */
  ticketing: URL;
}

async function findPorts(client: HttpClient, service: URL, credentials: TicketCredentials, tools: StepTools): Promise<Ports> {
  const servicePorts = await fetchPorts(client, service, tools);
  const publish = servicePorts.find(({ name }) => name === publishPortName);
  if (publish?.token === undefined) {
    throw webServiceError(service, publish === undefined
      ? `its metadata list ${portNames(servicePorts)}, but not ${publishPortName}` : `the policy of ${publishPortName} names no issuer of web tickets`);
  }
  addressFromMetadata(publish.location, service);
  const issuer = addressFromMetadata(publish.token.issuer, service);
  const issuerPorts = await fetchPorts(client, issuer, tools);
  const wanted = credentials.method === 'pin' ? [pinPortName] : credentials.method === 'certificate' ? [certificatePortName] : windowsPortNames;
  const port = wanted.map((wantedName) => issuerPorts.find(({ name }) => name === wantedName)).find((found) => found !== undefined);
  if (port === undefined) throw notOffered(issuer, credentials, issuerPorts);
  return { publish: { location: publish.location, signed: publish.token.signed }, ticketing: addressFromMetadata(port.location, issuer) };
}

async function requestTicket(
  client: HttpClient, url: URL, appliesTo: string, clientEntropy: Buffer, credentials: TicketCredentials, tools: StepTools,
): Promise<WebAnswer> {
  const request = { context: randomUUID(), appliesTo, clientEntropy };
  if (credentials.method === 'pin') {
    const answer = await client.send(soapRequest(url, issueAction, writeTicketRequest(request, credentials)), tools);
    return isRefusal(answer) ? refuse(url, answer, credentials) : answer;
  }
  if (credentials.method === 'certificate') {
    const { certificatePem, privateKeyPem } = credentials.certificate;
    const envelope = writeTicketRequest(request, { certificate: new X509Certificate(certificatePem), privateKeyPem, now: tools.clock.now() });
    const answer = await client.send(soapRequest(url, issueAction, envelope), tools);
    return isRefusal(answer) ? refuse(url, answer, credentials) : answer;
  }
  const envelope = writeTicketRequest({ ...request, claimedSipUri: credentials.sipUri });
  const answer = await sendWithWindowsCredentials(client, soapRequest(url, issueAction, envelope), credentials, tools);
  return isRefusal(answer) ? refuse(url, answer, credentials) : answer;
}

/** MS-OCAUTHWS 3.2.4.1 has both carriers, a status with a header and a fault with 500. */
function isRefusal({ status }: WebAnswer): boolean {
  return status === 401 || status === 403 || status === 500;
}

/** Throws what a refusal means: both carriers of MS-OCAUTHWS 3.2.4.1 are read. */
function refuse(url: URL, answer: WebAnswer, credentials: TicketCredentials): never {
  const fault = faultIn(answer);
  const header = parseHttpDiagnostics(answer.headers.get('x-ms-diagnostics')?.[0] ?? '');
  const errorId = fault?.diagnostics?.errorId ?? header?.errorId;
  const reason = header?.reason?.slice(0, 300) ?? fault?.diagnostics?.reason ?? fault?.reason ?? '';
  // A server that failed may be asked again; one that says no must not be, or the phone would lock the user out by itself.
  if (fault === undefined && header === undefined && answer.status === 500) throw unexpectedStatus(url, answer);
  if (credentials.method === 'pin' && errorId === pinErrorId) throw pinRefused(url, credentials.phoneOrExtension, fault?.diagnostics?.nameValuePairs?.[pinFailureReasonName]);
  throw new StageFailure('web-ticket-refused', 'stop', `The web ticket service at ${shown(url)} was asked for a ticket for ${
    whom(credentials)} and refused: ${reason.replace(/\.$/, '') || 'it gave no reason'} (${errorId === undefined ? `status ${answer.status}` : `error ${errorId}`}).`, {
    facts: { url: shown(url), status: answer.status, errorId, reason, ...('sipUri' in credentials ? { sipUri: credentials.sipUri } : {}) }, because: [unsourced],
  });
}

function notOffered(issuer: URL, credentials: TicketCredentials, ports: readonly MexPort[]): StageFailure {
  const way = credentials.method === 'pin' ? 'a PIN' : credentials.method === 'certificate' ? 'a client certificate' : 'Windows credentials';
  return new StageFailure('web-ticket-refused', 'stop',
    `The web ticket service at ${shown(issuer)} takes no sign-in with ${way}: its metadata list ${portNames(ports)}.`, {
      facts: { url: shown(issuer), wanted: credentials.method, ports: ports.map(({ name }) => name).slice(0, 20) }, because: [unsourced],
    });
}

function whom(credentials: TicketCredentials): string {
  return credentials.method === 'pin' ? `number ${credentials.phoneOrExtension}` : credentials.sipUri;
}
