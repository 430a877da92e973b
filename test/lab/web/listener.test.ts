import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, createServer, request as sendRequest, type IncomingMessage, type OutgoingHttpHeaders, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { IssuedClientCertificates } from '../../../src/lab/client-certificates.js';
import type { Deployment } from '../../../src/lab/deployment.js';
import { policySchema, topologySchema } from '../../../src/lab/topology-schema.js';
import { LabUsers } from '../../../src/lab/user-store.js';
import { readRequestBody } from '../../../src/lab/web/request-body.js';
import { createWebRequestListener } from '../../../src/lab/web/listener.js';
import { publishAction, readPublishResponse, writePublishRequest } from '../../../src/protocol/certprov/publish.js';
import { readRootChains, rootChainsAction, writeRootChainsRequest } from '../../../src/protocol/certprov/root-chains.js';
import { autodiscoverPath, readAutodiscoverResponse, writeAutodiscoverRequest } from '../../../src/protocol/exchange/autodiscover.js';
import { ewsPath, getFolderAction, readFolderId, writeGetCalendar } from '../../../src/protocol/exchange/get-folder.js';
import { NtlmHttpClient } from '../../../src/protocol/ntlm/http.js';
import { createCertificateRequest } from '../../../src/protocol/pkcs/pkcs10.js';
import { readEnvelope } from '../../../src/protocol/soap/envelope.js';
import { readFault } from '../../../src/protocol/soap/fault.js';
import { parseXml } from '../../../src/protocol/soap/xml.js';
import { readMex } from '../../../src/protocol/webticket/mex.js';
import { proofKey } from '../../../src/protocol/webticket/proof-key.js';
import { issueAction, writeTicketRequest } from '../../../src/protocol/webticket/request.js';
import { readTicketResponse } from '../../../src/protocol/webticket/response.js';
import { Trace } from '../../../src/trace/trace.js';
import { anyCharacter } from '../../any-character.js';
import { testIdentity } from '../../test-identity.js';

const certProv = '/CertProv/CertProvisioningService.svc';
const proofPath = `${certProv}/WebTicket_Proof_SHA1`;
const webTicket = '/WebTicket/WebTicketService.svc';

