import assert from 'node:assert/strict';
import type { SipMessage } from '../../../src/protocol/sip/message.js';
import { endpointGruu } from '../../../src/protocol/sip/endpoint-identity.js';
import { readDiagnostics } from '../../../src/protocol/sip/diagnostics.js';
import { createDatagramAuthenticate } from '../../../src/protocol/ntlm/datagram.js';
import { SecurityAssociation } from '../../../src/protocol/sip/security-association.js';
import { challengeOf, fqdn, type RawClient, RegistrarBench } from './raw-client.js';

const schemesOf = (response: SipMessage) => response.getAll('WWW-Authenticate').map((value) => value.split(' ', 1)[0]);

describe('the registrar: TLS-DSK', () => {
  let bench: RegistrarBench;
  let client: RawClient;
  before(async () => { bench = await RegistrarBench.start(); });
  beforeEach(async () => { client = await bench.connect(); });
  after(() => bench.close());

  it('lets a client in with four REGISTERs: three 401s and a signed 200', async () => {
    const first = await client.ask(client.request('REGISTER'));
    assert.equal(first.status, 401);
    assert.deepEqual(schemesOf(first), ['NTLM', 'Kerberos', 'TLS-DSK']);
    assert.equal(first.getAll('WWW-Authenticate')[2],
      'TLS-DSK realm="SIP Communications Service", targetname="se01.contoso.lab", version=4, sts-uri="https://se01.contoso.lab:443/CertProv/CertProvisioningService.svc"');
    assert.match(first.getAll('WWW-Authenticate')[1] ?? '', /targetname="sip\/se01\.contoso\.lab"/);
    assert.match(first.get('To') ?? '', /^<sip:alice@contoso\.lab>;tag=[0-9A-F]{32}$/);
    assert.match(first.get('Via') ?? '', /^SIP\/2\.0\/TLS 10\.0\.0\.20:49152;ms-received-port=\d+;ms-received-cid=[0-9A-F]+$/);
    assert.ok(Math.abs(Date.parse(first.get('Date') ?? '') - Date.now()) < 60_000);

    const [second, third] = await client.handshake(bench.certificateOf('sip:alice@contoso.lab'));
    assert.deepEqual([second, third].map((response) => [response?.status, schemesOf(response as SipMessage)]), [[401, ['TLS-DSK']], [401, ['TLS-DSK']]]);

    const fourth = await client.ask(client.completing());
    assert.equal(fourth.status, 200);
    assert.deepEqual(client.security?.verify(fourth), { ok: true });
    assert.equal(fourth.get('Expires'), '7200');
    assert.equal(fourth.get('From'), '"Alice"<sip:alice@contoso.lab>;tag=2d0be03279;epid=492a7ce35f');
    assert.equal(fourth.get('ms-keep-alive'), 'UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300');
    assert.match(fourth.get('Contact') ?? '', /^<sip:10\.0\.0\.20:49152;transport=tls;ms-opaque=6fb3a8330a;ms-received-cid=[0-9A-F]+>;expires=7200;\+sip\.instance="<urn:uuid:b43b3d1d-9f8f-5fdc-9f74-3ca273cadb97>";gruu="/);
    assert.ok(fourth.get('Contact')?.endsWith(`gruu="${endpointGruu('sip:alice@contoso.lab', client.epid)}"`));
    assert.match(fourth.get('presence-state') ?? '', /^register-action="added"/);
    assert.match(fourth.get('Allow-Events') ?? '', /vnd-microsoft-provisioning-v2/);
  });

  it('refreshes, lists every endpoint of the user, and lets go with Expires 0', async () => {
    const identity = bench.certificateOf('sip:alice@contoso.lab');
    await client.signIn(identity);
    const refreshed = await client.askSigned(client.request('REGISTER', [['Expires', '600']]));
    assert.match(refreshed.get('presence-state') ?? '', /^register-action="refreshed"/);
    assert.equal(refreshed.get('Expires'), '600');
    const other = await bench.connect();
    other.epid = 'a0ae9e6cb0';
    assert.equal((await other.signIn(identity)).getAll('Contact').length, 2);
    const gone = await client.askSigned(client.request('REGISTER', [['Expires', '0']]));
    assert.equal(gone.status, 200);
    assert.deepEqual(client.security?.verify(gone), { ok: true });
    assert.deepEqual(gone.getAll('Contact').map((contact) => contact.includes('QJJYwWDmT1mos0tV81jLwQAA')), [true]);
    assert.equal((await client.askSigned(client.request('REGISTER'))).status, 401);
  });

  it('takes Proxy-Authorization or Authorization, an empty token in the last leg, and the parameters in another order', async () => {
    await client.handshake(bench.certificateOf('sip:alice@contoso.lab'));
    const request = client.completing();
    const value = request.get('Proxy-Authorization') ?? '';
    const reordered = `TLS-DSK ${value.slice('TLS-DSK '.length).split(', ').reverse().join(',')},gssapi-data=""`;
    assert.equal((await client.ask(request.remove('Proxy-Authorization').add('Authorization', reordered))).status, 200);
  });

  it('answers a changed, a replayed and an unsigned request with 401', async () => {
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    const options = client.request('OPTIONS');
    client.security?.sign(options);
    assert.equal((await client.ask(options)).status, 200);
    assert.equal((await client.ask(options)).status, 401);
    const changed = client.request('REGISTER');
    client.security?.sign(changed);
    const refused = await client.ask(changed.add('Expires', '0'));
    assert.equal(refused.status, 401);
    assert.equal(refused.get('Authentication-Info'), undefined);
    assert.equal((await client.ask(client.request('OPTIONS'))).status, 401);
    assert.ok(bench.notes().some((note) => note.endsWith('its signature is replayed.')));
  });

  it('refuses a certificate of somebody else with a signed 403 and id 4004', async () => {
    const refused = await client.signIn(bench.certificateOf('sip:bob@contoso.lab'));
    assert.equal(refused.status, 403);
    assert.deepEqual(readDiagnostics(refused)?.id, 4004);
    assert.deepEqual(client.security?.verify(refused), { ok: true });
    assert.equal((await client.askSigned(client.request('OPTIONS'))).status, 401);
  });

  it('refuses a certificate nobody published, though the client has its key', async () => {
    assert.equal((await client.signIn(bench.clientKeys)).status, 403);
  });

  it('refuses an expired certificate, no certificate, garbage and an early last leg with a full challenge and id 1000', async () => {
    const identity = bench.certificateOf('sip:alice@contoso.lab', 1);
    const failed = (response: SipMessage) => { assert.deepEqual([response.status, schemesOf(response).length, readDiagnostics(response)?.id], [401, 3, 1000]); };
    bench.now = () => Date.now() + 2 * 3_600_000;
    failed(await client.signIn(identity));
    bench.now = Date.now;
    failed(await client.ask(client.withToken('TLS-DSK', Buffer.from('no TLS').toString('base64'))));
    failed(await client.ask(client.withToken('TLS-DSK', '')));
    const tls = await client.handshake(identity).then(([second]) => challengeOf(second as SipMessage));
    const other = await bench.connect();
    other.security = client.security;
    assert.equal((await other.ask(other.withToken('TLS-DSK', '', tls.opaque))).status, 401);
  });

  it('says 404 and id 4005 to a user it does not know', async () => {
    client.aor = 'sip:carol@contoso.lab';
    const refused = await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    assert.equal(refused.status, 404);
    assert.equal(readDiagnostics(refused)?.id, 4005);
  });

  it('does not let a signed-in client act as somebody else', async () => {
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    client.aor = 'sip:bob@contoso.lab';
    const refused = await client.askSigned(client.request('OPTIONS'));
    assert.equal(refused.status, 403);
    assert.equal(readDiagnostics(refused)?.id, 4004);
  });

  it('does not let an endpoint name another one\'s GRUU as its Contact', async () => {
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    const contact = (sipUri: string, epid: string) => client.request('SUBSCRIBE', [['Event', 'presence.wpending'], ['Contact', `<${endpointGruu(sipUri, epid)}>`]]);
    assert.equal((await client.askSigned(contact('sip:alice@contoso.lab', client.epid))).status, 200);
    assert.equal((await client.askSigned(contact('sip:alice@contoso.lab', 'a0ae9e6cb0'))).status, 400);
    assert.equal((await client.askSigned(contact('sip:bob@contoso.lab', client.epid))).status, 400);
  });

  it('sends a user whose home is elsewhere there, once it knows who asks', async () => {
    bench.home = { host: 'se02.contoso.lab', port: 5061 };
    assert.equal((await client.ask(client.request('REGISTER'))).status, 401);
    const redirected = await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    assert.equal(redirected.startLine.kind === 'response' && redirected.startLine.reason, 'Moved Permanently');
    assert.equal(redirected.status, 301);
    assert.equal(redirected.get('Contact'), '<sip:se02.contoso.lab:5061;transport=tls>');
    assert.deepEqual(client.security?.verify(redirected), { ok: true });
    bench.home = 'here';
    assert.match((await client.askSigned(client.request('REGISTER'))).get('presence-state') ?? '', /"added"/);
  });

  it('says at a backup that the primary is elsewhere, and sends its users there once it serves them again', async () => {
    bench.home = 'here-as-backup';
    const registered = await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    assert.equal(registered.get('presence-state'), 'register-action="added"; primary-cluster-type="central"; is-connected-to-primary="no"; user-services-state=unavailable');
    bench.registrar.sendHome();
    bench.home = { host: 'se02.contoso.lab', port: 5061 };
    bench.registrar.sendHome();
    const notify = await client.next();
    bench.home = 'here';
    assert.equal(notify.method, 'NOTIFY');
    assert.equal(notify.body.toString(), 'deregistered;event=preferred-registrar-change');
    assert.equal(notify.get('P-Preferred-Registrar'), '<sip:se02.contoso.lab:5061;transport=tls>');
    assert.equal(readDiagnostics(notify)?.id, 4166);
    assert.deepEqual(client.security?.verify(notify), { ok: true });
  });

  it('offers a client that comes over an Access Edge no Kerberos, tells it so, and serves it wherever its home is', async () => {
    const inside = await client.ask(client.request('REGISTER'));
    assert.equal(inside.get('ms-user-logon-data'), undefined);
    bench.remote = { webServer: undefined };
    const remote = await bench.connect();
    const challenge = await remote.ask(remote.request('REGISTER'));
    bench.remote = undefined;
    assert.deepEqual(schemesOf(challenge), ['NTLM', 'TLS-DSK']);
    assert.equal(challenge.get('ms-user-logon-data'), 'RemoteUser');
    bench.home = { host: 'se02.contoso.lab', port: 5061 };
    assert.equal((await remote.signIn(bench.certificateOf('sip:alice@contoso.lab'))).status, 200);
    bench.registrar.sendHome();
    bench.home = 'here';
    assert.equal((await remote.askSigned(remote.request('OPTIONS'))).status, 200);
  });

  it('answers 404 at a Director where there is no pool to send a user to', async () => {
    bench.home = 'nowhere';
    const refused = await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    bench.home = 'here';
    assert.deepEqual([refused.status, readDiagnostics(refused)?.id], [404, 4006]);
  });

  it('offers what the policy allows, and takes nothing else', async () => {
    bench.deployment.policy.UseCertificateForClientToProxyAuth = false;
    bench.deployment.policy.UseNtlmForClientToProxyAuth = false;
    assert.deepEqual(schemesOf(await client.ask(client.request('REGISTER'))), ['Kerberos']);
    assert.deepEqual(schemesOf(await client.ask(client.withToken('NTLM', ''))), ['Kerberos']);
    bench.deployment.policy.UseKerberosForClientToProxyAuth = false;
    assert.deepEqual(schemesOf(await client.ask(client.request('REGISTER'))), []);
    Object.assign(bench.deployment.policy, { UseCertificateForClientToProxyAuth: true, UseNtlmForClientToProxyAuth: true, UseKerberosForClientToProxyAuth: true });
  });

  it('keeps NTLM from clients of Lync 2010 and later, where the policy says so, and from no older one', async () => {
    bench.deployment.policy.DisableNtlmFor2010AndLaterClients = true;
    const offered = async (userAgent: string) => schemesOf(await client.ask(client.request('REGISTER', [['User-Agent', userAgent]])));
    assert.deepEqual(await offered('CPE/4.0.7577.107 OCPhone/4.0.7577.107 (Microsoft Lync 2010 Phone Edition)'), ['Kerberos', 'TLS-DSK']);
    assert.deepEqual(await offered('CPE/3.5.6907.187 OCPhone/3.5.6907.187 (Microsoft Office Communicator Phone 2007 R2)'), ['NTLM', 'Kerberos', 'TLS-DSK']);
    assert.deepEqual(schemesOf(await client.ask(client.withToken('NTLM', ''))), ['NTLM']);
    bench.deployment.policy.DisableNtlmFor2010AndLaterClients = false;
  });

  it('refuses the versions that the client version policy blocks, with the id for it, signed', async () => {
    const blocked = 'CPE/4.0.7577.107 OCPhone/4.0.7577.107 (Microsoft Lync 2010 Phone Edition)';
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    for (const [Action, expected] of [['Block', [403, 17002]], ['BlockWithUrl', [403, 17003]], ['AllowAndUpgrade', [200, undefined]]] as const) {
      bench.deployment.policy.ClientVersionPolicyRules = [{ UserAgent: 'OCPhone', MajorVersion: 4, MinorVersion: 0, BuildNumber: 7577, QfeNumber: 4100, CompareOp: 'LSS', Action }];
      const answer = await client.askSigned(client.request('REGISTER', [['User-Agent', blocked]]));
      assert.deepEqual([answer.status, readDiagnostics(answer)?.id], expected);
      assert.deepEqual(client.security?.verify(answer), { ok: true });
      assert.equal((await client.askSigned(client.request('REGISTER', [['User-Agent', blocked.replaceAll('.107', '.4100')]]))).status, 200);
    }
    bench.deployment.policy.ClientVersionPolicyRules = [];
  });

  it('forgets associations on demand, and takes the client back on the same connection', async () => {
    const identity = bench.certificateOf('sip:alice@contoso.lab');
    await client.signIn(identity);
    bench.registrar.loseSecurityAssociations();
    assert.equal((await client.askSigned(client.request('REGISTER'))).status, 401);
    assert.match((await client.signIn(identity)).get('presence-state') ?? '', /"refreshed"/);
  });

  it('ends an association after eight hours', async () => {
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    bench.now = () => Date.now() + 8 * 3_600_000;
    assert.equal((await client.askSigned(client.request('OPTIONS'))).status, 401);
    bench.now = Date.now;
  });

  it('tells the endpoint when it ends its registration', async () => {
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    bench.registrar.deregister('sip:Alice@contoso.lab', 'rejected');
    const notify = await client.next();
    assert.equal(notify.method, 'NOTIFY');
    assert.deepEqual(client.security?.verify(notify), { ok: true });
    assert.equal(notify.body.toString(), 'deregistered;event=rejected');
    assert.equal(notify.get('ms-diagnostics-public'), '4141;reason="User disabled"');
    assert.equal((await client.askSigned(client.request('OPTIONS'))).status, 401);
  });

  it('leaves no token or signature in the trace', async () => {
    await client.signIn(bench.certificateOf('sip:alice@contoso.lab'));
    const texts = bench.trace.events.flatMap((event) => (event.layer === 'sip' && event.text !== undefined ? [event.text] : []));
    assert.ok(texts.some((text) => text.includes('response="(redacted)"')) && texts.some((text) => text.includes('rspauth="(redacted)"')));
    for (const text of texts) assert.doesNotMatch(text, /(gssapi-data|response|rspauth)="[^("]/);
  });
});

