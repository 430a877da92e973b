import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { addressBytes } from '../../../src/protocol/dhcp/address.js';
import { decodeDhcpMessage, encodeDhcpMessage, messageTypes } from '../../../src/protocol/dhcp/message.js';
import { buildCertificate } from '../../../src/protocol/pkcs/certificate-builder.js';
import type { Credentials } from '../../../src/phone/steps.js';
import { pinErrorId } from '../../../src/protocol/webticket/pin-credentials.js';
import { writeFault } from '../../../src/protocol/soap/fault.js';
import type { FaultyLab, Misbehaviour } from '../../faults/faulty-lab.js';

/** A server that is broken in a way that no topology declares, and the rule that describes it. */
export interface BrokenServer {
  fault: string;
  at: string;
  expected: string;
  make: (faulty: FaultyLab) => Misbehaviour;
  credentials?: Credentials;
  /** No connection to these ports is ever taken. */
  dropped?: readonly number[];
  /** Another DHCP server, which answers first. */
  otherDhcp?: (request: Buffer) => Buffer;
}

/** A SIP answer with the headers that the request has to have back. */
function answer(request: string, status: string, ...headers: string[]): string {
  const [head = ''] = request.split('\r\n\r\n');
  const kept = head.split('\r\n').slice(1).filter((line) => /^(Via|From|To|Call-ID|CSeq):/i.test(line));
  return [`SIP/2.0 ${status}`, ...kept, ...headers, 'Content-Length: 0', '', ''].join('\r\n');
}

/** Answers every request of a method. */
const answering = (method: string, ...reply: [status: string, ...headers: string[]]): BrokenServer['make'] => () => ({
  sip: (message, socket) => {
    if (!message.startsWith(`${method} `)) return false;
    socket.write(answer(message, ...reply));
    return true;
  },
});

const parameter = (request: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(request)?.[1] ?? '';

/** An answer signed wrongly, within the association that the request is signed in. */
const signedWrongly: BrokenServer['make'] = () => ({
  sip: (message, socket) => {
    if (!message.startsWith('SUBSCRIBE ')) return false;
    const quoted = ['opaque', 'realm', 'targetname'].map((name) => `${name}="${parameter(message, name)}"`).join(', ');
    socket.write(answer(message, '200 OK', `Authentication-Info: TLS-DSK qop="auth", ${quoted}, srand="01020304", snum="99", rspauth="${'00'.repeat(20)}", version=4`));
    return true;
  },
});

/** Answers the ClientHello of a phone with these bytes. */
const inTls = (bytes: (faulty: FaultyLab) => Buffer): BrokenServer['make'] => (faulty) => ({ sipConnection: (socket) => { socket.once('data', () => { socket.write(bytes(faulty)); }); } });

const record = (type: number, body: Buffer) => Buffer.concat([Buffer.from([type, 3, 1, body.length >> 8, body.length & 255]), body]);
const size = (length: number) => Buffer.from([length >> 16, (length >> 8) & 255, length & 255]);

/** ServerHello and Certificate. */
function flightWith(...chain: readonly Buffer[]): Buffer {
  const hello = Buffer.concat([Buffer.from('020000260301', 'hex'), Buffer.alloc(32), Buffer.from('00002f00', 'hex')]);
  const list = Buffer.concat(chain.flatMap((certificate) => [size(certificate.length), certificate]));
  return Buffer.concat([record(22, hello), record(22, Buffer.concat([Buffer.from([11]), size(list.length + 3), size(list.length), list]))]);
}

const days = (count: number) => Date.now() + count * 86_400_000;
const fields = {
  subjectCommonName: 'lync.contoso.lab', notBefore: days(-1), notAfter: days(1), dnsNames: ['lync.contoso.lab'], extendedKeyUsage: ['serverAuth'], keyUsage: ['digitalSignature'] as const,
  basicConstraints: { certificateAuthority: false },
};

function issuedBy({ lab }: FaultyLab, publicKey: KeyObject, more: object = {}): Buffer {
  const issued = lab.deployment.authorities.get('issuing')?.issue({ ...fields, publicKey, ...more }, { hash: 'sha1' });
  if (issued === undefined) throw new Error('the lab has an issuing authority');
  return issued;
}

/** What a server with an elliptic-curve key shows to whom it shows it. */
const curveCertificate = (faulty: FaultyLab) => issuedBy(faulty, generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).publicKey);

