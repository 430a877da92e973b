import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeReportSchema, type EndpointReport } from '../../src/rehearsal/survey/probe-report.js';
import { lpe } from '../cli/command-line.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

const host = 'sip.contoso.com';

describe('lpe probe at servers that no one here wrote', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-probe-'));
  const file = (name: string) => join(folder, name);
  let openssl: string;
  let daemon: Awaited<ReturnType<typeof startDaemon>> | undefined;
  before(function () {
    openssl = programOrSkip(this, 'openssl', 'openssl');
    issue('root', ['-subj', '/CN=Contoso Root', '-addext', 'basicConstraints=critical,CA:TRUE']);
    for (const name of [host, 'default.contoso.com']) issue(name, ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`, '-addext', 'extendedKeyUsage=serverAuth', '-CA', file('root.pem'), '-CAkey', file('root.key')]);
  });
  afterEach(async () => { await daemon?.stop(); });
  after(() => { rmSync(folder, { recursive: true }); });

  function run(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(openssl, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stdout;
  }
  function issue(name: string, more: string[]): void {
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-days', '30', '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), ...more);
  }

  async function probed(port: number, ...args: string[]): Promise<EndpointReport> {
    const { out } = await lpe(['probe', `${host}:5061`, '--interface', '127.0.0.1', '--connect-to', `${host}:5061:127.0.0.1:${port}`, '--roots', file('root.pem'), '--sip-domain', 'contoso.com',
      '--firmware', '4.0.7577.4463', '--firmware', 'windows-lync-2010', '--json', ...args]);
    const [report] = probeReportSchema.parse(JSON.parse(out)).endpoints;
    assert.ok(report !== undefined);
    return report;
  }

  describe('openssl s_server', () => {
    async function against(...args: string[]): Promise<EndpointReport> {
      const port = await freePort();
      daemon = await startDaemon(openssl, ['s_server', '-accept', `127.0.0.1:${port}`, '-cert', file(`${host}.pem`), '-key', file(`${host}.key`), '-cipher', 'ALL:@SECLEVEL=0', '-www', ...args], /ACCEPT/);
      return probed(port);
    }

    const modes: [mode: string[], versions: string[], accepting: string[]][] = [
      [['-tls1'], ['TLS 1.0'], ['4.0.7577.4463', 'windows-lync-2010']],
      [['-tls1_1'], ['TLS 1.1'], ['windows-lync-2010']],
      [['-tls1_2'], ['TLS 1.2'], ['windows-lync-2010']],
      [['-tls1_3'], ['TLS 1.3'], []],
      [['-no_tls1_2'], ['TLS 1.0', 'TLS 1.1', 'TLS 1.3'], ['4.0.7577.4463', 'windows-lync-2010']],
    ];
    for (const [mode, versions, accepting] of modes) {
      it(`${mode.join(' ')}: ${versions.join(', ')}`, async () => {
        const report = await against(...mode);
        assert.deepEqual(report.versions.filter(({ accepted }) => accepted).map(({ version }) => version), versions);
        assert.deepEqual(report.accepting, accepting);
      });
    }

    it('with a chain: as sent, in its order, as openssl itself prints the fingerprints', async () => {
      const { handshakes } = await against('-cert_chain', file('root.pem'));
      const expected = [host, 'root'].map((name) => run('x509', '-in', file(`${name}.pem`), '-noout', '-fingerprint', '-sha256').trim().replace(/^.*=/, '').replaceAll(':', '').toLowerCase());
      assert.deepEqual(handshakes[0]?.chain.map((certificate) => certificate?.fingerprint256), expected);
    });

    it('with suites that no phone has', async () => {
      const report = await against('-cipher', 'ECDHE-RSA-AES256-GCM-SHA384', '-no_tls1_3');
      assert.match(report.handshakes[0]?.sentence ?? '', /fatal alert/);
      assert.deepEqual(report.accepting, ['windows-lync-2010']);
    });
  });

  it('nginx that tells its sites apart by SNI: phones get the default', async function () {
    const nginx = programOrSkip(this, 'nginx', 'nginx-light');
    const port = await freePort();
    const site = (name: string, more = '') => `server { listen 127.0.0.1:${port} ssl${more}; server_name ${name}; ssl_certificate ${file(`${name}.pem`)}; ssl_certificate_key ${file(`${name}.key`)}; return 200; }`;
    writeFileSync(file('nginx.conf'), `
      daemon off; master_process off; pid ${file('nginx.pid')}; error_log stderr notice; events { }
      http {
        access_log off; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers AES128-SHA:AES256-SHA:@SECLEVEL=0;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${file(kind)};`).join(' ')}
        ${site('default.contoso.com', ' default_server')} ${site(host)}
      }`);
    daemon = await startDaemon(nginx, ['-p', folder, '-c', file('nginx.conf')], /using the "epoll" event method/);
    const report = await probed(port, '--service', 'web');
    assert.equal(report.serverNameIndication?.needed, true);
    assert.deepEqual([report.accepting, report.refusing], [['windows-lync-2010'], ['4.0.7577.4463']]);
    assert.deepEqual(report.handshakes.map(({ chain }) => chain[0]?.subject), ['CN=default.contoso.com', `CN=${host}`]);
    assert.equal(report.clock.aheadSeconds, 0);
  });
});
