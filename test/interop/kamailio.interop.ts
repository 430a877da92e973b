import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import { createAuthorities, type CertificateAuthority, type ServerCertificate } from '../../src/lab/certificate-authority.js';
import { authoritySchema, certificateSchema } from '../../src/lab/topology-schema.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { Phone } from '../../src/phone/phone.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { connectRegistrar } from '../../src/phone/sip/session.js';
import { connectSip, type SipTransport } from '../../src/phone/sip/tls-transport.js';
import { StageFailure } from '../../src/phone/stage-failure.js';
import type { StepTools } from '../../src/phone/steps.js';
import { SipMessage } from '../../src/protocol/sip/message.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { Trace } from '../../src/trace/trace.js';
import { smallTopology } from '../lab/small-topology.js';
import { PlainCore } from '../phone/sip/plain-core.js';
import { pooledKey } from '../pin-phone.js';
import { startLab, usedKeys } from '../start-lab.js';
import { programOrSkip } from './debian-program.js';
import { digestRegistrar, openRegistrar, startKamailio } from './kamailio.js';

const profiles = loadProfiles();
const signal = new AbortController().signal;
const host = 'sip.contoso.lab';
const alice = 'sip:alice@contoso.lab';
const account = { method: 'typed', sipUri: alice, domain: 'CONTOSO', user: 'alice', password: 'lab-only' } as const;

