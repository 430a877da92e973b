import assert from 'node:assert/strict';
import { policySchema } from '../../../src/lab/topology-schema.js';
import { StageFailure } from '../../../src/phone/stage-failure.js';
import type { AccountCredentials } from '../../../src/phone/steps.js';
import { createDatagramChallenge, verifyDatagramAuthenticate } from '../../../src/protocol/ntlm/datagram.js';
import { SipMessage } from '../../../src/protocol/sip/message.js';
import { SecurityAssociation } from '../../../src/protocol/sip/security-association.js';
import { maintained, never, SessionBench } from './session-bench.js';

const alice: AccountCredentials = { method: 'typed', sipUri: 'sip:alice@contoso.lab', domain: 'CONTOSO', user: 'alice', password: 'lab-password' };
const bob = { ...alice, user: 'bob', password: 'other-lab-password' };

describe('a SIP session by NTLM with the lab\'s registrar', () => {
  let bench: SessionBench;
  before(async () => { bench = await SessionBench.start(); });
  beforeEach(() => { Object.assign(bench.deployment.policy, policySchema.parse({}), { UseCertificateForClientToProxyAuth: false }); });
  afterEach(() => bench.closeSessions());
  after(() => bench.close());

  const marked = () => bench.loopback.trace.events.length;
  const sent = (since: number) => bench.loopback.trace.events.slice(since)
    .flatMap((event) => (event.layer === 'sip' && event.direction === 'sent' && event.text !== undefined ? [SipMessage.parse(event.text)] : []));
  async function failure(work: Promise<unknown>): Promise<StageFailure> {
    const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
    assert.ok(error instanceof StageFailure, String(error));
    return error;
  }

  it('signs in with three REGISTERs, two 401s and one 200', async () => {
    const since = marked();
    const session = await bench.connect();
    assert.equal((await session.register(undefined, never, alice)).displayName, 'Alice');
    const request = 'sent REGISTER sip:contoso.lab';
    const challenged = 'received 401 Unauthorized (REGISTER)';
    assert.deepEqual(bench.messages(since), [request, challenged, request, challenged, request, 'received 200 OK (REGISTER)']);
  });

  it('writes the legs as MS-SIPAE 4.1 does: an empty token, then the answer in a REGISTER that is signed itself; and records none of it', async () => {
    const since = marked();
    await (await bench.connect()).register(undefined, never, alice);
    const [first, second, third] = sent(since).map((message) => message.get('Proxy-Authorization'));
    assert.equal(first, undefined);
    assert.equal(second, 'NTLM qop="auth", realm="SIP Communications Service", targetname="sip.contoso.lab", gssapi-data="", version=4');
    assert.match(third ?? '', /^NTLM qop="auth", realm="SIP Communications Service", opaque="[0-9A-F]{8}", targetname="sip\.contoso\.lab", version=4, gssapi-data="\(redacted\)", crand="[0-9a-f]{8}", cnum="1", response="\(redacted\)"$/);
  });

  it('signs and verifies every message after it, and sets the association up again when the server has lost it', async () => {
    const session = await bench.connect();
    await session.register(undefined, never, alice);
    const { events } = await maintained(session);
    assert.equal((await session.provision(never)).lineUri, 'tel:+15550100;ext=100');
    bench.registrar.loseSecurityAssociations();
    const since = marked();
    await session.provision(never);
    assert.deepEqual(events, [{ type: 're-authenticated' }]);
    assert.deepEqual(sent(since).map(({ method }) => method), ['SUBSCRIBE', 'REGISTER', 'REGISTER', 'REGISTER', 'SUBSCRIBE', 'SUBSCRIBE']);
    const signed = sent(since).filter(({ method }) => method === 'SUBSCRIBE').map((message) => message.get('Proxy-Authorization'));
    for (const header of signed) assert.match(header ?? '', /^NTLM .*response="\(redacted\)"$/);
  });

  it('renews the association after eight hours less five minutes', async () => {
    bench.deployment.policy.registrationExpiresSeconds = 43_200;
    const session = await bench.connect();
    await session.register(undefined, never, alice);
    const refreshed = new Promise<void>((resolve) => { session.maintain(({ type }) => { if (type === 'refreshed') resolve(); }); });
    const since = marked();
    bench.loopback.clock.increment(28_500_000);
    await refreshed;
    assert.equal(bench.messages(since).filter((each) => each === 'received 401 Unauthorized (REGISTER)').length, 2);
  });

  it('prefers the certificate where the registrar takes both, and falls back to the account where it does not any more', async () => {
    const scheme = async () => {
      const since = marked();
      await (await bench.connect()).register(bench.certificateOf(), never, alice);
      await bench.closeSessions();
      return sent(since).at(-1)?.get('Proxy-Authorization')?.split(' ')[0];
    };
    bench.deployment.policy.UseCertificateForClientToProxyAuth = true;
    assert.equal(await scheme(), 'TLS-DSK');
    bench.deployment.policy.UseCertificateForClientToProxyAuth = false;
    assert.equal(await scheme(), 'NTLM');
  });

  it('is refused with a wrong password, and with somebody else\'s account', async () => {
    const wrong = await failure((await bench.connect()).register(undefined, never, { ...alice, password: 'guess' }));
    assert.deepEqual([wrong.rule, wrong.reaction, wrong.screen], ['credentials-refused', 'stop', 'sign-in']);
    assert.equal(wrong.message, 'sip.contoso.lab:5061 refused the password of CONTOSO\\alice (401 to the NTLM answer).');
    await bench.closeSessions();
    const other = await failure((await bench.connect()).register(undefined, never, bob));
    assert.deepEqual([other.rule, other.facts['status'], other.facts['id']], ['registration-refused', 403, 4004]);
  });

  it('says what it lacks where the registrar takes neither', async () => {
    bench.deployment.policy.UseNtlmForClientToProxyAuth = false;
    const error = await failure((await bench.connect()).register(bench.certificateOf(), never, alice));
    assert.deepEqual([error.rule, error.facts['offered'], error.facts['wanted']], ['authentication-not-offered', 'Kerberos', 'TLS-DSK, NTLM']);
  });

  it('leaves the last REGISTER unsigned in version 3, which a server of that version takes and one of version 4 does not', async () => {
    const build = '1.0.522.101';
    const refused = await failure((await bench.connect({ build })).register(undefined, never, alice));
    assert.deepEqual([refused.rule, refused.reaction, refused.facts['version']], ['authentication-too-old', 'stop', 3]);
    await bench.closeSessions();

    // A server of Office Communications Server 2007 R2, as far as it matters: it checks the answer, and signs its 200.
    const names = 'realm="SIP Communications Service", targetname="sip.contoso.lab", version=3';
    const challenge = createDatagramChallenge({ netbiosDomain: 'CONTOSO', dnsDomain: 'contoso.lab', computer: 'SIP', dnsComputer: 'sip.contoso.lab' });
    const last: string[] = [];
    const session = await bench.connectTo((socket) => {
      let legs = 0;
      socket.on('data', (bytes: Buffer) => {
        const request = SipMessage.parse(bytes);
        const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => ({ name, value: request.get(name) ?? '' }));
        const credentials = request.get('Proxy-Authorization') ?? '';
        legs++;
        if (legs < 3) {
          const header = { name: 'WWW-Authenticate', value: `NTLM ${legs === 1 ? names : `opaque="A1", gssapi-data="${challenge.toString('base64')}", ${names}`}` };
          socket.write(new SipMessage({ kind: 'response', status: 401, reason: 'Unauthorized' }, [...copied, header]).toBuffer());
          return;
        }
        last.push(credentials);
        const token = Buffer.from(/gssapi-data="([^"]*)"/.exec(credentials)?.[1] ?? '', 'base64');
        const verdict = verifyDatagramAuthenticate({ challenge, authenticate: token, passwordOf: () => alice.password });
        assert.ok(verdict.ok);
        const answer = new SipMessage({ kind: 'response', status: 200, reason: 'OK' }, [...copied, { name: 'Expires', value: '7200' }]);
        new SecurityAssociation({ end: 'server', scheme: 'NTLM', opaque: 'A1', realm: 'SIP Communications Service', targetName: 'sip.contoso.lab', version: 3, signer: verdict.session }).sign(answer);
        socket.write(answer.toBuffer());
      });
    }, { build });
    assert.equal((await session.register(undefined, never, alice)).expires, 7200);
    assert.match(last[0] ?? '', /^NTLM qop="auth", opaque="A1", realm="SIP Communications Service", targetname="sip\.contoso\.lab", gssapi-data="[\w+/=]+", version=3$/);
  });

  it('gives up a server whose challenge is no NTLM message, or whose handshake ends too soon', async () => {
    const names = 'realm="SIP Communications Service", targetname="sip.contoso.lab", version=4';
    for (const [token, rule] of [['TlRMTVNTUAACAAAA', 'challenge-unusable'], ['AAAA', 'challenge-unusable'], ['', 'registration-refused']]) {
      const session = await bench.connectTo((socket) => {
        socket.on('data', (bytes: Buffer) => {
          const request = SipMessage.parse(bytes);
          const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${request.get(name) ?? ''}`);
          const challenge = request.get('Proxy-Authorization') === undefined ? names : `opaque="1", gssapi-data="${token}", ${names}`;
          socket.write([`SIP/2.0 401 Unauthorized`, ...copied, `WWW-Authenticate: NTLM ${challenge}`, 'Content-Length: 0', '', ''].join('\r\n'));
        });
      });
      assert.equal((await failure(session.register(undefined, never, alice))).rule, rule);
      await bench.closeSessions();
    }
  });
});

