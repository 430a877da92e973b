import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/clock.js';
import { loadProfiles } from '../../src/firmware/loader.js';
import { createAuthorities, type CertificateAuthority } from '../../src/lab/certificate-authority.js';
import { authoritySchema, certificateSchema } from '../../src/lab/topology-schema.js';
import { MappedNetwork } from '../../src/network/mapped-network.js';
import { PhoneClock } from '../../src/phone/phone-clock.js';
import { secureConnect } from '../../src/phone/secure-connection.js';
import { StageFailure } from '../../src/phone/stage-failure.js';
import { Trace } from '../../src/trace/trace.js';
import { usedKeys } from '../start-lab.js';
import { freePort, programOrSkip, startDaemon } from './debian-program.js';

const profiles = loadProfiles();
const host = 'pool01.contoso.lab';
const signal = new AbortController().signal;

describe('the phone\'s TLS at servers that no one here wrote', () => {
  let folder: string;
  let root: CertificateAuthority;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'lpe-tls-servers-'));
    const authorities = await createAuthorities({ root: authoritySchema.parse({ commonName: 'Interop Root' }) }, Date.now());
    root = authorities.get('root') as CertificateAuthority;
  });
  after(() => { rmSync(folder, { recursive: true }); });

  /** Files with a certificate and its key. */
  async function issue(name: string, spec: object): Promise<{ certificate: string; key: string }> {
    const parsed = certificateSchema.parse({ commonName: host, issuer: 'root', ...spec });
    const { certificatePem, privateKeyPem } = root.issueServer(parsed, await usedKeys()(parsed), Date.now());
    const [certificate, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    writeFileSync(certificate, certificatePem);
    writeFileSync(key, privateKeyPem, { mode: 0o600 });
    return { certificate, key };
  }

  /** The phone's web leg to whatever listens at that port of loopback: what a GET brings, or how the phone fails. */
  async function get(build: string, port: number): Promise<string | StageFailure> {
    const forward = new Map([['10.0.0.10:443/tcp', [{ address: '127.0.0.1', port }]]]);
    const network = new MappedNetwork({ localAddress: '10.0.0.20', nameServers: [], domainName: undefined, forward });
    try {
      const socket = await secureConnect(
        { host, address: '10.0.0.10', port: 443, service: 'web', sipDomain: 'contoso.lab', method: 'pin', trust: { downloadedRoots: [root.certificate], directoryRoots: [], intermediates: [] } },
        { network, trace: new Trace(), clock: new PhoneClock(systemClock), profile: profiles.get(build).profile, publicRoots: [], macAddress: '00-04-F2-00-01-76', signal },
      );
      socket.write('GET / HTTP/1.0\r\n\r\n');
      let text = '';
      for await (const chunk of socket) text += String(chunk);
      return text;
    } catch (error) {
      if (error instanceof StageFailure) return error;
      throw error;
    }
  }

  describe('openssl s_server', () => {
    const sentence = 'The TLS handshake with pool01.contoso.lab:443 failed: ';
    let openssl: string;
    let files: { certificate: string; key: string };
    before(async function () {
      openssl = programOrSkip(this, 'openssl', 'openssl');
      files = await issue('openssl', { subjectAlternativeNames: [host] });
    });

    async function against(version: string, build = '4.0.7577.4463'): Promise<string | StageFailure> {
      const port = await freePort();
      const server = await startDaemon(openssl, [
        's_server', '-accept', `127.0.0.1:${port}`, '-cert', files.certificate, '-key', files.key, version, '-cipher', 'ALL:@SECLEVEL=0', '-www',
      ], /ACCEPT/);
      try {
        return await get(build, port);
      } finally {
        await server.stop();
      }
    }

    it('at TLS 1.0 tells what it agreed on with the phone', async () => {
      const page = await against('-tls1');
      assert.ok(typeof page === 'string', String(page));
      assert.match(page, /Protocol *: TLSv1\n/);
      assert.match(page, /Cipher *: AES(128|256)-SHA\n/);
    });

    for (const version of ['-tls1_2', '-tls1_3']) {
      it(`at ${version} only sends it away, and the phone says why`, async () => {
        const failure = await against(version);
        assert.ok(failure instanceof StageFailure, 'the phone has no such version');
        assert.deepEqual([failure.rule, failure.facts['alert'], failure.facts['offered']], ['tls-failed', 70, ['TLSv1']]);
        assert.equal(failure.message.slice(0, sentence.length), sentence);
        assert.match(failure.message, /protocol_version/);
        assert.deepEqual(failure.because.map(({ confidence }) => confidence), ['documented']);
      });
    }

    it('at TLS 1.2 only takes the Windows client', async () => {
      const page = await against('-tls1_2', 'windows-lync-2010');
      assert.ok(typeof page === 'string', String(page));
      assert.match(page, /Protocol *: TLSv1\.2\n/);
    });
  });

  describe('nginx with certificates of the matrix', () => {
    const past = '2012-01-01T00:00:00Z';
    /** What the June 2012 build and the one of February 2011 make of each as a web server. */
    const matrix: [name: string, spec: object, june2012: string, february2011: string][] = [
      ['exact', { subjectAlternativeNames: [host] }, 'accepted', 'accepted'],
      ['wildcard', { subjectAlternativeNames: ['*.contoso.lab'] }, 'accepted', 'name'],
      ['common-name', {}, 'accepted', 'accepted'],
      ['other-name', { subjectAlternativeNames: ['sip.contoso.lab'] }, 'name', 'name'],
      ['expired', { subjectAlternativeNames: [host], notBefore: '2011-01-01T00:00:00Z', notAfter: past }, 'validity', 'validity'],
      ['no-server-purpose', { subjectAlternativeNames: [host], extendedKeyUsage: ['clientAuth'] }, 'extended-key-usage', 'extended-key-usage'],
      ['short-key', { subjectAlternativeNames: [host], keyBits: 512 }, 'key-size', 'key-size'],
      ['sha512', { subjectAlternativeNames: [host], hash: 'sha512' }, 'signature-hash', 'signature-hash'],
      ['authority-itself', { subjectAlternativeNames: [host], certificateAuthority: true }, 'accepted', 'accepted'],
      ['two-labels', { subjectAlternativeNames: ['*.lab'] }, 'name', 'name'],
    ];
    const ports = new Map<string, number>();
    let server: { stop(): Promise<void> } | undefined;

    before(async function () {
      const nginx = programOrSkip(this, 'nginx', 'nginx-light');
      const sites: string[] = [];
      for (const [name, spec] of matrix) {
        const { certificate, key } = await issue(name, spec);
        const port = await freePort();
        ports.set(name, port);
        sites.push(`server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certificate}; ssl_certificate_key ${key}; return 200 "${name}"; }`);
      }
      const configuration = join(folder, 'nginx.conf');
      writeFileSync(configuration, `
        daemon off; master_process off; pid ${join(folder, 'nginx.pid')}; error_log stderr notice; events { }
        http {
          access_log off; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers AES128-SHA:AES256-SHA:@SECLEVEL=0;
          ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join(' ')}
          ${sites.join('\n')}
        }`);
      server = await startDaemon(nginx, ['-p', folder, '-c', configuration], /using the "epoll" event method/);
    });
    after(() => server?.stop());

    for (const [name, , june2012, february2011] of matrix) {
      it(`${name}: ${june2012}${february2011 === june2012 ? '' : `, ${february2011} in February 2011`}`, async () => {
        for (const [build, expected] of [['4.0.7577.4100', june2012], ['4.0.7577.107', february2011]] as const) {
          const got = await get(build, ports.get(name) ?? 0);
          const checks = got instanceof StageFailure ? (got.facts['failedChecks'] as { rule: string }[] | undefined)?.map(({ rule }) => rule).join() ?? got.message : 'accepted';
          assert.equal(checks, expected, build);
          if (typeof got === 'string') assert.ok(got.endsWith(`\r\n\r\n${name}`));
        }
      });
    }
  });
});