describe('the registrar: NTLM', () => {
  let bench: RegistrarBench;
  before(async () => { bench = await RegistrarBench.start(); });
  after(() => bench.close());

  async function signIn(client: RawClient, user: string, password: string): Promise<SipMessage> {
    const second = challengeOf(await client.ask(client.withToken('NTLM', '')));
    const { message, session } = createDatagramAuthenticate({ challenge: second.token, domain: 'CONTOSO', user, password, workstation: 'CX600', time: Date.now() });
    client.security = new SecurityAssociation({
      end: 'client', scheme: 'NTLM', opaque: second.opaque, realm: 'SIP Communications Service', targetName: fqdn, version: 4, signer: session,
    });
    const request = client.request('REGISTER');
    client.security.sign(request, { gssapiData: message.toString('base64') });
    return client.ask(request);
  }

  it('lets the right password in with three REGISTERs and signs the 200', async () => {
    const client = await bench.connect();
    const answer = await signIn(client, 'alice', 'lab-password');
    assert.equal(answer.status, 200);
    assert.deepEqual(client.security?.verify(answer), { ok: true });
    assert.equal((await client.askSigned(client.request('OPTIONS'))).status, 200);
  });

  it('refuses a wrong password with 401, and somebody else\'s with 403', async () => {
    const wrong = await signIn(await bench.connect(), 'alice', 'guess');
    assert.deepEqual([wrong.status, readDiagnostics(wrong)?.id], [401, 1000]);
    const other = await signIn(await bench.connect(), 'bob', 'other-lab-password');
    assert.deepEqual([other.status, readDiagnostics(other)?.id], [403, 4004]);
  });
});

