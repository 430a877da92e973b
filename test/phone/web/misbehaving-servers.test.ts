import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Lab } from '../../../src/lab/lab.js';
import { PhoneClock } from '../../../src/phone/phone-clock.js';
import { StageFailure, type RuleId } from '../../../src/phone/stage-failure.js';
import type { Credentials, Trust } from '../../../src/phone/steps.js';
import { publishCertificate } from '../../../src/phone/web/client-certificate.js';
import { fetchRootChain } from '../../../src/phone/web/root-chain.js';
import { obtainWebTicket } from '../../../src/phone/web/web-ticket.js';
import { publishPortName, readPublishRequest, writePublishResponse } from '../../../src/protocol/certprov/publish.js';
import { writeRootChainsResponse } from '../../../src/protocol/certprov/root-chains.js';
import { readCertificateRequest } from '../../../src/protocol/pkcs/pkcs10.js';
import { readEnvelope, writeEnvelope } from '../../../src/protocol/soap/envelope.js';
import { writeFault } from '../../../src/protocol/soap/fault.js';
import { xml } from '../../../src/protocol/soap/markup.js';
import { writeMex } from '../../../src/protocol/webticket/mex.js';
import { readTicketRequest } from '../../../src/protocol/webticket/request.js';
import { writeTicketResponse } from '../../../src/protocol/webticket/response.js';
import { SimulatedClock } from '../../simulated-clock.js';
import { alice, certProvUrl, makeKeyPair, networkWith, pin, startWebLab, toolsFor } from './web-lab.js';

const fails = (work: Promise<unknown>, rule: RuleId, sentence: RegExp, screen?: string) => assert.rejects(work, (error) => {
  assert.ok(error instanceof StageFailure, String(error));
  assert.deepEqual([error.rule, error.screen], [rule, screen], error.message);
  assert.match(error.message, sentence);
  return true;
});

