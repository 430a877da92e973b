import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabPort } from './captured-sign-in.js';
import { programOrSkip } from './debian-program.js';
import { dissect, startCapture } from './tshark.js';

const fields = [
  'frame.number', '_ws.malformed', '_ws.expert.severity', '_ws.expert.message',
  'dhcp.option.dhcp', 'dhcp.option.type', 'dhcp.option.request_list_item', 'dhcp.option.sip_server.name',
  'dns.flags.response', 'dns.qry.type', 'dns.qry.name', 'dns.srv.target', 'dns.srv.port',
  'ldap.protocolOp', 'ldap.baseObject',
  'ntp.flags.vn', 'ntp.flags.mode', 'ntp.stratum',
  'http.request.method', 'http.request.uri', 'http.response.code',
  'sip.Method', 'sip.Status-Code', 'sip.Event',
] as const;
type Frame = Record<(typeof fields)[number], string[]>;

/** Wireshark's severities from `warning` up. What lies below says how a conversation went, or that a header is not one of the IETF's. */
const warning = 0x600000;

/** One sign-in by that route, captured and dissected; skips where tshark is missing or may not capture. */
async function captured(context: Mocha.Context, route: 'pin' | 'tethered', folder: string): Promise<Frame[]> {
  const tshark = programOrSkip(context, 'tshark', 'tshark');
  const [file, keyLog] = [join(folder, `${route}.pcapng`), join(folder, `${route}.keys`)];
  const child = fork(fileURLToPath(new URL('captured-sign-in.ts', import.meta.url)), [route], {
    execArgv: ['--import', 'tsx', '--no-warnings', `--tls-keylog=${keyLog}`],
  });
  const exited = once(child, 'exit');
  const [ports] = await Promise.race([once(child, 'message'), exited.then(() => { throw new Error('the lab did not start'); })]) as [LabPort[]];
  const capture = await startCapture(tshark, ports, file);
  if ('refused' in capture) {
    child.kill();
    await exited;
    console.log(`    Skipped: tshark may not capture on loopback here (${capture.refused.split('\n').at(-1)}).`);
    context.skip();
  }
  child.send('captured');
  const [status] = await exited as [number | null];
  await capture.stop();
  assert.equal(status, 0, 'the phone signed in and out');
  return dissect(tshark, { file, keyLog, ports }, 'dhcp || dns || ntp || ldap || http || sip || _ws.malformed || _ws.expert', fields);
}

function complaints(frames: readonly Frame[]): string[] {
  assert.ok(frames.length > 0);
  assert.ok(frames.every((frame) => frame['_ws.expert.severity'].every((severity) => Number.isInteger(Number(severity)))), 'severities are numbers');
  const all = frames.flatMap((frame) => [
    ...frame['_ws.malformed'],
    ...frame['_ws.expert.message'].filter((_message, at) => Number(frame['_ws.expert.severity'][at]) >= warning),
  ].map((complaint) => `frame ${frame['frame.number'].join()}: ${complaint}`));
  // The phone closes its end at once when it has nothing more to say, and its kernel answers the server's parting word by a reset.
  return all.filter((complaint) => !complaint.endsWith('Connection reset (RST)'));
}

/** Requests and statuses of SIP, in order. */
const sipOf = (frames: readonly Frame[]) => frames.flatMap((frame) => [...frame['sip.Method'], ...frame['sip.Status-Code']]);
const signInAndOut = [
  'REGISTER', '401', 'REGISTER', '401', 'REGISTER', '401', 'REGISTER', '200', 'SUBSCRIBE', '200', 'SUBSCRIBE', '200',
  'SUBSCRIBE', '200', 'SERVICE', '200', 'BENOTIFY', 'SERVICE', '200', 'SERVICE', '200', 'REGISTER', '200',
];
const update = 'POST /RequestHandler/ucdevice.upx';
/** Requests of HTTP, but for those to the update service. */
const httpOf = (frames: readonly Frame[]) => frames.flatMap((frame) => frame['http.request.method'].map((method) => `${method} ${frame['http.request.uri'].join()}`))
  .filter((request) => request !== update);