describe('the phone registers at Kamailio', () => {
  let folder: string;
  let root: CertificateAuthority;
  let kamailio: string;
  before(async function () {
    kamailio = programOrSkip(this, 'kamailio', 'kamailio and kamailio-tls-modules');
    folder = mkdtempSync(join(tmpdir(), 'lpe-kamailio-'));
    const authorities = await createAuthorities({ root: authoritySchema.parse({ commonName: 'Interop Root' }) }, Date.now());
    root = authorities.get('root') as CertificateAuthority;
  });
  after(() => { if (folder !== undefined) rmSync(folder, { recursive: true }); });

  interface Met {
    /** How the sign-in at this server ends. */
    failure: StageFailure;
    /** What the phone sent and received of SIP. */
    messages: { direction: 'sent' | 'received'; message: SipMessage }[];
  }

  const start = (identity: ServerCertificate, serve: string) => startKamailio(kamailio, folder, identity, serve);

  /** A build meets a Kamailio that shows a certificate with these names. */
  async function meet({ names, build = '4.0.7577.107', challenge = false }: { names: string[]; build?: string; challenge?: boolean }): Promise<Met> {
    const spec = certificateSchema.parse({ commonName: names[0], subjectAlternativeNames: names, issuer: 'root' });
    await using server = await start(root.issueServer(spec, await usedKeys()(spec), Date.now()), challenge ? digestRegistrar : openRegistrar);
    const trace = new Trace();
    const tools: StepTools = {
      network: new MappedNetwork({ localAddress: '10.0.0.20', nameServers: [], domainName: undefined, forward: new Map([['10.0.0.10:5061/tcp', [{ address: '127.0.0.1', port: server.port }]]]) }),
      trace, clock: new PhoneClock(systemClock), profile: profiles.get(build).profile, publicRoots: [], macAddress: '00-04-F2-00-01-76', signal,
    };
    try {
      const session = await connectRegistrar({
        candidate: { source: 'internal-srv-tls', asked: 'SRV _sipinternaltls._tcp.contoso.lab', host, port: 5061, transport: 'tls' }, address: '10.0.0.10',
        sipUri: alice, method: 'typed', trust: { downloadedRoots: [root.certificate], directoryRoots: [], intermediates: [] },
      }, tools);
      try {
        await session.register(undefined, signal, account);
      } finally {
        session.close();
      }
      throw new Error('the phone took a registration without authentication for one');
    } catch (error) {
      if (!(error instanceof StageFailure)) throw error;
      const messages = trace.events.flatMap((event) =>
        (event.layer === 'sip' && event.text !== undefined ? [{ direction: event.direction, message: SipMessage.parse(event.text) }] : []));
      return { failure: error, messages };
    }
  }

  it('over TLS 1.0 with an exact name: its REGISTER passes every sanity check and the binding is kept, but without authentication the phone goes no further', async () => {
    const { failure, messages } = await meet({ names: [host] });
    assert.deepEqual(messages.map(({ direction, message }) => [direction, message.method, message.status]), [['sent', 'REGISTER', undefined], ['received', 'REGISTER', 200]]);
    const [contact, kept] = messages.map(({ message }) => message.get('Contact') ?? '');
    const uri = /^<([^>]+)>/.exec(contact ?? '')?.[1];
    assert.ok(uri !== undefined && kept?.startsWith(`<${uri}>;expires=`) === true);
    assert.match(kept, /\+sip\.instance="<urn:uuid:[0-9A-F-]{36}>"/);
    assert.deepEqual([failure.rule, failure.reaction], ['challenge-unusable', 'retry']);
    assert.equal(failure.message, 'sip.contoso.lab:5061 accepted a registration without authentication, so nothing it says later could be verified.');
  });

  it('with a Digest challenge: there is no common way to authenticate', async () => {
    const { failure, messages } = await meet({ names: [host], challenge: true });
    assert.deepEqual(messages.map(({ message }) => message.status), [undefined, 401]);
    assert.deepEqual([failure.rule, failure.facts['offered']], ['authentication-not-offered', 'Digest']);
  });

  it('with a wildcard certificate: CU1 ends the connection on seeing it, the June 2012 build registers', async () => {
    const names = ['pool01.contoso.lab', '*.contoso.lab'];
    const cu1 = await meet({ names });
    assert.deepEqual([cu1.failure.rule, cu1.messages], ['certificate-refused', []]);
    const june2012 = await meet({ names, build: '4.0.7577.4100' });
    assert.deepEqual([june2012.failure.rule, june2012.messages.at(-1)?.message.status], ['challenge-unusable', 200]);
  });

  it('and so does sip.js alone, over the transport that is exported', async () => {
    const spec = certificateSchema.parse({ commonName: host, subjectAlternativeNames: [host], issuer: 'root' });
    await using server = await start(root.issueServer(spec, await usedKeys()(spec), Date.now()), openRegistrar);
    const network = new MappedNetwork({ localAddress: '10.0.0.20', nameServers: [], domainName: undefined, forward: new Map([['10.0.0.10:5061/tcp', [{ address: '127.0.0.1', port: server.port }]]]) });
    const core: PlainCore = new PlainCore(alice, () => transport);
    await using transport: SipTransport = await connectSip({ core, host, address: '10.0.0.10', sipDomain: 'contoso.lab', network, profile: profiles.get('4.0.7577.107').profile, roots: [root.certificate] });
    const answer = await core.ask('REGISTER', [`Contact: <sip:alice@${transport.localAddress};transport=tls>`]);
    assert.deepEqual([answer.statusCode, answer.getHeader('Contact')?.startsWith(`<sip:alice@${transport.localAddress};transport=tls>;expires=`)], [200, true]);
    core.dispose();
  });

  it('as a proxy before the lab\'s registrar: a whole sign-in by PIN goes through it, and so does what the server tells the phone', async () => {
    const topology = smallTopology();
    const [server] = topology.servers;
    Object.assign(server?.registrar ?? {}, { tcpPort: 5060 });
    await using lab = await startLab(topology);
    const behind = lab.services.find(({ service }) => service === 'registrar-tcp')?.port ?? 0;
    await using proxy = await start(lab.deployment.certificate('pool'), `if ($proto == "tls") $du = "sip:127.0.0.1:${behind};transport=tcp"; t_relay();`);
    const forward = new Map(lab.services.map(({ service, declared, transport, port }) =>
      [`${service === 'dhcp' ? '255.255.255.255' : declared.address}:${declared.port}/${transport}`, [{ address: '127.0.0.1', port: service === 'registrar' ? proxy.port : port }]]));
    const network = new MappedNetwork({ localAddress: '127.0.0.1', nameServers: ['10.0.0.2'], domainName: 'contoso.lab', forward });
    const clock = new FastForwardClock();
    await using phone = new Phone({ ...profiles.get('4.0.7577.4100'), network, clock, keyPair: pooledKey() });
    phone.powerOn();
    phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '482135790264' });
    clock.skipToNext();
    const { state, failure } = await phone.until('settled');
    assert.equal(state, 'signedIn', failure?.message);
    const sip = (direction: 'sent' | 'received') => phone.trace.events.flatMap((event) =>
      (event.layer === 'sip' && event.direction === direction && event.text !== undefined ? [SipMessage.parse(event.text)] : []));
    const requests = sip('sent').filter(({ isRequest }) => isRequest);
    for (const request of requests) {
      const answers = sip('received').filter((answer) => answer.status !== undefined && answer.status >= 200 && answer.get('CSeq') === request.get('CSeq') && answer.get('Call-ID') === request.get('Call-ID'));
      assert.deepEqual(answers.length, 1, `${request.method} ${request.get('CSeq') ?? ''}`);
    }
    assert.ok(requests.filter(({ method }) => method === 'REGISTER').length === 4 && requests.some(({ method }) => method === 'SUBSCRIBE'));

    const atLab = () => lab.trace.events.flatMap((event) => (event.actor === 'registrar' && event.layer === 'sip' && event.direction === 'received' ? [event.text ?? ''] : []));
    assert.ok(atLab().every((text) => text === '' || text.match(/^Via: /gm)?.length === 2), 'each request came over the proxy');

    // The registration's end comes down from the server, and the phone's answer goes up again.
    const answered = new Promise<void>((resolve) => {
      const stop = lab.trace.subscribe((event) => {
        if (event.actor === 'registrar' && event.layer === 'sip' && event.direction === 'received' && event.summary === '200 OK (NOTIFY)') { stop(); resolve(); }
      });
    });
    for (const { registrar: each } of lab.services) each?.deregister('sip:alice@contoso.lab', 'rejected');
    await answered;
    assert.equal(sip('received').at(-1)?.method, 'NOTIFY');
  });
});