describe('The phone at web services of another kind', () => {
  const keyPair = makeKeyPair();
  const servers: Server[] = [];
  const sockets = new Set<Socket>();
  let lab: Lab;
  let trust: Trust;

  before(async () => {
    lab = await startWebLab();
    trust = { ...await fetchRootChain({ certProvUrl }, toolsFor(lab.network())), directoryRoots: [] };
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) server.close();
  });
  after(() => lab.close());

  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    server.on('connection', (socket: Socket) => { sockets.add(socket); socket.on('close', () => sockets.delete(socket)).on('error', () => {}); });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const plainHttp = async (server: Server) => toolsFor(networkWith(lab, { '10.0.0.10:80/tcp': await listen(server) }));
  const overTls = async (listener: RequestListener) =>
    toolsFor(networkWith(lab, { '10.0.0.10:443/tcp': await listen(createHttpsServer(identity(), listener)) }));
  const identity = () => {
    const { certificatePem, privateKeyPem } = lab.deployment.certificate('web');
    return { cert: certificatePem, key: privateKeyPem, ciphers: 'DEFAULT:@SECLEVEL=0', minVersion: 'TLSv1' } as const;
  };

  describe('root chain over plain HTTP', () => {
    it('needs an address that is one, and a host that is there', async () => {
      const tools = toolsFor(lab.network());
      await fails(fetchRootChain({ certProvUrl: undefined }, tools), 'web-service-unknown', /^No web service is known: DHCP gave no option 43 for MS-UC-Client\.$/, 'web-service-not-found');
      await fails(fetchRootChain({ certProvUrl: 'ldap://x/' }, tools), 'web-service-unknown', /"ldap:\/\/x\/".* is not an http or https address/, 'web-service-not-found');
      await fails(fetchRootChain({ certProvUrl: 'https://nowhere.contoso.lab/x' }, tools), 'web-service-unreachable', /nowhere\.contoso\.lab:80 could not be reached/, 'web-service-not-found');
      await fails(fetchRootChain({ certProvUrl: 'https://empty.contoso.lab/x' }, tools), 'web-service-unreachable', /empty\.contoso\.lab:80 could not be reached/, 'web-service-not-found');
    });

    it('is asked for without /anon where that is not known', async () => {
      const asked: string[] = [];
      const tools = await plainHttp(createServer((request, response) => {
        asked.push(`${request.method} ${request.url} ${String(request.headers['soapaction'])} ${String(request.headers.host)}`);
        response.statusCode = request.url?.endsWith('/anon') ? 404 : 200;
        response.end(response.statusCode === 200 ? writeRootChainsResponse([lab.deployment.webIssuerChain('lync.contoso.lab')]) : '');
      }));
      // An https port has nothing to do with the one of http.
      const { downloadedRoots } = await fetchRootChain({ certProvUrl: 'https://lync.contoso.lab:4443/A/b.svc/' }, tools);
      assert.equal(downloadedRoots.length, 1);
      const action = '"http://schemas.microsoft.com/OCS/AuthWebServices/GetRootCertChains" lync.contoso.lab';
      assert.deepEqual(asked, [`POST /A/b.svc/anon ${action}`, `POST /A/b.svc/ ${action}`]);
    });

    const answers: [what: string, answer: string | Buffer, rule: RuleId, sentence: RegExp, screen?: string][] = [
      ['a redirect, which is not followed', 'HTTP/1.1 302 Found\r\nLocation: http://evil.lab/\r\nContent-Length: 0\r\n\r\n', 'web-service-error', /it answered 302 Found to http:\/\/evil\.lab\//],
      ['an error', 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n', 'web-service-error', /it answered 503 Service Unavailable\.$/],
      ['a fault', fault(500, writeFault({ code: 'Server', reason: 'Out of order.' })), 'web-service-error', /it answered 500 X, Server: Out of order\.$/],
      ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'web-service-error', /the connection failed/],
      ['half a header', 'HTTP/1.1 200 OK\r\nContent-Le', 'web-service-error', /the connection failed/],
      ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<a>', 'web-service-error', /the connection failed/],
      ['no XML', fault(200, 'It works!'), 'web-service-error', /not well-formed XML/],
      ['an entity bomb', fault(200, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), 'web-service-error', /document type declaration/],
      ['no SOAP', fault(200, '<html/>'), 'web-service-error', /a SOAP 1\.1 envelope with a body was expected; the document's root is <html>/],
      ['an empty envelope', fault(200, writeEnvelope(xml`<a/>`)), 'chain-download-empty', /handed out no certificate/, 'chain-download-error'],
      ['a huge header', Buffer.from(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`), 'web-service-error', /the connection failed/],
      ['a huge body', Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n${' '.repeat(2_000_000)}`), 'web-service-error', /the answer is larger than 1048576 bytes/],
    ];
    for (const [what, answer, rule, sentence, screen] of answers) {
      it(`is given up on ${what}`, async () => {
        const tools = await plainHttp(createTcpServer((socket) => {
          socket.once('data', () => { socket.end(answer); });
        }));
        await fails(fetchRootChain({ certProvUrl }, tools), rule, sentence, screen);
      });
    }

    it('is given up when nothing comes back', async () => {
      const clock = new SimulatedClock();
      const server = createTcpServer((socket) => {
        socket.once('data', () => { clock.increment(3_600_000); });
      });
      const tools = { ...await plainHttp(server), clock: new PhoneClock(clock) };
      await fails(fetchRootChain({ certProvUrl }, tools), 'web-service-unreachable', /did not answer within \d+ ms\.$/, 'web-service-not-found');
    });

    it('gets no root where only other certificates come', async () => {
      const [issuing] = lab.deployment.webIssuerChain('lync.contoso.lab');
      const tools = await plainHttp(createServer((_, response) => { response.end(writeRootChainsResponse([[issuing ?? Buffer.alloc(0)]])); }));
      await fails(fetchRootChain({ certProvUrl }, tools), 'chain-download-empty', /1 certificates, none of them a root/, 'chain-download-error');
    });
  });

  /** Web services with addresses of their own choosing; `change` bends the answers. */
  const otherService = (change: Partial<Record<string, () => string>> = {}): { listener: RequestListener; asked: string[] } => {
    const asked: string[] = [];
    const origin = 'https://lync.contoso.lab';
    const answers: Record<string, (body: string) => string> = {
      '/prov/mex': () => writeMex('Any', 'urn:x', [{ name: publishPortName, location: `${origin}/odd/place?a=1`, token: { issuer: `${origin}/tickets/here/`, signed: true } }]),
      '/tickets/here/mex': () => writeMex('Any', 'urn:y', [{ name: 'WebTicketServicePin', location: `${origin}/knock` }]),
      '/knock': (body) => writeTicketResponse({
        ...readTicketRequest(readEnvelope(body)), assertion: '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:1.0:assertion" AssertionID="a"/>',
        created: Date.now(), expires: Date.now() + 60_000, serverEntropy: Buffer.alloc(32, 1),
      }),
      '/odd/place?a=1': (body) => {
        const { deviceId, certificateRequest } = readPublishRequest(readEnvelope(body));
        const { publicKey } = readCertificateRequest(certificateRequest);
        const { certificate } = lab.deployment.clientCertificates.issueAndPublish({ publicKey, sipUri: 'sip:alice@contoso.lab', deviceId, hours: 8 });
        return writePublishResponse({ deviceId, entity: 'alice@contoso.lab', certificate });
      },
    };
    return {
      asked,
      listener: (request, response) => {
        const parts: Buffer[] = [];
        request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
          const url = request.url ?? '';
          asked.push(url);
          const body = change[url]?.() ?? answers[url]?.(Buffer.concat(parts).toString());
          response.statusCode = body === undefined ? 404 : 200;
          response.end(body);
        });
      },
    };
  };
  const start = 'https://lync.contoso.lab/prov/';
  const signIn = async ({ listener }: { listener: RequestListener }, credentials: Credentials = pin('100', '482135790264')) => {
    const tools = await overTls(listener);
    const ticket = await obtainWebTicket({ certProvUrl: start, credentials, trust }, tools);
    return publishCertificate({ ticket, credentials, trust, keyPair }, tools);
  };

  it('goes where the metadata say, whatever the addresses look like', async () => {
    const service = otherService();
    assert.equal((await signIn(service)).sipUri, 'sip:alice@contoso.lab');
    assert.deepEqual(service.asked, ['/prov/mex', '/tickets/here/mex', '/knock', '/odd/place?a=1']);
  });

  it('connects again where the server closes each connection after its second request', async () => {
    const service = otherService();
    const requests = new WeakMap<Socket, number>();
    const listener: RequestListener = (request, response) => {
      const count = (requests.get(request.socket) ?? 0) + 1;
      requests.set(request.socket, count);
      if (count > 2) request.socket.destroy();
      else service.listener(request, response);
    };
    assert.equal((await signIn({ listener })).sipUri, 'sip:alice@contoso.lab');
    assert.equal(service.asked.length, 4);
  });

  const bent: [what: string, path: string, answer: () => string, rule: RuleId, sentence: RegExp][] = [
    ['metadata without the port', '/prov/mex', () => writeMex('X', 'urn:x', [{ name: 'Other', location: 'https://x/' }]), 'web-service-error', /its metadata list Other, but not CertProvisioningServiceWebTicketProof_SHA1/],
    ['metadata without an issuer', '/prov/mex', () => writeMex('X', 'urn:x', [{ name: publishPortName, location: 'https://x/' }]), 'web-service-error', /names no issuer/],
    ['an issuer that is not https', '/prov/mex', () => writeMex('X', 'urn:x', [{ name: publishPortName, location: 'https://x/', token: { issuer: 'http://lync.contoso.lab/', signed: true } }]), 'web-service-error', /names "http:\/\/lync\.contoso\.lab\/", which is no https address/],
    ['metadata that are a web page', '/tickets/here/mex', () => '<html><p></html>', 'web-service-error', /not well-formed XML/],
    ['a ticket without assertion', '/knock', () => writeEnvelope(xml`<RequestSecurityTokenResponse/>`), 'web-service-error', /no SAML 1\.1 assertion/],
    ['a certificate that is none', '/odd/place?a=1', () => writePublishResponse({ deviceId: '', entity: '', certificate: Buffer.from('no') }), 'web-service-error', /the 2 bytes it issued are no X\.509 certificate/],
    ['a certificate for another key', '/odd/place?a=1', () => writePublishResponse({ deviceId: '', entity: '', certificate: lab.deployment.webIssuerChain('lync.contoso.lab')[0] ?? Buffer.alloc(0) }), 'web-service-error', /is for another key/],
    ['a certificate for a key of no known kind', '/odd/place?a=1', () => writePublishResponse({ deviceId: '', entity: '', certificate: withUnknownKey(lab.deployment.webIssuerChain('lync.contoso.lab')[0]) }), 'web-service-error', /is for another key/],
    ['an answer without certificate', '/odd/place?a=1', () => writeEnvelope(xml`<GetAndPublishCertResponse/>`), 'certificate-not-issued', /for 100 and issued none: it gave no reason/],
  ];
  for (const [what, path, answer, rule, sentence] of bent) {
    it(`gives up on ${what}`, async () => { await fails(signIn(otherService({ [path]: answer })), rule, sentence); });
  }

  const refusals: [what: string, status: number, answer: { body?: string; diagnostics?: string }, rule: RuleId, reaction: string, sentence: RegExp, screen?: string][] = [
    ['28020 and no more', 500, { body: writeFault({ code: 'FailedAuthentication', reason: 'No valid security token.', diagnostics: { errorId: 28020, reason: 'No valid security token.' } }) }, 'pin-refused', 'stop', /it does not say whether number or PIN is wrong\.$/, 'pin-incorrect'],
    ['28020 in a header', 403, { diagnostics: '28020;"web.contoso.lab";"No valid security token.";"wsse:FailedAuthentication"' }, 'pin-refused', 'stop', /it does not say whether number or PIN is wrong\.$/, 'pin-incorrect'],
    ['401 and nothing else', 401, {}, 'web-ticket-refused', 'stop', /for number 100 and refused: it gave no reason \(status 401\)\.$/],
    ['another error', 500, { body: writeFault({ code: 'FailedAuthentication', reason: 'No.', diagnostics: { errorId: 28021, reason: 'Not today.' } }) }, 'web-ticket-refused', 'stop', /refused: Not today \(error 28021\)\.$/],
    ['a page saying that it failed', 500, { body: '<html>Server Error in Application</html>' }, 'web-service-error', 'retry', /it answered 500/],
  ];
  for (const [what, status, { body = '', diagnostics }, rule, reaction, sentence, screen] of refusals) {
    it(`takes ${what} for ${rule} where it sent a PIN, once`, async () => {
      const service = otherService();
      let asked = 0;
      const work = signIn({
        listener: (request, response) => {
          if (request.url !== '/knock') { service.listener(request, response); return; }
          asked++;
          if (diagnostics !== undefined) response.setHeader('X-Ms-diagnostics', diagnostics);
          response.statusCode = status;
          response.end(body);
        },
      });
      await fails(work, rule, sentence, screen);
      await assert.rejects(work, { reaction });
      assert.equal(asked, 1);
    });
  }

  it('sends no credentials without TLS, nor to who asks for another kind', async () => {
    const tools = toolsFor(lab.network());
    await fails(obtainWebTicket({ certProvUrl: 'http://lync.contoso.lab/', credentials: alice, trust }, tools), 'web-service-error', /over https only/);
    const { listener } = otherService({ '/tickets/here/mex': () => writeMex('X', 'urn:y', [{ name: 'WebTicketServiceWinNtlm', location: 'https://lync.contoso.lab/win' }]) });
    for (const [offer, sentence] of [['Basic realm="x"', /neither NTLM nor Negotiate/], ['NTLM', /did not go on with NTLM/]] as const) {
      await fails(signIn({
        listener: (request, response) => {
          if (request.url !== '/win') { listener(request, response); return; }
          response.setHeader('WWW-Authenticate', offer);
          response.statusCode = 401;
          response.end();
        },
      }, alice), 'web-service-error', sentence);
    }
    await fails(signIn({
      listener: (request, response) => {
        if (request.url !== '/win') { listener(request, response); return; }
        response.setHeader('WWW-Authenticate', request.headers.authorization === undefined ? 'NTLM' : 'NTLM AAAA');
        response.statusCode = 401;
        response.end();
      },
    }, alice), 'web-service-error', /could not be used/);
  });
});

/** The certificate with rsaEncryption (1.2.840.113549.1.1.1) in its key replaced by an identifier that nobody has given away. */
function withUnknownKey(certificate: Buffer = Buffer.alloc(0)): Buffer {
  const changed = Buffer.from(certificate);
  const at = changed.indexOf(Buffer.from('06092a864886f70d010101', 'hex'));
  assert.ok(at > 0);
  changed[at + 10] = 0x7f;
  return changed;
}

function fault(status: number, body: string): string {
  return `HTTP/1.1 ${status} X\r\nContent-Length: ${Buffer.byteLength(body)}\r\nContent-Type: text/xml\r\n\r\n${body}`;
}
