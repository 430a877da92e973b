import assert from 'node:assert/strict';
import { createPublicKey, X509Certificate } from 'node:crypto';
import type { Lab } from '../../../src/lab/lab.js';
import { policySchema } from '../../../src/lab/topology-schema.js';
import { StageFailure, type RuleId } from '../../../src/phone/stage-failure.js';
import type { Credentials, StepTools, TicketCredentials, Trust } from '../../../src/phone/steps.js';
import { publishCertificate } from '../../../src/phone/web/client-certificate.js';
import { fetchRootChain } from '../../../src/phone/web/root-chain.js';
import { obtainWebTicket } from '../../../src/phone/web/web-ticket.js';
import { alice, certProvUrl, makeKeyPair, pin, startWebLab, toolsFor } from './web-lab.js';

describe('The phone at the web services of the lab', () => {
  const keyPair = makeKeyPair();
  let lab: Lab;
  let tools: StepTools;
  let trust: Trust;

  before(async () => {
    lab = await startWebLab();
    trust = { ...await fetchRootChain({ certProvUrl }, toolsFor(lab.network())), directoryRoots: [] };
  });
  beforeEach(() => { tools = toolsFor(lab.network()); });
  afterEach(() => { lab.setPolicy(policySchema.parse({})); });
  after(() => lab.close());

  const signIn = async (credentials: TicketCredentials) => {
    const ticket = await obtainWebTicket({ certProvUrl, credentials, trust }, tools);
    return publishCertificate({ ticket, credentials, trust, keyPair }, tools);
  };
  const fails = (work: Promise<unknown>, rule: RuleId, sentence: RegExp, more: { screen?: string; reaction?: string } = {}) =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof StageFailure, String(error));
      assert.equal(error.rule, rule, error.message);
      assert.match(error.message, sentence);
      assert.equal(error.screen, more.screen);
      if (more.reaction !== undefined) assert.equal(error.reaction, more.reaction);
      return true;
    });

  it('learns the root and the intermediate', () => {
    assert.deepEqual(trust.downloadedRoots.map((der) => new X509Certificate(der).subject), ['CN=Contoso Root']);
    assert.deepEqual(trust.intermediates.map((der) => new X509Certificate(der).subject), ['CN=Contoso Issuing']);
  });

  it('signs in with number and PIN, and learns its SIP address from the certificate', async () => {
    // Alice and Bob share the number and the PIN; the extension tells them apart.
    const { sipUri, certificatePem, privateKeyPem, notAfter } = await signIn(pin('101', '482135790264'));
    assert.equal(sipUri, 'sip:bob@contoso.lab');
    const certificate = new X509Certificate(certificatePem);
    assert.equal(certificate.subject, 'CN=bob@contoso.lab');
    assert.ok(certificate.publicKey.equals(createPublicKey(privateKeyPem)));
    assert.ok(certificate.verify(createPublicKey(lab.deployment.clientCertificates.authorityPem)));
    assert.ok(Math.abs(notAfter - Date.now() - 180 * 86_400_000) < 3_600_000);
    assert.ok(lab.deployment.clientCertificates.isPublished(certificate.raw, sipUri));
    assert.ok(!lab.deployment.clientCertificates.isPublished(certificate.raw, 'sip:alice@contoso.lab'));
  });

  it('signs in with AD credentials over NTLM', async () => {
    assert.equal((await signIn(alice)).sipUri, 'sip:alice@contoso.lab');
    lab.setPolicy({ UseWindowsAuth: 'NTLM' });
    assert.equal((await signIn({ ...alice, method: 'typed' })).sipUri, 'sip:alice@contoso.lab');
  });

  it('shakes hands once for ticket and certificate', async () => {
    await signIn(alice);
    const established = tools.trace.events.filter((event) => event.layer === 'tls' && event.phase === 'established');
    const requests = tools.trace.events.filter((event) => event.layer === 'http' && event.direction === 'sent');
    assert.deepEqual([established.length, requests.length], [1, 6]);
  });

  it('makes its own key where none is given, as long as the profile says', async () => {
    const credentials = pin('100', '482135790264');
    const ticket = await obtainWebTicket({ certProvUrl, credentials, trust }, tools);
    const { privateKeyPem } = await publishCertificate({ ticket, credentials, trust }, tools);
    assert.equal(createPublicKey(privateKeyPem).asymmetricKeyDetails?.modulusLength, tools.profile.signIn.keyBits.value);
  });

  it('leaves no secret in either trace', async () => {
    await signIn(pin('100', '482135790264'));
    await signIn(alice);
    const ticket = await obtainWebTicket({ certProvUrl, credentials: alice, trust }, tools);
    const text = JSON.stringify([tools.trace.events, lab.trace.events]);
    const base64 = (secret: string): string => Buffer.from(secret).toString('base64');
    for (const secret of ['482135790264', base64('482135790264'), 'lab password A', base64('lab password A'), ticket.assertion, ticket.proofKey?.toString('base64') ?? '', 'TlRMTVNTUAA']) {
      assert.ok(!text.includes(secret), secret);
    }
    assert.match(text, /RequestSecurityToken/);
    assert.match(text, /Authorization: NTLM \[redacted\]/i);
  });

  it('is told why a PIN is refused', async () => {
    await fails(signIn(pin('100', '11111')), 'pin-refused', /refused number 100 with its PIN: the PIN is wrong\.$/, { screen: 'pin-incorrect', reaction: 'stop' });
    await fails(signIn(pin('999', '482135790264')), 'pin-refused', /no user has this number/, { screen: 'account-not-found' });
    await fails(signIn(pin('+15550102', '482135790264')), 'pin-refused', /the user has no PIN yet/, { screen: 'pin-incorrect' });
    await fails(signIn(pin('15550100', '482135790264')), 'pin-refused', /several users share this number and PIN/, { screen: 'pin-incorrect' });
  });

  it('is told that a password or a SIP address is wrong', async () => {
    await fails(signIn({ ...alice, password: 'wrong' }), 'credentials-refused', /refused the password of CONTOSO\\alice\.$/, { reaction: 'stop', screen: 'sign-in' });
    await fails(signIn({ ...alice, user: 'nobody' }), 'credentials-refused', /CONTOSO\\nobody/, { screen: 'sign-in' });
    await fails(signIn({ ...alice, sipUri: 'sip:bob@contoso.lab' }), 'web-ticket-refused', /ticket for sip:bob@contoso\.lab and refused: The account has no right to sip:bob@contoso\.lab \(error 28020\)/);
  });

  it('gets a new certificate with the one it has, until that is revoked, has expired or is not wanted', async () => {
    const certificate = await signIn(alice);
    const credentials = { method: 'certificate', sipUri: certificate.sipUri, certificate, signedInBy: 'pin' } as const;
    assert.equal((await signIn(credentials)).sipUri, 'sip:alice@contoso.lab');
    // The newest of a device counts; this device has got another one since.
    await fails(signIn(credentials), 'web-ticket-refused', /refused: The client certificate is not published \(error 28020\)/);
    const current = await signIn(alice);
    lab.setPolicy({ UseCertificateAuth: false });
    await fails(signIn({ ...credentials, certificate: current }), 'web-ticket-refused', /takes no sign-in with a client certificate/);
    lab.setPolicy({ UseCertificateAuth: true });
    lab.revokeClientCertificates('sip:alice@contoso.lab');
    await fails(signIn({ ...credentials, certificate: current }), 'web-ticket-refused', /The client certificate is not published/);
  });

  it('finds no port for a way of signing in that is switched off', async () => {
    lab.setPolicy({ UsePinAuth: false });
    await fails(signIn(pin('100', '482135790264')), 'web-ticket-refused', /takes no sign-in with a PIN: its metadata list WebTicketServiceWinNegotiate, WebTicketServiceWinNtlm/);
    lab.setPolicy({ UsePinAuth: true, UseCertificateAuth: false });
    await fails(signIn(pin('100', '482135790264')), 'web-ticket-refused', /takes no sign-in with a PIN/);
    assert.equal((await signIn(alice)).sipUri, 'sip:alice@contoso.lab');
    lab.setPolicy({ UseWindowsAuth: 'None' });
    await fails(signIn(alice), 'web-ticket-refused', /takes no sign-in with Windows credentials: its metadata list no port at all/);
  });

  it('cannot use a ticket that was changed, or one of somebody else', async () => {
    const publish = async (change: (ticket: Awaited<ReturnType<typeof obtainWebTicket>>) => object, credentials: Credentials = alice) => {
      const ticket = await obtainWebTicket({ certProvUrl, credentials: alice, trust }, tools);
      return publishCertificate({ ticket: { ...ticket, ...change(ticket) }, credentials, trust, keyPair }, tools);
    };
    const refused = /No valid security token\.$/;
    await fails(publish(() => ({}), { ...alice, sipUri: 'sip:bob@contoso.lab' }), 'certificate-not-issued', /issued to alice@contoso\.lab, not to bob@contoso\.lab/);
    await fails(publish(() => ({ proofKey: Buffer.alloc(32) })), 'certificate-not-issued', refused);
    await fails(publish(() => ({ proofKey: undefined })), 'certificate-not-issued', refused);
    await fails(publish(({ assertion }) => ({ assertion: assertion.replace('alice@', 'bob@') })), 'certificate-not-issued', refused);
    await fails(publish(({ assertion }) => ({ assertion: assertion.replace(/AssertionID="[^"]*"/, 'AssertionID="x"') })), 'certificate-not-issued', refused);
    assert.ok(lab.trace.events.some((event) => 'summary' in event && event.summary === 'Web ticket refused: the signature is not by the proof key of the ticket'));
  });

  it('is refused for a key shorter than the service takes', async () => {
    const ticket = await obtainWebTicket({ certProvUrl, credentials: alice, trust }, tools);
    await fails(publishCertificate({ ticket, credentials: alice, trust, keyPair: makeKeyPair(768) }, tools), 'certificate-not-issued', /a key of 768 bits; 1024 to 16384 are accepted/);
  });

  it('trusts nobody without the root', async () => {
    const nothing = { downloadedRoots: [], directoryRoots: [], intermediates: [] };
    await fails(obtainWebTicket({ certProvUrl, credentials: alice, trust: nothing }, tools), 'certificate-refused', /lync\.contoso\.lab/, { screen: 'certificate-problem' });
  });

  it('gets no chain while its download is switched off', async () => {
    lab.setPolicy({ EnableCertChainDownload: false });
    await fails(fetchRootChain({ certProvUrl }, tools), 'chain-download-empty', /handed out no certificate/, { screen: 'chain-download-error', reaction: 'stop' });
  });

  it('ends with the reason of whoever gives it up', async () => {
    const reason = new Error('unplugged');
    const stopped = toolsFor(lab.network(), { signal: AbortSignal.abort(reason) });
    await assert.rejects(fetchRootChain({ certProvUrl }, stopped), reason);
    await assert.rejects(obtainWebTicket({ certProvUrl, credentials: alice, trust }, stopped), reason);
  });
});
