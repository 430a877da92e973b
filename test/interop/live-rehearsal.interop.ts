import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createAuthorities, type CertificateAuthority, type ServerCertificate } from '../../src/lab/certificate-authority.js';
import { certificatesPem } from '../../src/lab/pem.js';
import { authoritySchema, certificateSchema } from '../../src/lab/topology-schema.js';
import { loadTopology } from '../../src/lab/topology.js';
import { serverConfiguration } from '../../src/rehearsal/dhcp-configuration/server-configuration.js';
import { readReport } from '../../src/rehearsal/report.js';
import { lpe } from '../cli/command-line.js';
import { dnsmasqOrSkip, startDnsmasq } from './dnsmasq.js';
import { usedKeys } from '../start-lab.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';
import { digestRegistrar, startKamailio } from './kamailio.js';

const keptReport = 'docs/examples/live-report.md';
const [web, registrar] = ['lync.contoso.lab', 'sip.contoso.lab'];
const secrets = { ALICE_PIN: '482135790264', ALICE_PASSWORD: 'lab-only-secret' };

// A pool as an administrator sees it, with nothing in it that was written here: dnsmasq for DNS and DHCP, nginx for the web services, Kamailio for the registrar.
describe('lpe rehearse at servers of others', () => {
  let folder: string;
  let plan: string;
  const running: { stop: () => Promise<void> }[] = [];
  const file = (name: string) => join(folder, name);

  before(async function () {
    const [dnsmasq, nginx, kamailio] = [dnsmasqOrSkip(this), programOrSkip(this, 'nginx', 'nginx-light'), programOrSkip(this, 'kamailio', 'kamailio and kamailio-tls-modules')];
    folder = mkdtempSync(join(tmpdir(), 'lpe-live-'));
    const root = (await createAuthorities({ root: authoritySchema.parse({ commonName: 'Contoso Root CA', keyBits: 1024 }) }, Date.now())).get('root') as CertificateAuthority;
    writeFileSync(file('root.pem'), certificatesPem(root.certificate));
    // The web services have every name; the registrar has a wildcard in the place of its own.
    const [ofWeb, ofRegistrar] = [await issued(root, [web]), await issued(root, ['pool01.contoso.lab', '*.contoso.lab'])];
    const [dns, dhcp, dhcpClient, http, https] = [await freePort(), await freePort(), await freePort(), await freePort(), await freePort()];
    running.push(await poolInDnsmasq(dnsmasq, dns, [dhcp, dhcpClient]), await startNginx(nginx, ofWeb, http, https));
    const sip = await startKamailio(kamailio, folder, ofRegistrar, digestRegistrar);
    running.push({ stop: async () => { await sip[Symbol.asyncDispose](); } });
    const connectTo = [`${web}:443:127.0.0.1:${https}`, `${web}:80:127.0.0.1:${http}`, `${registrar}:5061:127.0.0.1:${sip.port}`];
    const live = { sipDomains: ['contoso.lab'], interface: '127.0.0.1', domainName: 'contoso.lab', dnsServer: `127.0.0.1:${dns}`, connectTo, directoryRoots: ['root.pem'] };
    plan = file('plan.yaml');
    writeFileSync(plan, stringify({
      schema: 1, name: 'Servers that are not Lync', description: 'dnsmasq, nginx and Kamailio, set up as a pool would be.',
      targets: { pool: { live: { ...live, dhcpServer: `127.0.0.1:${dhcp}` } }, 'no-options': { live } },
      phones: [
        { firmware: '4.0.7577.4463', signIn: 'pin' }, { firmware: '4.0.7577.107', signIn: 'tethered' }, { firmware: '4.0.7577.4463', signIn: 'tethered' },
        { model: 'PC', firmware: 'windows-lync-2010', signIn: 'typed' },
      ],
      accounts: { alice: { sipUri: 'sip:alice@contoso.lab', number: '100', logon: String.raw`CONTOSO\alice`, pin: { env: 'ALICE_PIN' }, password: { env: 'ALICE_PASSWORD' } } },
    }));
  });
  after(async () => {
    for (const each of running.reverse()) await each.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function issued(root: CertificateAuthority, names: string[]): Promise<ServerCertificate> {
    const spec = certificateSchema.parse({ commonName: names[0], subjectAlternativeNames: names, issuer: 'root', keyBits: 1024 });
    return root.issueServer(spec, await usedKeys()(spec), Date.now());
  }

  function poolInDnsmasq(dnsmasq: string, dnsPort: number, dhcpPorts: [server: number, client: number]) {
    writeFileSync(file('dnsmasq.conf'), serverConfiguration('dnsmasq', { web, registrar }));
    return startDnsmasq(dnsmasq, { file: file('dnsmasq.conf'), dnsPort, dhcpPorts, more: [
      '--local=/lab/', `--address=/${web}/127.0.0.1`, `--address=/${registrar}/127.0.0.1`, `--srv-host=_sipinternaltls._tcp.contoso.lab,${registrar},5061`, '--domain=contoso.lab',
    ] });
  }

  function startNginx(nginx: string, { certificatePem, privateKeyPem }: ServerCertificate, http: number, https: number) {
    writeFileSync(file('web.pem'), certificatePem);
    writeFileSync(file('web.key'), privateKeyPem, { mode: 0o600 });
    writeFileSync(file('nginx.conf'), `
      daemon off; master_process off; pid ${file('nginx.pid')}; error_log stderr notice; events { }
      http {
        access_log off; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers AES128-SHA:AES256-SHA:@SECLEVEL=0;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${file(kind)};`).join(' ')}
        server {
          listen 127.0.0.1:${http}; listen 127.0.0.1:${https} ssl; server_name ${web};
          ssl_certificate ${file('web.pem')}; ssl_certificate_key ${file('web.key')};
          location / { return 200 "It works!"; }
        }
      }`);
    return startDaemon(nginx, ['-p', folder, '-c', file('nginx.conf')], /using the "epoll" event method/);
  }

  it('tells of each build what it makes of them', async () => {
    const { status, err } = await lpe(['rehearse', plan, '--json', file('result.json'), '--markdown', file('report.md')], { env: secrets });
    assert.equal(status, 1, err);
    const { runs, unfinished } = readReport(file('result.json'));
    const verdicts = (target: string) => runs.filter((run) => run.target === target)
      .map(({ phone, verdict: { stage, cause } }) => [phone.firmware, phone.signIn, stage, cause?.rule, cause?.facts['host'] ?? cause?.facts['offered']]);
    assert.deepEqual(unfinished, []);
    assert.deepEqual(verdicts('pool'), [
      ['4.0.7577.4463', 'pin', 'rootChain', 'web-service-error', undefined],
      ['4.0.7577.107', 'tethered', 'webTicket', 'web-service-error', undefined],
      ['4.0.7577.4463', 'tethered', 'webTicket', 'web-service-error', undefined],
      ['windows-lync-2010', 'typed', 'connecting', 'authentication-not-offered', 'Digest'],
    ]);
    assert.deepEqual(verdicts('no-options'), [
      ['4.0.7577.4463', 'pin', 'rootChain', 'web-service-unknown', undefined],
      ['4.0.7577.107', 'tethered', 'connecting', 'certificate-refused', registrar],
      ['4.0.7577.4463', 'tethered', 'connecting', 'authentication-not-offered', 'Digest'],
      ['windows-lync-2010', 'typed', 'connecting', 'authentication-not-offered', 'Digest'],
    ]);
  });

  it('whose report is kept, for people to see one', () => {
    const written = readFileSync(file('report.md'), 'utf8');
    for (const secret of Object.values(secrets)) assert.ok(!written.includes(secret));
    if (process.env['UPDATE'] !== undefined) {
      mkdirSync('docs/examples', { recursive: true });
      writeFileSync(keptReport, written);
    }
    // The rest tells times, and what is said of a cause may be said better.
    const table = (text: string) => text.split('\n').filter((line) => line.startsWith('|') && !/^\| {7}/.test(line) && /[A-Z]/.test(line) && !/[<>]/.test(line));
    assert.deepEqual(table(readFileSync(keptReport, 'utf8')), table(written), 'UPDATE=1 writes it anew');
  });

  it('and a lab of the captured topology does as they did, but that its DHCP server answers where none did', async () => {
    const captured = file('captured.yaml');
    const { status, out, err } = await lpe(['capture', plan, '--target', 'no-options', '-o', captured], { env: secrets });
    assert.equal(status, 1, err);
    assert.match(out, /\nAnother cause or stage\n {2}CX600 4\.0\.7577\.4463, PIN at no-options: FAILED at rootChain -> FAILED at rootChain\n[^]*\n4 cells compared: 0 worse, 0 better, 1 otherwise changed, 3 the same\.\n$/);
    const { policy, certificates, servers } = loadTopology(captured);
    assert.deepEqual([policy.UseCertificateForClientToProxyAuth, policy.UseNtlmForClientToProxyAuth], [false, false]);
    assert.deepEqual(certificates[servers.find((server) => server.registrar !== undefined)?.registrar?.certificate ?? '']?.subjectAlternativeNames, ['pool01.contoso.lab', '*.contoso.lab']);
  });
});
