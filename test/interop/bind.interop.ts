import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { locateRegistrars } from '../../src/phone/registrar-candidates.js';
import { Resolver } from '../../src/protocol/dns/resolver.js';
import { Trace } from '../../src/trace/trace.js';
import { stepTools } from '../phone/step-tools.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

/** Too many for 512 bytes: over UDP the answer is cut short. */
const many = Array.from({ length: 30 }, (_, index) => `sip${String(index).padStart(2, '0')}`);

const zone = `
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_sipinternaltls._tcp SRV 20 1 5061 backup
_sipinternaltls._tcp SRV 10 1 5061 sip
_sipinternaltls._tcp SRV 10 9 5061 heavy
_sip._tls SRV 0 0 443 access
; the service is decidedly not offered (RFC 2782)
_sipinternal._tcp SRV 0 0 0 .
${many.map((name) => `_crowded._tcp SRV 0 0 5061 ${name}`).join('\n')}
sip A 10.0.0.10
heavy A 10.0.0.11
backup A 10.0.0.12
access A 10.0.0.13
alias CNAME other
other CNAME sip
_aliased._tcp CNAME _sipinternaltls._tcp
`;

describe('BIND answers our resolver', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-bind-'));
  let daemon: Awaited<ReturnType<typeof startDaemon>> | undefined;
  let network: MappedNetwork;
  let resolver: Resolver;
  const trace = new Trace();

  before(async function () {
    const named = programOrSkip(this, 'named', 'bind9');
    // BIND listens on UDP and TCP at the same port.
    const port = await freePort();
    writeFileSync(join(folder, 'zone'), zone);
    writeFileSync(join(folder, 'named.conf'), `
      options {
        directory "${folder}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; minimal-responses yes; rrset-order { order cyclic; };
        listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; allow-query { any; };
      };
      controls { };
      zone "contoso.lab" { type primary; file "zone"; };
    `);
    daemon = await startDaemon(named, ['-g', '-c', join(folder, 'named.conf'), '-n', '1'], / running\n/);
    const forward = new Map(['udp', 'tcp'].map((transport) => [`10.0.0.2:53/${transport}`, [{ address: '127.0.0.1', port }]] as const));
    network = new MappedNetwork({ localAddress: '10.0.1.50', nameServers: ['10.0.0.2'], domainName: undefined, forward });
    resolver = new Resolver({ network, trace, clock: systemClock, timeout: 5000, signal: new AbortController().signal });
  });
  after(async () => {
    await daemon?.stop();
    rmSync(folder, { recursive: true });
  });

  it('with SRV records by priority and weight, in whatever order they came', async () => {
    for (let time = 0; time < 3; time++) {
      const { outcome, records } = await resolver.srv('_sipinternaltls._tcp.contoso.lab');
      assert.equal(outcome, 'found');
      assert.deepEqual(records.map(({ target, priority, weight }) => [target, priority, weight]), [['heavy.contoso.lab', 10, 9], ['sip.contoso.lab', 10, 1], ['backup.contoso.lab', 20, 1]]);
    }
  });

  it('with an alias of an alias, for a host and for a service', async () => {
    assert.deepEqual((await resolver.addresses('alias.contoso.lab')).records, ['10.0.0.10']);
    assert.equal((await resolver.srv('_aliased._tcp.contoso.lab')).records.length, 3);
  });

  it('with no such name, no such record, a service that is not offered, and refusal', async () => {
    assert.equal((await resolver.srv('_sipexternal._tcp.contoso.lab')).outcome, 'no-such-name');
    assert.equal((await resolver.srv('sip.contoso.lab')).outcome, 'no-data');
    assert.equal((await resolver.srv('_sipinternal._tcp.contoso.lab')).outcome, 'no-data');
    assert.equal((await resolver.addresses('sip.contoso.example')).outcome, 'refused');
  });

  it('over TCP where 30 targets do not fit into a datagram', async () => {
    const since = trace.events.length;
    const { outcome, records } = await resolver.srv('_crowded._tcp.contoso.lab');
    assert.equal(outcome, 'found');
    assert.deepEqual(records.map(({ target }) => target).sort(), many.map((name) => `${name}.contoso.lab`));
    assert.ok(trace.events.slice(since).some((event) => event.layer === 'dns' && event.summary.endsWith('over TCP, since the answer was cut short')));
  });

  it('where the phone looks for its registrar: every candidate in the documented order', async () => {
    const search = locateRegistrars({ sipDomain: 'contoso.lab', discovery: { certProvUrl: undefined, sipServer: 'backup.contoso.lab', domainName: undefined }, lastGood: undefined }, { ...stepTools(), network });
    const found: string[] = [];
    for await (const { candidate: { source, host, port, transport } } of search.candidates) found.push(`${source} ${host}:${port} ${transport}`);
    assert.deepEqual(found, [
      'internal-srv-tls heavy.contoso.lab:5061 tls', 'internal-srv-tls sip.contoso.lab:5061 tls', 'internal-srv-tls backup.contoso.lab:5061 tls',
      'dhcp-tcp backup.contoso.lab:5060 tcp', 'external-srv-tls access.contoso.lab:443 tls', 'host-names sip.contoso.lab:443 tls',
    ]);
  });
});