describe('The web services of the lab', () => {
  const topology = topologySchema.parse({
    schema: 1, name: 'web', sipDomains: ['contoso.lab'], authorities: {}, certificates: {}, dns: [],
    servers: ['lync', 'other'].map((host, index) => ({ fqdn: `${host}.contoso.lab`, address: `10.0.0.1${index}`, web: { certificate: 'web' } })),
    dhcp: { domainName: 'contoso.lab', option43: null, option120: null },
    users: [{ sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '48213', account: 'CONTOSO\\alice', password: 'x' }],
  });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
  const certificateRequest = createCertificateRequest({ subjectCommonName: 'alice@contoso.lab', privateKeyPem: privateKey, hash: 'sha1' });
  const root = testIdentity('Root').certificate;
  const other = testIdentity('Other Root').certificate;
  const servers: Server[] = [];
  const ports = { http: 0, https: 0, exchange: 0 };
  let deployment: Deployment;
  let now = Date.parse('2013-05-01T10:00:00Z');

  before(async () => {
    deployment = {
      topology, policy: policySchema.parse({}), users: new LabUsers(topology.users), trace: new Trace(), now: () => now,
      clientCertificates: await IssuedClientCertificates.create(() => now),
      baseUrl: (fqdn, scheme) => `${scheme}://${fqdn}:${scheme === 'https' ? 443 : 80}`,
      webIssuerChain: () => [root], authorityChain: (name) => (name === 'other' ? [other] : undefined), ewsUrl: (fqdn) => `https://${fqdn}:443/EWS/Exchange.asmx`,
    };
    // TLS is not the listener's business: what serves https does so over plain sockets here.
    for (const scheme of ['http', 'https', 'exchange'] as const) {
      const server = createServer(createWebRequestListener(deployment, 'lync.contoso.lab', scheme)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      servers.push(server);
      ports[scheme] = (server.address() as AddressInfo).port;
    }
  });
  afterEach(() => { now = Date.parse('2013-05-01T10:00:00Z'); });
  after(() => { for (const server of servers) server.closeAllConnections(); for (const server of servers) server.close(); });

  interface Answer { status: number; headers: IncomingMessage['headers']; body: string }
  const send = async (scheme: keyof typeof ports, method: string, path: string, body: string | Buffer = '', headers: OutgoingHttpHeaders = {}): Promise<Answer> => {
    const request = sendRequest({ port: ports[scheme], method, path, headers });
    request.on('error', () => { /* The server may hang up on a body that is too large. */ });
    request.end(body);
    const [response] = await once(request, 'response') as [IncomingMessage];
    const parts: Buffer[] = [];
    for await (const part of response) parts.push(part as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts).toString() };
  };
  const soap = (path: string, action: string, body: string | Buffer, scheme: 'http' | 'https' = 'https') => send(scheme, 'POST', path, body, { SOAPAction: `"${action}"` });
  const faultOf = ({ body }: Answer) => readFault(readEnvelope(body));

  const getTicket = async (service = 'lync.contoso.lab') => {
    const clientEntropy = Buffer.alloc(32, 3);
    const request = writeTicketRequest({ context: randomUUID(), appliesTo: `https://${service}:443${proofPath}`, clientEntropy }, { phoneOrExtension: '100', pin: '48213' });
    const { status, body } = await soap(`${webTicket}/pin`, issueAction, request);
    assert.equal(status, 200);
    const { serverEntropy, ...ticket } = readTicketResponse(readEnvelope(body));
    assert.ok(serverEntropy);
    return { ...ticket, proofKey: proofKey(clientEntropy, serverEntropy) };
  };
  const publishText = async ({ entity, csr = certificateRequest, service }: { entity?: string; csr?: Buffer; service?: string } = {}) => writePublishRequest(
    { deviceId: '{x}', entity, certificateRequest: csr, requestId: randomUUID() },
    { endpoint: `https://lync.contoso.lab:443${proofPath}`, messageId: randomUUID(), ticket: await getTicket(service) });
  const publish = async (options?: { entity?: string; csr?: Buffer }) => soap(proofPath, publishAction, await publishText(options));

  it('name in their metadata where a ticket comes from and goes to', async () => {
    const [port] = readMex(parseXml((await send('https', 'GET', `${certProv}/mex`)).body));
    assert.deepEqual(port, {
      name: 'CertProvisioningServiceWebTicketProof_SHA1', location: `https://lync.contoso.lab:443${proofPath}`,
      token: { issuer: `https://lync.contoso.lab:443${webTicket}`, signed: true },
    });
    const tickets = readMex(parseXml((await send('https', 'GET', `${webTicket}/mex`)).body));
    assert.deepEqual(tickets.map(({ name, location }) => [name, location.slice('https://lync.contoso.lab:443'.length)]), [
      ['WebTicketServiceWinNegotiate', webTicket], ['WebTicketServiceWinNtlm', webTicket], ['WebTicketServiceCert', `${webTicket}/cert`], ['WebTicketServicePin', `${webTicket}/pin`],
    ]);
  });

  it('hand out the root chain over http at both addresses, and over https', async () => {
    for (const [scheme, path] of [['http', `${certProv}/anon`], ['http', certProv], ['https', certProv], ['http', `${certProv.toUpperCase()}/`]] as const) {
      const { status, body } = await soap(path, rootChainsAction, writeRootChainsRequest(), scheme);
      assert.equal(status, 200);
      assert.deepEqual(readRootChains(readEnvelope(body)).roots, [root]);
    }
    assert.equal((await soap(`${certProv}/anon`, rootChainsAction, writeRootChainsRequest())).status, 404);
  });

  it('hand out the authorities of TrustedCACerts too, once the chain is not inferred from the web certificate alone', async () => {
    const handedOut = async (policy: object) => {
      deployment = Object.assign(deployment, { policy: policySchema.parse(policy) });
      return readRootChains(readEnvelope((await soap(certProv, rootChainsAction, writeRootChainsRequest(), 'http')).body)).roots;
    };
    assert.deepEqual(await handedOut({ TrustedCACerts: ['other'] }), [root]);
    assert.deepEqual(await handedOut({ TrustedCACerts: ['other'], InferCertChainFromSSL: false }), [root, other]);
    assert.deepEqual(await handedOut({ TrustedCACerts: ['other'], InferCertChainFromSSL: false, EnableCertChainDownload: false }), []);
    assert.deepEqual(await handedOut({}), [root]);
  });

  it('of Exchange want Windows authentication, and answer the owner of a mailbox only', async () => {
    const call = async (path: string, body: string, password = 'x', action = getFolderAction) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const post = async (authorization?: string) => {
        const request = sendRequest({ agent, port: ports.exchange, method: 'POST', path, headers: { SOAPAction: action, ...(authorization && { Authorization: authorization }) } });
        request.end(body);
        const [response] = await once(request, 'response') as [IncomingMessage];
        return { status: response.statusCode, token: String(response.headers['www-authenticate']).replace(/^NTLM /, ''), body: Buffer.concat(await response.toArray() as Buffer[]) };
      };
      const ntlm = new NtlmHttpClient({ domain: 'CONTOSO', user: 'alice', password });
      assert.equal((await post()).status, 401);
      const challenged = await post(`NTLM ${ntlm.negotiate()}`);
      const answer = await post(`NTLM ${ntlm.authenticate(challenged.token)}`);
      agent.destroy();
      return answer;
    };
    const settings = await call('/autodiscover/autodiscover.xml', writeAutodiscoverRequest('Alice@contoso.lab'));
    assert.deepEqual(readAutodiscoverResponse(parseXml(settings.body)), { ewsUrl: 'https://lync.contoso.lab:443/EWS/Exchange.asmx' });
    assert.match((await call(autodiscoverPath, writeAutodiscoverRequest('bob@contoso.lab'))).body.toString(), /<ErrorCode>500</);
    assert.equal((await call(autodiscoverPath, writeAutodiscoverRequest('alice@contoso.lab'), 'wrong')).status, 401);
    assert.ok(readFolderId(readEnvelope((await call(ewsPath, writeGetCalendar())).body)));
    const inbox = await call(ewsPath, writeGetCalendar().replace('calendar', 'inbox'));
    assert.throws(() => readFolderId(readEnvelope(inbox.body)), { code: 'exchange/ews' });
    assert.equal((await call(ewsPath, writeGetCalendar(), 'x', 'urn:other')).status, 500);
    assert.equal((await call(autodiscoverPath, '<a/>')).status, 500);
    assert.equal((await send('https', 'POST', ewsPath)).status, 404);
    assert.equal((await send('exchange', 'POST', certProv)).status, 404);
  });

  it('keep everything else off http, and know no other addresses, methods or actions', async () => {
    assert.equal((await soap(`${webTicket}/pin`, issueAction, '', 'http')).status, 404);
    assert.equal((await send('http', 'GET', `${webTicket}/mex`)).status, 404);
    assert.equal((await send('https', 'GET', '/')).status, 404);
    const wrongMethod = await send('https', 'PUT', `${certProv}/mex?x=1`);
    assert.deepEqual([wrongMethod.status, wrongMethod.headers.allow], [405, 'GET']);
    for (const path of [certProv, proofPath, webTicket, `${webTicket}/pin`]) {
      const answer = await soap(path, 'urn:other', writeRootChainsRequest());
      assert.deepEqual([answer.status, faultOf(answer)?.code], [500, 'ActionNotSupported'], path);
    }
  });

  it('issue a certificate for a signed request, with or without Entity', async () => {
    for (const entity of [undefined, 'alice@contoso.lab', 'sip:ALICE@contoso.lab']) {
      const { status, body } = await publish(entity === undefined ? {} : { entity });
      const answer = readPublishResponse(readEnvelope(body));
      assert.equal(status, 200);
      assert.ok('certificate' in answer && deployment.clientCertificates.isPublished(answer.certificate, 'sip:alice@contoso.lab'));
    }
  });

  it('say in the body why no certificate is issued', async () => {
    const refused = async (options: { entity?: string; csr?: Buffer }, reason: RegExp) => {
      const { status, body } = await publish(options);
      const answer = readPublishResponse(readEnvelope(body));
      assert.equal(status, 200);
      assert.ok('errorInfo' in answer);
      assert.match(answer.errorInfo, reason);
    };
    await refused({ entity: 'bob@contoso.lab' }, /issued to alice@contoso\.lab, not to bob@contoso\.lab/);
    const tampered = Buffer.from(certificateRequest);
    tampered.writeUInt8(tampered.readUInt8(tampered.length - 1) ^ 1, tampered.length - 1);
    await refused({ csr: tampered }, /not signed with the key it is for/);
    await refused({ csr: Buffer.from('nonsense') }, /PKCS#10/);
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
    await refused({ csr: createCertificateRequest({ subjectCommonName: 'a', privateKeyPem: ec.privateKey, hash: 'sha256' }) }, /not for an RSA key/);
  });

  it('refuse a ticket that was tampered with, is not signed with, or has expired', async () => {
    const refused = async (change: (text: string) => string, later = 0) => {
      const text = await publishText();
      const changed = change(text);
      assert.ok(later > 0 || changed !== text);
      now += later;
      const answer = await soap(proofPath, publishAction, changed);
      const fault = faultOf(answer);
      assert.deepEqual([answer.status, fault?.code, fault?.diagnostics?.errorId], [500, 'FailedAuthentication', 28020]);
      now -= later;
    };
    await refused((text) => text.replace(/<SignatureValue>./, '<SignatureValue>!'));
    await refused((text) => text.replace('T18:00:00Z</wsu:Expires>', 'T19:00:00Z</wsu:Expires>'));
    await refused((text) => text.replace('sip:alice@', 'sip:bob@'));
    await refused((text) => text.replace(/<Signature .*<\/Signature>/, ''));
    await refused((text) => text.replace(/<wsse:Security.*<\/wsse:Security>/, ''));
    await refused((text) => text, 8 * 3_600_000);
  });

  it('refuse a request that was sent before, one that cannot be told apart from others, and a ticket for another server', async () => {
    const refused = async (text: string, reason: string) => {
      const answer = await soap(proofPath, publishAction, text);
      assert.deepEqual([answer.status, faultOf(answer)?.code], [500, 'FailedAuthentication']);
      const notes = deployment.trace.events.flatMap((event) => (event.layer === 'note' ? [event.summary] : []));
      assert.equal(notes.at(-1), `Web ticket refused: ${reason}`);
    };
    const text = await publishText();
    assert.equal((await soap(proofPath, publishAction, text)).status, 200);
    await refused(text, 'the request was sent before');
    await refused((await publishText()).replace(/<wsa:MessageID.*<\/wsa:MessageID>/, ''), 'the request has no MessageID');
    await refused(await publishText({ service: 'other.contoso.lab' }), `the web ticket is for https://other.contoso.lab:443${proofPath}`);
  });

  it('issue no ticket for services of others, nor without credentials', async () => {
    const request = { context: 'c', appliesTo: 'https://evil.lab/', clientEntropy: Buffer.alloc(32) };
    const elsewhere = await soap(`${webTicket}/pin`, issueAction, writeTicketRequest(request, { phoneOrExtension: '100', pin: '48213' }));
    assert.match(faultOf(elsewhere)?.reason ?? '', /No ticket is issued for https:\/\/evil\.lab\//);
    const anonymous = await soap(`${webTicket}/pin`, issueAction, writeTicketRequest(request));
    assert.equal(faultOf(anonymous)?.diagnostics?.nameValuePairs?.['PinFailureReason'], 'IncorrectPin');
    const windows = await soap(webTicket, issueAction, writeTicketRequest(request));
    assert.deepEqual([windows.status, windows.headers['www-authenticate']], [401, 'Negotiate, NTLM']);
    for (const authorization of ['NTLM', 'NTLM AAAA', 'Basic eDp4', `NTLM ${Buffer.from('NTLMSSP\0\u0003\0\0\0').toString('base64')}`, `NTLM ${Buffer.from('NTLMSSP\0\u0001\0\0\0').toString('base64')}`]) {
      assert.equal((await send('https', 'POST', webTicket, 'x', { SOAPAction: issueAction, Authorization: authorization })).status, 401, authorization);
    }
  });

  it('answer garbage with a fault', async () => {
    for (const body of ['', 'garbage', '<a>', '<!DOCTYPE a><a/>', '<a/>', Buffer.from([0xff, 0xfe])]) {
      const answer = await soap(`${webTicket}/pin`, issueAction, body);
      assert.deepEqual([answer.status, faultOf(answer)?.code], [400, 'Client']);
    }
    const empty = await soap(`${webTicket}/pin`, issueAction, writeRootChainsRequest());
    assert.deepEqual([empty.status, faultOf(empty)?.code], [500, 'Client']);
  });

  it('survive whatever is put into a good request', async () => {
    const good = await publishText();
    await fc.assert(fc.asyncProperty(fc.nat(good.length - 1), fc.nat(40), fc.string({ unit: anyCharacter, maxLength: 10 }), async (at, length, insert) => {
      const { status } = await soap(proofPath, publishAction, good.slice(0, at) + insert + good.slice(at + length));
      assert.ok([200, 400, 500].includes(status), String(status));
    }), { numRuns: 25 });
    assert.ok(!deployment.trace.events.some((event) => 'summary' in event && event.summary.startsWith('A web service failed')));
    assert.equal((await publish()).status, 200);
  });

  it('read no body of more than 1 MiB, announced or not', async () => {
    const announced = await soap(`${webTicket}/pin`, issueAction, Buffer.alloc((1 << 20) + 1, ' '));
    assert.deepEqual([announced.status, announced.headers.connection], [413, 'close']);
    const request = sendRequest({ port: ports.https, method: 'POST', path: certProv, headers: { 'Transfer-Encoding': 'chunked' } });
    request.on('error', () => { /* The server hangs up. */ });
    for (let sent = 0; sent <= 1 << 20; sent += 1 << 16) request.write(Buffer.alloc(1 << 16, ' '));
    const [response] = await once(request, 'response') as [IncomingMessage];
    assert.equal(response.statusCode, 413);
    response.resume();
    request.destroy();
  });

  it('do not wait for ever for a body, and bear a client that leaves within one', async () => {
    const outcomes: Promise<unknown>[] = [];
    let patience = 10;
    const server = createServer((request, response) => {
      outcomes.push(readRequestBody(request, patience).then(() => 'read', (error: unknown) => (error as { code: string }).code));
      response.on('error', () => {});
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const halfARequest = async () => {
      const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
      client.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf');
      await once(server, 'request');
      return client;
    };
    const silent = await halfARequest();
    assert.equal(await outcomes[0], 'web/body-too-slow');
    patience = 10_000;
    const gone = await halfARequest();
    gone.destroy();
    assert.equal(await outcomes[1], 'web/body-incomplete');
    silent.destroy();
    server.close();
  });
});
