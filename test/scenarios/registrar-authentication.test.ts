import assert from 'node:assert/strict';
import { faultsSchema, policySchema } from '../../src/lab/topology-schema.js';
import type { PhoneMemory } from '../../src/phone/memory.js';
import type { Credentials } from '../../src/phone/steps.js';
import { onModel } from '../../src/firmware/models.js';
import { rehearseSignIn } from '../../src/rehearsal/cell.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import { Trace } from '../../src/trace/trace.js';
import { pooledKey } from '../pin-phone.js';
import { deployment } from './deployment.js';
import { labOf, profiles, signal, signInAt, topology } from './sign-in.js';

const pool = 'pool01.contoso.example';
const alice = { method: 'typed', sipUri: 'sip:alice@contoso.example', domain: 'LAB', user: 'alice', password: 'lab-Password-1' } as const;

describe('A CX700, whose credentials are typed, where the registrar', () => {
  const lab = labOf(deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] }));
  afterEach(() => {
    lab().setPolicy(policySchema.parse({}));
    lab().setFaults(faultsSchema.parse({}));
  });

  const signIn = async ({ credentials = alice, build = '4.0.7577.4100', memory }: { credentials?: Credentials; build?: string; memory?: PhoneMemory } = {}) => {
    const start = lab().trace.events.length;
    const result = await rehearseSignIn({
      profile: onModel(profiles.get(build), 'CX700'), builds: phoneBuilds(profiles, 'CX700'), network: lab().network(), credentials, macAddress: '00-04-F2-00-01-76', keyPair: pooledKey(), signal,
      clock: new FastForwardClock(lab().deployment.now()), trace: new Trace(), memory,
    });
    const requests = lab().trace.events.slice(start).flatMap((event) => (event.layer === 'sip' && event.direction === 'received' && event.text !== undefined ? [event.text] : []));
    const schemes = new Set(requests.flatMap((text) => /^Proxy-Authorization: (\S+)/m.exec(text)?.[1] ?? []));
    return { ...result, schemes: [...schemes] };
  };

  it('takes certificates, gets one and registers with it', async () => {
    const { verdict, schemes } = await signIn();
    assert.deepEqual([verdict.outcome, verdict.obtained.clientCertificate, schemes], ['signed-in', true, ['TLS-DSK']]);
  });

  it('takes none, registers by NTLM, and everything after that is signed so', async () => {
    lab().setPolicy({ UseCertificateForClientToProxyAuth: false });
    const { verdict, schemes } = await signIn();
    assert.deepEqual([verdict.outcome, verdict.obtained.clientCertificate, schemes], ['signed-in', false, ['NTLM']]);
  });

  it('takes none any more, goes on by NTLM with the certificate still in its memory', async () => {
    const { memory } = await signIn();
    lab().setPolicy({ UseCertificateForClientToProxyAuth: false });
    const { verdict, schemes } = await signIn({ memory });
    assert.deepEqual([verdict.outcome, schemes], ['signed-in', ['NTLM']]);
  });

  it('takes certificates again, gets one', async () => {
    lab().setPolicy({ UseCertificateForClientToProxyAuth: false });
    const { memory } = await signIn();
    lab().setPolicy({ UseCertificateForClientToProxyAuth: true });
    const { verdict, schemes } = await signIn({ memory });
    assert.deepEqual([verdict.outcome, schemes], ['signed-in', ['TLS-DSK']]);
  });

  it('takes neither certificates nor NTLM, stays out and says why', async () => {
    lab().setPolicy({ UseCertificateForClientToProxyAuth: false, UseNtlmForClientToProxyAuth: false });
    const { verdict } = await signIn();
    assert.deepEqual([verdict.outcome, verdict.stage, verdict.behaviour, verdict.cause?.rule], ['failed', 'connecting', 'retrying', 'authentication-not-offered']);
    assert.equal(verdict.cause?.sentence,
      'sip.contoso.example:5061 offers Kerberos for authentication, and the phone can only register with a client certificate (TLS-DSK) or AD credentials (NTLM).');
  });

  it('takes NTLM of older clients only (DisableNtlmFor2010AndLaterClients), keeps a build of Lync out and lets one of 2007 R2 in', async () => {
    lab().setPolicy({ UseCertificateForClientToProxyAuth: false, UseKerberosForClientToProxyAuth: false, DisableNtlmFor2010AndLaterClients: true });
    const { verdict } = await signIn();
    assert.equal(verdict.cause?.sentence,
      'sip.contoso.example:5061 offers nothing for authentication, and the phone can only register with a client certificate (TLS-DSK) or AD credentials (NTLM).');
    assert.equal((await signIn({ build: '3.5.6907.187' })).verdict.outcome, 'signed-in');
  });

  it('refuses the password or the account, stops and asks for others, without a certificate to blame', async () => {
    lab().setPolicy({ UseCertificateForClientToProxyAuth: false });
    const root = await signIn();
    const wrong = await signIn({ credentials: { ...alice, password: 'old' }, memory: root.memory });
    assert.deepEqual([wrong.verdict.stage, wrong.verdict.behaviour, wrong.verdict.cause?.rule, wrong.verdict.screen], ['registering', 'waiting-for-user', 'credentials-refused', ['Sign In']]);
  });

  it('is of Lync: 3.5.6907.187, which knows no certificates, registers by NTLM, and 1.0.522.101 gets a 401 with its password right', async () => {
    const oldest = await signIn({ build: '3.5.6907.187' });
    assert.deepEqual([oldest.verdict.outcome, oldest.verdict.obtained.clientCertificate, oldest.schemes], ['signed-in', false, ['NTLM']]);
    const { verdict } = await signIn({ build: '1.0.522.101' });
    assert.deepEqual([verdict.outcome, verdict.stage, verdict.behaviour, verdict.cause?.rule, verdict.confidence], ['failed', 'registering', 'waiting-for-user', 'authentication-too-old', 'assumed']);
    assert.deepEqual(verdict.cause?.facts['status'], 401);
    assert.match(verdict.remedy?.sentence ?? '', /3\.5\.6907\.187 is the oldest known to\.$/);
  });

  it('takes no NTLM: a build that knows nothing else says so, and what to switch on', async () => {
    lab().setPolicy({ UseNtlmForClientToProxyAuth: false });
    const { verdict } = await signIn({ build: '3.5.6907.187' });
    assert.deepEqual([verdict.stage, verdict.cause?.rule], ['registering', 'authentication-not-offered']);
    assert.deepEqual(verdict.remedy?.commands, ['Set-CsProxyConfiguration -Identity Global -UseNtlmForClientToProxyAuth $true']);
  });

  it('takes a certificate and NTLM from a phone that was updated: from 3.5.6907.187 to June 2012 it gets one', async () => {
    const { memory } = await signIn({ build: '3.5.6907.187' });
    const { verdict, schemes } = await signIn({ memory: { ...memory, firmware: '4.0.7577.4100' } });
    assert.deepEqual([verdict.outcome, schemes], ['signed-in', ['TLS-DSK']]);
  });
});

