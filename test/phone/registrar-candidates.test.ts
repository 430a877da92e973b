import assert from 'node:assert/strict';
import { startDnsServer } from '../../src/lab/dns-server.js';
import type { DnsRecord } from '../../src/lab/topology-schema.js';
import { locateRegistrars } from '../../src/phone/registrar-candidates.js';
import { StageFailure } from '../../src/phone/stage-failure.js';
import type { Discovery, LocatedRegistrar, RegistrarCandidate, RegistrarSearch } from '../../src/phone/steps.js';
import { Trace } from '../../src/trace/trace.js';
import { stepTools, type StepToolsOptions } from './step-tools.js';

const srv = (name: string, target: string, port = 5061, priority = 0): DnsRecord => ({ name, type: 'SRV', target, port, priority, weight: 0 });
const a = (name: string): DnsRecord => ({ name, type: 'A', address: '10.0.0.10' });
const discovery = (found: Partial<Discovery>): Discovery => ({ certProvUrl: undefined, sipServer: undefined, domainName: undefined, ...found });
const show = ({ source, host, port, transport }: RegistrarCandidate) => `${source} ${host}:${port} ${transport}`;

describe('locateRegistrars', () => {
  let records: DnsRecord[] = [];
  let server: Awaited<ReturnType<typeof startDnsServer>>;
  before(async () => { server = await startDnsServer({ records: () => records, trace: new Trace(), bindAddress: '127.0.0.1' }); });
  after(() => server.close());
  const tools = (options: StepToolsOptions = {}) => stepTools({ forward: { '10.0.0.2:53/udp': [{ address: '127.0.0.1', port: server.port }] }, ...options });
  /** Goes through the whole search, as a phone does that no candidate lets in. */
  const exhaust = async ({ candidates, excluded, asked }: RegistrarSearch) => {
    const all: RegistrarCandidate[] = [];
    for await (const { candidate } of candidates) all.push(candidate);
    return { candidates: all, excluded, asked };
  };
  const locate = (found: Partial<Discovery>, options: StepToolsOptions = {}, lastGood?: RegistrarCandidate) =>
    exhaust(locateRegistrars({ sipDomain: 'Contoso.lab', discovery: discovery(found), lastGood }, tools(options)));

  it('lists the places in the order Microsoft documents, each once', async () => {
    records = [
      srv('_sipinternaltls._tcp.contoso.lab', 'pool2.contoso.lab', 5061, 10), srv('_sipinternaltls._tcp.contoso.lab', 'pool1.contoso.lab', 5061, 0),
      srv('_sipinternal._tcp.contoso.lab', 'pool1.contoso.lab', 5060), srv('_sip._tls.contoso.lab', 'sip.contoso.lab', 443),
      srv('_sip._tcp.contoso.lab', 'edge.contoso.lab', 5060), a('sip.contoso.lab'), a('sipexternal.contoso.lab'),
    ];
    const { candidates, excluded, asked } = await locate({ sipServer: 'director.contoso.lab' });
    assert.deepEqual(candidates.map(show), [
      'internal-srv-tls pool1.contoso.lab:5061 tls', 'internal-srv-tls pool2.contoso.lab:5061 tls', 'dhcp-tls director.contoso.lab:5061 tls',
      'internal-srv-tcp pool1.contoso.lab:5060 tcp', 'dhcp-tcp director.contoso.lab:5060 tcp', 'external-srv-tls sip.contoso.lab:443 tls',
      'external-srv-tcp edge.contoso.lab:5060 tcp', 'host-names sip.contoso.lab:5061 tls', 'host-names sipexternal.contoso.lab:5061 tls',
      'host-names sipexternal.contoso.lab:443 tls',
    ]);
    assert.deepEqual(excluded, []);
    assert.deepEqual(asked.map(({ question, answer }) => `${question}: ${answer}`), [
      'SRV _sipinternaltls._tcp.contoso.lab: pool2.contoso.lab:5061, pool1.contoso.lab:5061', 'DHCP option 120: director.contoso.lab',
      'SRV _sipinternal._tcp.contoso.lab: pool1.contoso.lab:5060', 'SRV _sip._tls.contoso.lab: sip.contoso.lab:443', 'SRV _sip._tcp.contoso.lab: edge.contoso.lab:5060',
      'A sipinternal.contoso.lab: no such name', 'A sip.contoso.lab: 10.0.0.10', 'A sipexternal.contoso.lab: 10.0.0.10',
    ]);
    assert.equal(candidates[0]?.asked, 'SRV _sipinternaltls._tcp.contoso.lab');
    assert.equal(candidates[2]?.asked, 'DHCP option 120');
  });

  it('asks again with the DHCP suffix for every name without records', async () => {
    records = [srv('_sipinternaltls._tcp.contoso.lab.corp.lab', 'pool.contoso.lab'), srv('_sip._tls.contoso.lab', 'sip.contoso.lab', 443), a('sip.contoso.lab.corp.lab')];
    const { candidates, asked } = await locate({ domainName: 'corp.lab' });
    assert.deepEqual(candidates.map(show), [
      'internal-srv-tls pool.contoso.lab:5061 tls', 'external-srv-tls sip.contoso.lab:443 tls', 'host-names sip.contoso.lab.corp.lab:5061 tls', 'host-names sip.contoso.lab.corp.lab:443 tls',
    ]);
    const questions = asked.map(({ question }) => question);
    assert.deepEqual(questions.slice(0, 3), ['SRV _sipinternaltls._tcp.contoso.lab', 'SRV _sipinternaltls._tcp.contoso.lab.corp.lab', 'DHCP option 120']);
    assert.ok(!questions.includes('SRV _sip._tls.contoso.lab.corp.lab'));
    assert.equal(candidates[0]?.asked, 'SRV _sipinternaltls._tcp.contoso.lab.corp.lab');
  });

  it('tries the registrar that worked last before all, and does not list it twice', async () => {
    records = [srv('_sipinternaltls._tcp.contoso.lab', 'pool.contoso.lab'), srv('_sip._tls.contoso.lab', 'edge.contoso.lab', 443)];
    const lastGood: RegistrarCandidate = { source: 'external-srv-tls', asked: 'SRV _sip._tls.contoso.lab', host: 'edge.contoso.lab', port: 443, transport: 'tls' };
    assert.deepEqual((await locate({}, {}, lastGood)).candidates.map(show), ['last-good edge.contoso.lab:443 tls', 'internal-srv-tls pool.contoso.lab:5061 tls']);
    records = [];
    assert.deepEqual((await locate({}, {}, lastGood)).candidates.map(show), ['last-good edge.contoso.lab:443 tls']);
  });

  describe('with strict DNS naming', () => {
    const ofOption120 = (value: boolean) => ({ strictDnsNamingOfOption120: { value, confidence: 'assumed' as const, evidence: [] } });

    it('excludes an SRV target outside the SIP domain from CU7 on, with the reason', async () => {
      records = [srv('_sipinternaltls._tcp.contoso.lab', 'pool.hoster.example')];
      const { candidates, excluded } = await locate({}, { build: '4.0.7577.4363' });
      assert.deepEqual(candidates, []);
      const [only] = excluded;
      assert.ok(only?.failure instanceof StageFailure && excluded.length === 1);
      assert.equal(only.candidate.host, 'pool.hoster.example');
      assert.deepEqual([only.failure.rule, only.failure.reaction, only.failure.screen], ['strict-dns-naming', 'retry', 'registrar-not-contacted']);
      assert.deepEqual(only.failure.facts, { target: 'pool.hoster.example', sipDomain: 'contoso.lab', asked: 'SRV _sipinternaltls._tcp.contoso.lab' });
      assert.equal(only.failure.because[0]?.confidence, 'observed');
      assert.match(only.failure.message, /^SRV _sipinternaltls\._tcp\.contoso\.lab gives pool\.hoster\.example, which is not within contoso\.lab; .+ uses only registrars whose names lie in the user's SIP domain\.$/);
      assert.deepEqual((await locate({}, { build: '4.0.7577.4100' })).candidates.map(show), ['internal-srv-tls pool.hoster.example:5061 tls']);
    });

    it('lets child domains pass, but neither a parent nor a name that only ends alike', async () => {
      records = ['sip.contoso.lab', 'SIP.branch.CONTOSO.lab.', 'contoso.lab', 'sip.notcontoso.lab', 'lab'].map((target) => srv('_sip._tls.contoso.lab', target));
      const { candidates, excluded } = await locate({}, { build: '4.0.7577.4363' });
      assert.deepEqual(candidates.map(({ host }) => host), ['sip.contoso.lab', 'sip.branch.contoso.lab']);
      assert.deepEqual(excluded.map(({ candidate }) => candidate.host), ['contoso.lab', 'sip.notcontoso.lab', 'lab']);
    });

    it('judges option 120 by a switch of its own', async () => {
      records = [];
      const found = { sipServer: 'pool.hoster.example' };
      assert.equal((await locate(found, { build: '4.0.7577.4363', discovery: ofOption120(false) })).excluded.length, 0);
      const { candidates, excluded } = await locate(found, { discovery: ofOption120(true) });
      assert.deepEqual(candidates, []);
      assert.deepEqual(excluded.map(({ candidate }) => show(candidate)), ['dhcp-tls pool.hoster.example:5061 tls', 'dhcp-tcp pool.hoster.example:5060 tcp']);
    });

    it('still uses a place that one source may name, though another may not', async () => {
      records = [srv('_sipinternaltls._tcp.contoso.lab', 'pool.hoster.example'), srv('_sip._tls.contoso.lab', 'pool.hoster.example')];
      const { candidates, excluded } = await locate({ sipServer: 'pool.hoster.example' }, { build: '4.0.7577.4363', discovery: ofOption120(false) });
      assert.deepEqual(candidates.map(show), ['dhcp-tls pool.hoster.example:5061 tls', 'dhcp-tcp pool.hoster.example:5060 tcp']);
      assert.deepEqual(excluded.map(({ candidate }) => show(candidate)), ['internal-srv-tls pool.hoster.example:5061 tls']);
    });
  });

  it('asks for no name before its turn, and hands on the address that it found', async () => {
    records = [srv('_sipinternaltls._tcp.contoso.lab', 'pool.contoso.lab'), a('sip.contoso.lab')];
    const { candidates, asked } = locateRegistrars({ sipDomain: 'contoso.lab', discovery: discovery({}), lastGood: undefined }, tools());
    const found = candidates[Symbol.asyncIterator]();
    assert.equal(asked.length, 0);
    const first = await found.next() as IteratorYieldResult<LocatedRegistrar>;
    assert.deepEqual([show(first.value.candidate), first.value.address, asked.length], ['internal-srv-tls pool.contoso.lab:5061 tls', undefined, 1]);
    const second = await found.next() as IteratorYieldResult<LocatedRegistrar>;
    assert.deepEqual([show(second.value.candidate), second.value.address], ['host-names sip.contoso.lab:5061 tls', '10.0.0.10']);
    assert.equal(asked.at(-1)?.question, 'A sip.contoso.lab');
  });

  it('tells everything that was tried when neither DHCP nor DNS names a place', async () => {
    records = [];
    const { candidates, asked } = await locate({});
    assert.deepEqual(candidates, []);
    assert.deepEqual(asked.slice(0, 2), [{ question: 'SRV _sipinternaltls._tcp.contoso.lab', answer: 'no such name' }, { question: 'DHCP option 120', answer: 'not given' }]);
    assert.equal(asked.length, 8);
  });

  it('fails when it was DNS that did not work', async () => {
    await assert.rejects(locate({ domainName: 'corp.lab' }, { forward: {} }), (error) => {
      assert.ok(error instanceof StageFailure);
      assert.deepEqual([error.rule, error.reaction, error.screen], ['no-name-server', 'stop', 'registrar-not-contacted']);
      assert.match(error.message, /^No name server could be asked for the registrar of contoso\.lab \(SRV _sipinternaltls\._tcp\.contoso\.lab: 10\.0\.0\.2 refused port 53/);
      // What nobody answered is not asked again with the suffix.
      assert.ok(!error.message.includes('corp.lab'));
      return true;
    });
    assert.equal((await locate({ sipServer: 'sip.contoso.lab' }, { forward: {} })).candidates.length, 2);
  });

  it('finds nothing in a SIP domain that is no name', async () => {
    assert.deepEqual((await exhaust(locateRegistrars({ sipDomain: 'no domain', discovery: discovery({}), lastGood: undefined }, tools()))).candidates, []);
  });
});
