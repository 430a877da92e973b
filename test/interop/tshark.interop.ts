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
  'ntp.flags.vn', 'ntp.flags.mode', 'ntp.stratum',
  'http.request.method', 'http.request.uri', 'http.response.code',
  'sip.Method', 'sip.Status-Code', 'sip.Event',
] as const;
type Frame = Record<(typeof fields)[number], string[]>;

/** Wireshark's severities from `warning` up. What lies below says how a conversation went, or that a header is not one of the IETF's. */
const warning = 0x600000;

describe('tshark on a PIN sign-in', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-tshark-'));
  let frames: Frame[] = [];
  after(() => { rmSync(folder, { recursive: true }); });

  before(async function () {
    this.timeout(60_000);
    const tshark = programOrSkip(this, 'tshark', 'tshark');
    const [file, keyLog] = [join(folder, 'sign-in.pcapng'), join(folder, 'keys')];
    const child = fork(fileURLToPath(new URL('captured-sign-in.ts', import.meta.url)), {
      execArgv: ['--import', 'tsx', '--no-warnings', `--tls-keylog=${keyLog}`],
    });
    const exited = once(child, 'exit');
    const [ports] = await Promise.race([once(child, 'message'), exited.then(() => { throw new Error('the lab did not start'); })]) as [LabPort[]];
    const capture = await startCapture(tshark, ports, file);
    if ('refused' in capture) {
      child.kill();
      await exited;
      console.log(`    Skipped: tshark may not capture on loopback here (${capture.refused.split('\n').at(-1)}).`);
      this.skip();
    }
    child.send('captured');
    const [status] = await exited as [number | null];
    await capture.stop();
    assert.equal(status, 0, 'the phone signed in and out');
    frames = dissect(tshark, { file, keyLog, ports }, 'dhcp || dns || ntp || http || sip || _ws.malformed || _ws.expert', fields);
  });

  it('finds nothing malformed and nothing to warn of', () => {
    assert.ok(frames.length > 0);
    assert.ok(frames.every((frame) => frame['_ws.expert.severity'].every((severity) => Number.isInteger(Number(severity)))), 'severities are numbers');
    const complaints = frames.flatMap((frame) => [
      ...frame['_ws.malformed'],
      ...frame['_ws.expert.message'].filter((_message, at) => Number(frame['_ws.expert.severity'][at]) >= warning),
    ].map((complaint) => `frame ${frame['frame.number'].join()}: ${complaint}`));
    // The phone closes its end at once when it has nothing more to say, and its kernel answers the server's parting word by a reset.
    assert.deepEqual(complaints.filter((complaint) => !complaint.endsWith('Connection reset (RST)')), []);
  });

  it('sees the DHCPINFORM for options 120 and 43, and the DHCPACK with both', () => {
    const [inform, ack, ...more] = frames.filter((frame) => frame['dhcp.option.dhcp'].length > 0);
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
    const update = 'POST /RequestHandler/ucdevice.upx';
    assert.equal(requests[0], update, 'the phone asks for an update before anything else');
    assert.deepEqual(
      requests.filter((request) => request !== update),
      ['POST /CertProv/CertProvisioningService.svc/anon', 'GET /CertProv/CertProvisioningService.svc/mex', 'GET /WebTicket/WebTicketService.svc/mex',
        'POST /WebTicket/WebTicketService.svc/pin', 'POST /CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1'],
    );
    assert.deepEqual(frames.flatMap((frame) => frame['http.response.code']), requests.map(() => '200'));
  });

  it('sees four REGISTERs, three 401s and a 200, two SUBSCRIBEs, and the way out, decrypted', () => {
    assert.deepEqual(frames.flatMap((frame) => [...frame['sip.Method'], ...frame['sip.Status-Code']]), [
      'REGISTER', '401', 'REGISTER', '401', 'REGISTER', '401', 'REGISTER', '200', 'SUBSCRIBE', '200', 'SUBSCRIBE', '200', 'REGISTER', '200',
    ]);
    const events = frames.flatMap((frame) => frame['sip.Method'].includes('SUBSCRIBE') ? frame['sip.Event'] : []);
    assert.deepEqual(events, ['vnd-microsoft-provisioning-v2', 'vnd-microsoft-roaming-self']);
  });
});