describe('A registrar of Office Communications Server 2007 R2', () => {
  const lync = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'] });
  const lab = labOf(topology({
    ...lync, servers: lync.servers.map((server) => (server.registrar === undefined ? server : { ...server, registrar: { ...server.registrar, authenticationVersion: 3 } })),
  }));

  for (const build of ['1.0.522.101', '3.5.6907.187', '4.0.7577.4100']) {
    it(`takes a CX700 with ${build} by NTLM, in a version that leaves the last REGISTER unsigned`, async () => {
      const start = lab().trace.events.length;
      const { verdict } = await rehearseSignIn({
        profile: onModel(profiles.get(build), 'CX700'), builds: phoneBuilds(profiles, 'CX700'), network: lab().network(), credentials: alice, macAddress: '00-04-F2-00-01-76', keyPair: pooledKey(), signal,
        clock: new FastForwardClock(lab().deployment.now()), trace: new Trace(), memory: undefined,
      });
      assert.equal(verdict.outcome, 'signed-in', verdict.cause?.sentence);
      const versions = lab().trace.events.slice(start).flatMap((event) => (event.layer === 'sip' && event.direction === 'received' ? /^Proxy-Authorization: NTLM .*version=(\d)/m.exec(event.text ?? '')?.[1] ?? [] : []));
      assert.deepEqual([...new Set(versions)], ['3']);
    });
  }

  it('keeps a CX600 out, which registers with nothing but a certificate', async () => {
    const verdict = await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: 'pin' });
    assert.deepEqual([verdict.cause?.id, verdict.cause?.facts['offered']], ['LPE013', 'NTLM, Kerberos']);
  });
});