/** A certificate, issued by one that is for a server and no CA. */
function chainWithoutCa(faulty: FaultyLab): Buffer[] {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const leaf = buildCertificate({ ...fields, serialNumber: Buffer.of(1), issuerCommonName: 'No CA', publicKey, issuerPublicKey: publicKey }, { hash: 'sha1', privateKey });
  return [leaf, issuedBy(faulty, publicKey, { subjectCommonName: 'No CA' })];
}

/** DHCPACK of a server that knows nothing of phones. */
function emptyAnswer(request: Buffer): Buffer {
  const { transactionId, hardwareAddress, clientAddress } = decodeDhcpMessage(request);
  return encodeDhcpMessage({ operation: 'reply', transactionId, clientAddress, hardwareAddress, options: new Map([[53, Buffer.of(messageTypes.ack)], [54, addressBytes('10.0.0.9')]]) });
}

const alert = (description: number) => record(21, Buffer.of(2, description));
const noTicket = { errorId: 28000, reason: 'The ticket is refused.' };
const registrar = 'the registrar, lync.contoso.lab:5061';

export const brokenServers: readonly BrokenServer[] = [
  { fault: 'It shows a certificate that is none', at: registrar, expected: 'LPE038', make: inTls(() => flightWith(Buffer.from('no certificate'))) },
  { fault: 'It shows a certificate with an elliptic-curve key', at: registrar, expected: 'LPE033', make: inTls((faulty) => flightWith(curveCertificate(faulty))) },
  { fault: 'The issuer of its certificate is no CA', at: registrar, expected: 'LPE036', make: inTls((faulty) => flightWith(...chainWithoutCa(faulty))) },
  { fault: 'It takes no suite of the phone (handshake_failure)', at: registrar, expected: 'LPE007', make: inTls(() => alert(40)) },
  { fault: 'It takes no TLS 1.0 (protocol_version)', at: registrar, expected: 'LPE008', make: inTls(() => alert(70)) },
  { fault: 'It closes at the ClientHello, as Schannel does without TLS 1.0', at: registrar, expected: 'LPE008', make: () => ({ sipConnection: (socket) => { socket.once('data', () => { socket.end(); }); } }) },
  { fault: 'It refuses REGISTER for good (403)', at: registrar, expected: 'LPE066', make: answering('REGISTER', '403 Forbidden') },
  { fault: 'Its challenge lacks everything', at: registrar, expected: 'LPE062', make: answering('REGISTER', '401 Unauthorized', 'WWW-Authenticate: TLS-DSK version=9') },
  { fault: 'It sends the phone on to itself', at: registrar, expected: 'LPE061', make: answering('REGISTER', '301 Moved Permanently', 'Contact: <sip:lync.contoso.lab:5061;transport=tls>') },
  { fault: 'It signs wrongly', at: registrar, expected: 'LPE068', make: signedWrongly },
  {
    fault: 'It refuses number and PIN, as a real one does: without saying why', at: 'web', expected: 'LPE011', make: () => ({
      https: (request, response) => {
        if (request.url !== '/WebTicket/WebTicketService.svc/pin') return false;
        request.resume().on('end', () => { response.writeHead(500, { 'Content-Type': 'text/xml' }).end(writeFault({ code: 'FailedAuthentication', reason: noTicket.reason, diagnostics: { ...noTicket, errorId: pinErrorId } })); });
        return true;
      },
    }),
  },
  { fault: 'A second DHCP server answers otherwise', at: 'DHCP', expected: 'LPE024', make: () => ({}), otherDhcp: emptyAnswer },
  { fault: 'A firewall drops 5061', at: 'the network', expected: 'LPE076', make: () => ({}), dropped: [5061] },
  { fault: 'A firewall drops 80', at: 'the network', expected: 'LPE076', make: () => ({}), dropped: [80] },
  { fault: 'A firewall drops 389', at: 'the network', expected: 'LPE078', make: () => ({}), dropped: [389], credentials: { method: 'tethered', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password: 'lab-password-alice' } },
];
