import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Lab } from '../../../src/lab/lab.js';
import { topologySchema } from '../../../src/lab/topology-schema.js';
import { connectExchange, locateExchange } from '../../../src/phone/exchange/connect.js';
import { PhoneClock } from '../../../src/phone/phone-clock.js';
import { StageFailure, type RuleId } from '../../../src/phone/stage-failure.js';
import type { AccountCredentials, StepTools } from '../../../src/phone/steps.js';
import { writeAutodiscoverError, writeAutodiscoverSettings } from '../../../src/protocol/exchange/autodiscover.js';
import { writeFolderNotFound } from '../../../src/protocol/exchange/get-folder.js';
import { SimulatedClock } from '../../simulated-clock.js';
import { alice, networkWith, toolsFor } from '../web/web-lab.js';
import { startLab } from '../../start-lab.js';

const address = '10.0.0.20';
const host = 'autodiscover.contoso.lab';

const topology = topologySchema.parse({
  schema: 1, name: 'exchange', sipDomains: ['contoso.lab'],
  authorities: { root: { commonName: 'Contoso Root', keyBits: 1024 } },
  certificates: { exchange: { commonName: 'mail.contoso.lab', subjectAlternativeNames: ['mail.contoso.lab', host], issuer: 'root', keyBits: 1024 } },
  servers: [{ fqdn: 'mail.contoso.lab', address, exchange: { certificate: 'exchange' } }, { fqdn: 'dc.contoso.lab', address: '10.0.0.10', dns: {} }],
  dns: ['mail.contoso.lab', host].map((name) => ({ name, type: 'A', address })),
  dhcp: { domainName: 'contoso.lab', option43: null, option120: null },
  users: [
    { sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', account: 'CONTOSO\\alice', password: 'lab password A' },
    { sipUri: 'sip:bob@contoso.lab', displayName: 'Bob', account: 'CONTOSO\\bob', password: 'lab password B' },
  ],
});

describe('The phone at Exchange', () => {
  let lab: Lab;
  let trust: { downloadedRoots: Buffer[]; directoryRoots: Buffer[]; intermediates: Buffer[] };

  before(async () => {
    lab = await startLab(topology);
    trust = { downloadedRoots: [], directoryRoots: [...lab.deployment.authorities.values()].map(({ certificate }) => certificate), intermediates: [] };
  });
  after(() => lab.close());

  const connect = (tools: StepTools, credentials: AccountCredentials = alice) =>
    connectExchange({ credentials, address, trust }, tools);

  const fails = (work: Promise<unknown>, rule: RuleId, sentence: RegExp) => assert.rejects(work, (error) => {
    assert.ok(error instanceof StageFailure, String(error));
    assert.equal(error.rule, rule, error.message);
    assert.match(error.message, sentence);
    return true;
  });

  /** Does something at another server in the place of the lab's own, with the same certificate. */
  async function at(listener: RequestListener, work: (tools: StepTools) => Promise<unknown>): Promise<void> {
    const { certificatePem, privateKeyPem } = lab.deployment.certificate('exchange');
    const server = createServer({ cert: certificatePem, key: privateKeyPem, ciphers: 'DEFAULT:@SECLEVEL=0', minVersion: 'TLSv1' }, listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      await work(toolsFor(networkWith(lab, { [`${address}:443/tcp`]: (server.address() as AddressInfo).port })));
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const answering = (status: number, body: string, headers: Record<string, string> = {}) => at(
    (request, response) => { request.resume().on('end', () => { response.writeHead(status, headers).end(body); }); }, (tools) => connect(tools));

  it('finds it by its A record, or finds that there is none', async () => {
    assert.equal(await locateExchange({ smtpDomain: 'contoso.lab' }, toolsFor(lab.network())), address);
    assert.equal(await locateExchange({ smtpDomain: 'other.lab' }, toolsFor(lab.network())), undefined);
  });

  it('does not take a silent name server for the absence of Exchange', async () => {
    const network = { ...networkWith(lab, {}), nameServers: [] };
    await fails(locateExchange({ smtpDomain: 'contoso.lab' }, toolsFor(network)), 'exchange-unavailable',
      /^Whether there is an Exchange could not be found out: A autodiscover\.contoso\.lab was asked, and no name server is known\.$/);
  });

  it('gets from Autodiscover to the calendar on one connection to each name, without a secret in the trace', async () => {
    const tools = toolsFor(lab.network());
    await connect(tools);
    const sent = tools.trace.events.flatMap((event) => (event.layer === 'http' && event.direction === 'sent' ? [`${event.peer} ${event.summary}`] : []));
    assert.deepEqual(sent, [...Array<string>(3).fill(`${host}:443 POST /Autodiscover/Autodiscover.xml`), ...Array<string>(3).fill('mail.contoso.lab:443 POST /EWS/Exchange.asmx')]);
    assert.equal(tools.trace.events.filter((event) => event.layer === 'tls' && event.phase === 'established').length, 2);
    assert.doesNotMatch(JSON.stringify(tools.trace.events), /TlRMTVNT/);
  });

  it('refuses a certificate as the build does', async () => {
    await fails(connectExchange({ credentials: alice, address, trust: { ...trust, directoryRoots: [] } }, toolsFor(lab.network())), 'certificate-refused', /autodiscover\.contoso\.lab:443/);
  });

  it('tells refused credentials from everything else', async () => {
    await fails(connect(toolsFor(lab.network()), { ...alice, password: 'of yesterday' }), 'exchange-credentials-refused', /refused the password of CONTOSO\\alice/);
    await fails(connect(toolsFor(lab.network()), { ...alice, user: 'bob', password: 'lab password B' }), 'exchange-unavailable', /error 500: The e-mail address cannot be found\.$/);
  });

  it('says what a server of another kind answered', async () => {
    const settings = (ewsUrl: string) => writeAutodiscoverSettings({ displayName: 'A', server: 'm', ewsUrl });
    await fails(answering(404, ''), 'exchange-unavailable', /answered 404/);
    await fails(answering(302, '', { Location: 'https://else.example/' }), 'exchange-unavailable', /answered 302 Found to https:\/\/else\.example\/\.$/);
    await fails(answering(401, '', { 'WWW-Authenticate': 'Basic realm="x"' }), 'exchange-unavailable', /offers neither NTLM nor Negotiate/);
    await fails(answering(200, 'garbage'), 'exchange-unavailable', /not well-formed XML/);
    await fails(answering(200, '<html/>'), 'exchange-unavailable', /the document's root is <html>/);
    await fails(answering(200, writeAutodiscoverError(600, 'Invalid Request')), 'exchange-unavailable', /error 600: Invalid Request\.$/);
    await fails(answering(200, settings('http://mail.contoso.lab/EWS')), 'exchange-unavailable', /"http:\/\/mail\.contoso\.lab\/EWS", which is no https address/);
    await fails(answering(200, settings('https://nowhere.contoso.lab/EWS')), 'exchange-unavailable', /nowhere\.contoso\.lab:443 could not be reached/);
    await fails(answering(200, settings('https://mail.contoso.lab/EWS')), 'exchange-unavailable', /not.*envelope|envelope.*expected/i);
    await fails(at((request, response) => {
      response.end(request.url?.startsWith('/Auto') ? settings('https://mail.contoso.lab/EWS') : writeFolderNotFound());
    }, (tools) => connect(tools)), 'exchange-unavailable', /answered GetFolder with ErrorFolderNotFound\.$/);
    await fails(answering(200, `<a>${' '.repeat(1 << 20)}</a>`), 'exchange-unavailable', /larger than 1048576 bytes/);
  });

  it('does not wait for ever for an answer', async () => {
    const clock = new SimulatedClock(Date.now());
    await fails(at(() => { clock.increment(60_000); }, (tools) => connect({ ...tools, clock: new PhoneClock(clock) })), 'exchange-unavailable', /did not answer within 40000 ms/);
  });
});