describe('the registrar: what a REGISTER must hold', () => {
  let bench: RegistrarBench;
  before(async () => { bench = await RegistrarBench.start(); });
  after(() => bench.close());

  const from = '<sip:alice@contoso.lab>;tag=1';
  for (const [what, headers, status, id] of [
    ['neither epid nor instance', [['From', from], ['Contact', '<sip:10.0.0.20>']], 400, 4010],
    ['no epid', [['From', from]], 400, 4011],
    ['an epid of 17 characters', [['From', `${from};epid=${'a'.repeat(17)}`], ['Contact', '<sip:10.0.0.20>']], 400, 4012],
    ['an instance of another epid', [['From', `${from};epid=01010101`]], 400, undefined],
    ['another event', [['Event', 'presence']], 489, 4055],
    ['msrtc-event-categories without gruu-10', [['Supported', 'msrtc-event-categories']], 421, 2057],
    ['an Expires that is no number', [['Expires', 'soon']], 400, undefined],
    ['a CSeq of another method', [['CSeq', '1 OPTIONS']], 400, undefined],
    ['no wrong thing', [], 401, undefined],
  ] as const) {
    it(`${what}: ${status}`, async () => {
      const client = await bench.connect();
      const response = await client.ask(client.request('REGISTER', headers));
      assert.deepEqual([response.status, readDiagnostics(response)?.id], [status, id]);
    });
  }
});
