import assert from 'node:assert/strict';
import { labCredentials } from '../../src/rehearsal/lab-credentials.js';
import { pooledKey, signInWith } from '../pin-phone.js';
import { captured, complaintFields, complaints } from './captured.js';

const fields = [
  ...complaintFields,
  'dhcp.option.dhcp', 'dhcp.option.type', 'dhcp.option.request_list_item', 'dhcp.option.sip_server.name',
  'dns.flags.response', 'dns.qry.type', 'dns.qry.name', 'dns.srv.target', 'dns.srv.port',
  'ldap.protocolOp', 'ldap.baseObject',
  'ntp.flags.vn', 'ntp.flags.mode', 'ntp.stratum',
  'http.request.method', 'http.request.uri', 'http.response.code',
  'sip.Method', 'sip.Status-Code', 'sip.Event',
] as const;
type Frame = Record<(typeof fields)[number], string[]>;

/** One sign-in by that route and the way out, captured and dissected. */
const signIn = (context: Mocha.Context, route: 'pin' | 'tethered'): Promise<Frame[]> => captured(context, async (lab) => {
  const [user] = lab.topology.users;
  assert.ok(user !== undefined);
  await using phone = await signInWith(labCredentials({ signIn: route }, user), { lab, keyPair: pooledKey() });
  await phone.signOut();
}, 'dhcp || dns || ntp || ldap || http || sip', fields);

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
  describe('tethered', () => {
    let frames: Frame[] = [];
    before(async function () {
      this.timeout(60_000);
      frames = await signIn(this, 'tethered');
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
      frames = await signIn(this, 'pin');
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
