import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateReportSchema, type CertificateReport } from '../../src/rehearsal/certificate-check.js';
import { lpe } from '../cli/command-line.js';
import { programOrSkip } from './debian-program.js';

const hosts = ['sip.contoso.com', 'lync.contoso.com'];

describe('lpe check with what openssl makes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lpe-files-'));
  const file = (name: string) => join(folder, name);
  let openssl: string;
  before(function () {
    openssl = programOrSkip(this, 'openssl', 'openssl');
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-subj', '/CN=Contoso Root', '-days', '30', '-keyout', file('root.key'), '-out', file('root.pem'));
  });
  after(() => { rmSync(folder, { recursive: true }); });

  function run(...args: string[]): void {
    const { status, stderr } = spawnSync(openssl, args, { encoding: 'utf8' });
    assert.equal(status, 0, stderr);
  }
  /** A request, and the certificate that the CA makes of it, as `NAME.csr` and `NAME.pem`. */
  function order(name: string, key: string[], names: string): void {
    run('req', '-new', ...key, '-nodes', '-keyout', file(`${name}.key`), '-subj', '/CN=lync.contoso.com', '-addext', `subjectAltName=${names}`, '-addext', 'extendedKeyUsage=serverAuth', '-out', file(`${name}.csr`));
    run('x509', '-req', '-in', file(`${name}.csr`), '-CA', file('root.pem'), '-CAkey', file('root.key'), '-CAcreateserial', '-days', '30', '-sha1', '-copy_extensions', 'copy', '-out', file(`${name}.pem`));
  }
  async function check(name: string, env = {}): Promise<CertificateReport> {
    const { out, err } = await lpe(['check', file(name), ...hosts.flatMap((host) => ['--host', host]), '--sip-domain', 'contoso.com', '--service', 'web', '--roots', file('root.pem'),
      '--firmware', '4.0.7577.107', '--firmware', '4.0.7577.4463', '--firmware', 'windows-lync-2010', '--json'], { env });
    assert.equal(err, '');
    return certificateReportSchema.parse(JSON.parse(out));
  }

  it('the change that it proposes for a request is enough for the next one, and for the certificate that comes of it', async () => {
    order('first', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'DNS:*.contoso.com');
    const { change } = await check('first.csr');
    assert.equal(change?.sentences.length, 2, JSON.stringify(change));
    const [, names = '', bits = ''] = /-DomainName "([^"]*)" -KeySize (\d+)/.exec(change.commands[0] ?? '') ?? [];
    order('second', ['-newkey', `rsa:${bits}`], names.split(',').map((name) => `DNS:${name}`).join(','));
    assert.equal((await check('second.csr')).change, null);
    const certificate = await check('second.pem');
    assert.deepEqual([certificate.change, certificate.results.filter(({ accepted }) => !accepted)], [null, []]);
  });

  it('PKCS #12 of every cipher that openssl still writes', async () => {
    order('server', ['-newkey', 'rsa:2048'], 'DNS:sip.contoso.com,DNS:lync.contoso.com');
    const ways = [[], ['-legacy'], ['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES', '-macalg', 'sha1'], ['-certpbe', 'AES-128-CBC'], ['-certpbe', 'NONE'], ['-macalg', 'sha512']];
    for (const way of ways) {
      run('pkcs12', '-export', '-in', file('server.pem'), '-inkey', file('server.key'), '-certfile', file('root.pem'), '-passout', 'pass:s3cret', '-out', file('server.pfx'), ...way);
      const report = await check('server.pfx', { LPE_PASSWORD: 's3cret' });
      assert.deepEqual([report.certificate.subject, report.change], ['CN=lync.contoso.com', null], way.join(' '));
    }
  });

  it('PKCS #7 as PEM, and DER', async () => {
    run('crl2pkcs7', '-nocrl', '-certfile', file('root.pem'), '-certfile', file('server.pem'), '-out', file('chain.p7b'));
    run('x509', '-in', file('server.pem'), '-outform', 'der', '-out', file('server.cer'));
    for (const name of ['chain.p7b', 'server.cer']) assert.equal((await check(name)).certificate.subject, 'CN=lync.contoso.com');
  });
});
