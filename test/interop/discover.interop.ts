import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverConfiguration } from '../../src/rehearsal/dhcp-configuration/server-configuration.js';
import { discoveryReportSchema } from '../../src/rehearsal/survey/discovery-report.js';
import { lpe } from '../cli/command-line.js';
import { dnsmasqOrSkip, startDnsmasq } from './dnsmasq.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

const zone = `
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
_sipinternaltls._tcp SRV 0 0 5061 pool
_sip._tls SRV 0 0 443 access
pool A 10.0.0.11
pool A 10.0.0.12
lync A 10.0.0.11
director A 10.0.0.20
access A 203.0.113.10
sip CNAME pool
autodiscover A 10.0.0.30
ucupdates-r2 A 10.0.0.11
_ntp._udp SRV 0 0 1 ns
_ldap._tcp.dc._msdcs SRV 0 0 389 ns
`;

describe('lpe discover at servers of others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-discover-'));
  const daemons: Awaited<ReturnType<typeof startDaemon>>[] = [];
  afterEach(async () => { for (const daemon of daemons.splice(0)) await daemon.stop(); });
  after(() => { rmSync(folder, { recursive: true }); });

  async function bind(context: Mocha.Context): Promise<string> {
    const named = programOrSkip(context, 'named', 'bind9');
    const port = await freePort();
    writeFileSync(join(folder, 'zone'), zone);
    writeFileSync(join(folder, 'named.conf'), `
      options { directory "${folder}"; pid-file none; session-keyfile none; recursion no; dnssec-validation no; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; };
      controls { };
      zone "contoso.com" { type primary; file "zone"; };
    `);
    daemons.push(await startDaemon(named, ['-g', '-c', join(folder, 'named.conf'), '-n', '1'], / running\n/));
    return `127.0.0.1:${port}`;
  }

  it('reads a zone of BIND: a pool, an Edge, Exchange, and the certificate of each', async function () {
    const { status, out } = await lpe(['discover', 'contoso.com', '--interface', '127.0.0.1', '--dns-server', await bind(this), '--web', 'lync.contoso.com', '--registrar', 'director.contoso.com', '--json']);
    assert.equal(status, 0);
    const report = discoveryReportSchema.parse(JSON.parse(out));
    assert.deepEqual(report.registrars[0]?.candidates.filter(({ transport }) => transport === 'tls').map(({ host, port, addresses }) => `${host}:${port} ${addresses.join(' ')}`.trim()), [
      'pool.contoso.com:5061 10.0.0.11 10.0.0.12', 'director.contoso.com:5061 10.0.0.20', 'access.contoso.com:443 203.0.113.10',
      'sip.contoso.com:5061 10.0.0.11 10.0.0.12', 'sip.contoso.com:443 10.0.0.11 10.0.0.12',
    ]);
    assert.deepEqual(report.certificates.map(({ server, names }) => [server.join(' '), names.map(({ name }) => name).join(' ')]).sort(), [
      ['10.0.0.11 10.0.0.12', 'pool.contoso.com sip.contoso.com lync.contoso.com'], ['10.0.0.20', 'director.contoso.com'],
      ['10.0.0.30', 'autodiscover.contoso.com'], ['203.0.113.10', 'access.contoso.com'],
    ]);
  });

  it('asks a DHCP server for what it tells phones: dnsmasq with the lines of lpe dhcp-options', async function () {
    const dnsServer = await bind(this);
    const dnsmasq = dnsmasqOrSkip(this);
    writeFileSync(join(folder, 'dhcp.conf'), serverConfiguration('dnsmasq', { web: 'lync.contoso.com', registrar: 'director.contoso.com' }));
    const port = await freePort();
    daemons.push(await startDnsmasq(dnsmasq, { file: join(folder, 'dhcp.conf'), dhcpPorts: [port, await freePort()] }));
    const { status, out } = await lpe(['discover', 'contoso.com', '--interface', '127.0.0.1', '--dns-server', dnsServer, '--dhcp', `127.0.0.1:${port}`, '--firmware', '4.0.7577.4100', '--json']);
    assert.equal(status, 0);
    assert.equal(discoveryReportSchema.parse(JSON.parse(out)).steps.find(({ step }) => step === 'services')?.sentence,
      'DHCP tells the web services at https://lync.contoso.com:443/CertProv/CertProvisioningService.svc; and the registrar director.contoso.com.');
  });
});