describe('tshark on a sign-in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-tshark-'));
  after(() => { rmSync(folder, { recursive: true }); });

  describe('tethered', () => {
    let frames: Frame[] = [];
    before(async function () {
      this.timeout(60_000);
      frames = await captured(this, 'tethered', folder);
    });

    it('finds nothing malformed and nothing to warn of', () => {
      assert.deepEqual(complaints(frames), []);
    });

    it('sees DHCP, DNS and NTP come before the directory, the web services and the registrar', () => {
      const first = (field: keyof Frame) => frames.findIndex((frame) => frame[field].length > 0);
      const order = (['dhcp.option.dhcp', 'ldap.protocolOp', 'sip.Method'] as const).map(first);
      assert.deepEqual([...order].sort((a, b) => a - b), order);
      assert.ok(order.every((at) => at >= 0) && first('ntp.flags.mode') >= 0 && first('dns.qry.name') >= 0);
    });

    it('sees the directory say what it can do, a bind of two steps, and then the roots, over LDAP', () => {
      const operations = ['bind', 'bound', 'unbind', 'search', 'entry', 'done'];
      assert.deepEqual(frames.flatMap((frame) => frame['ldap.protocolOp'].map((operation) => operations[Number(operation)])), [
        'search', 'entry', 'done', 'bind', 'bound', 'bind', 'bound', 'search', 'entry', 'done', 'unbind',
      ]);
      const [base, ...more] = frames.flatMap((frame) => frame['ldap.baseObject']);
      assert.match(base ?? '', /^CN=Configuration,DC=/);
      assert.deepEqual(more, []);
    });

    it('sees the web services by NTLM and the certificate that comes of it, decrypted', () => {
      const ticket = 'POST /WebTicket/WebTicketService.svc';
      assert.deepEqual(httpOf(frames), [
        'GET /CertProv/CertProvisioningService.svc/mex', 'GET /WebTicket/WebTicketService.svc/mex', ticket, ticket, ticket,
        'POST /CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1',
      ]);
      assert.deepEqual(frames.flatMap((frame) => frame['http.response.code']).filter((code) => code !== '200'), ['401', '401'], 'the legs of NTLM');
    });

    it('sees the SIP of it, decrypted: the same as by PIN', () => {
      assert.deepEqual(sipOf(frames), signInAndOut);
    });
  });

  describe('by PIN', () => {
    let frames: Frame[] = [];
    before(async function () {
      this.timeout(60_000);
      frames = await captured(this, 'pin', folder);
    });

    it('finds nothing malformed and nothing to warn of', () => {
      assert.deepEqual(complaints(frames), []);
    });

    it('sees the DHCPINFORM for options 120 and 43, and the DHCPACK with both', () => {
      const exchange = frames.filter((frame) => frame['dhcp.option.dhcp'].length > 0);
      const [inform, ack, ...more] = exchange.slice(exchange.findIndex((frame) => frame['dhcp.option.dhcp'].includes('8')));
      assert.deepEqual([inform?.['dhcp.option.dhcp'], inform?.['dhcp.option.request_list_item']], [['8'], ['120', '43']]);
      assert.deepEqual([ack?.['dhcp.option.dhcp'], ack?.['dhcp.option.sip_server.name']], [['5'], ['sip.contoso.lab']]);
      assert.ok(ack?.['dhcp.option.type'].includes('43'));
      assert.deepEqual(more, []);
    });

    it('sees the SRV question and its answer', () => {
      const name = '_sipinternaltls._tcp.contoso.lab';
      const [question, answer] = frames.filter((frame) => frame['dns.qry.name'].includes(name) && frame['dns.qry.type'].includes('33'));
      assert.match(question?.['dns.flags.response'].join() ?? '', /^(0|False)$/);
      assert.deepEqual([answer?.['dns.srv.target'], answer?.['dns.srv.port']], [['sip.contoso.lab'], ['5061']]);
    });

    it('sees the phone ask for the time, and the answer', () => {
      const told = frames.filter((frame) => frame['ntp.flags.mode'].length > 0);
      assert.deepEqual(told.map((frame) => [frame['ntp.flags.vn'], frame['ntp.flags.mode'], frame['ntp.stratum']]), [[['3'], ['3'], ['0']], [['3'], ['4'], ['1']]]);
    });

    it('sees the web services\' requests, decrypted, each answered 200', () => {
      const requests = frames.flatMap((frame) => frame['http.request.method'].map((method) => `${method} ${frame['http.request.uri'].join()}`));
      assert.equal(requests[0], update, 'the phone asks for an update before anything else');
      assert.deepEqual(
        httpOf(frames),
        ['POST /CertProv/CertProvisioningService.svc/anon', 'GET /CertProv/CertProvisioningService.svc/mex', 'GET /WebTicket/WebTicketService.svc/mex',
          'POST /WebTicket/WebTicketService.svc/pin', 'POST /CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1'],
      );
      assert.deepEqual(frames.flatMap((frame) => frame['http.response.code']), requests.map(() => '200'));
    });

    it('sees four REGISTERs, three 401s and a 200, three SUBSCRIBEs, what is published and asked for, and the way out, decrypted', () => {
      assert.deepEqual(sipOf(frames), signInAndOut);
      const events = frames.flatMap((frame) => frame['sip.Method'].includes('SUBSCRIBE') ? frame['sip.Event'] : []);
      assert.deepEqual(events, ['vnd-microsoft-provisioning-v2', 'vnd-microsoft-roaming-self', 'vnd-microsoft-roaming-contacts']);
    });
  });
});
