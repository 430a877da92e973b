import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { certificateReportSchema, type CertificateReport } from '../../src/rehearsal/certificate-check.js';
import { issue, rsaKey, type CertificateWish, type Identity } from '../protocol/x509/issue.js';
import { chmodSync, readFileSync } from 'node:fs';
import { lpe, pem, WorkFolder } from './command-line.js';

const vectorFile = (name: string) => `test/vectors/certificate-files/${name}`;
const vector = (name: string) => readFileSync(vectorFile(name));

const names = ['lync.contoso.com', '*.contoso.com'];
/** Commands are there to be pasted, whole. */
const isCommand = (line: string) => /^ {4}\S+-CsCertificate /.test(line);

describe('lpe check', () => {
  let folder: WorkFolder;
  let good: string;
  let root: Identity;
  before(() => {
    folder = new WorkFolder();
    root = issue({ commonName: 'Contoso Root', ca: true, key: rsaKey('authority', 1024) });
    good = certificateFile('good.pem', {});
    folder.write('root.pem', pem('CERTIFICATE', root.der));
    folder.write('other.pem', pem('CERTIFICATE', issue({ commonName: 'Other Root', ca: true, key: rsaKey('other', 1024) }).der));
  });
  after(() => { folder.remove(); });

  function certificateFile(name: string, wish: CertificateWish): string {
    const certificate = issue({ commonName: 'lync.contoso.com', dnsNames: names, key: rsaKey('server'), issuer: root, ...wish });
    return folder.write(name, pem('CERTIFICATE', certificate.der));
  }

  const at = ['--at', '2012-07-01'];
  const check = async (file: string, ...args: string[]): Promise<CertificateReport> => {
    const { status, out, err } = await lpe(['check', file, ...(args.includes('--at') ? [] : at), ...args, '--json']);
    assert.equal(err, '');
    const report = certificateReportSchema.parse(JSON.parse(out));
    assert.equal(status, report.results.every(({ accepted }) => accepted) ? 0 : 1);
    return report;
  };
  const failed = (report: CertificateReport, firmware: string) => report.results.filter((result) => result.firmware === firmware)
    .flatMap(({ checks }) => checks.filter(({ passed }) => !passed).map(({ rule }) => rule));

  it('asks every build, for every host, and has each check of each', async () => {
    const report = await check(good, '--host', 'lync.contoso.com', '--host', 'sip.contoso.com');
    assert.deepEqual(report.certificate, {
      kind: 'certificate', subject: 'CN=lync.contoso.com', issuer: 'CN=Contoso Root', names, notBefore: '2011-07-02T00:00:00.000Z', notAfter: '2013-07-01T00:00:00.000Z',
      fingerprint256: report.certificate.fingerprint256,
    });
    assert.deepEqual(report.results.map(({ firmware, host, accepted }) => [host, firmware, accepted]), [
      ...['4.0.7400.0', '4.0.7577.107', '4.0.7577.4100', '4.0.7577.4363', '4.0.7577.4463', 'windows-lync-2010'].map((build) => ['lync.contoso.com', build, true]),
      ...['4.0.7400.0', '4.0.7577.107'].map((build) => ['sip.contoso.com', build, false]),
      ...['4.0.7577.4100', '4.0.7577.4363', '4.0.7577.4463', 'windows-lync-2010'].map((build) => ['sip.contoso.com', build, true]),
    ]);
    assert.deepEqual(failed(report, '4.0.7577.107'), ['name']);
    const rules = report.results.map(({ checks }) => checks.map(({ rule }) => rule).join());
    assert.deepEqual([...new Set(rules)].length, 1);
  });

  it('has status 0 when those that are asked accept, and asks each once', async () => {
    const report = await check(good, '--host', 'sip.contoso.com', '--firmware', '4.0.7577.4100', '--firmware', '4.0.7577.4100');
    assert.deepEqual(report.results.map(({ accepted }) => accepted), [true]);
  });

  it('judges trust by the roots given, and says that it does not without', async () => {
    const one = ['--host', 'lync.contoso.com', '--firmware', '4.0.7577.4100'];
    assert.deepEqual(failed(await check(good, ...one, '--roots', folder.file('root.pem')), '4.0.7577.4100'), []);
    assert.ok(failed(await check(good, ...one, '--roots', folder.file('other.pem')), '4.0.7577.4100').includes('trust'));
    assert.match((await lpe(['check', good, ...at, ...one])).out, /\n\nTrust is not judged: --roots gives the roots that the phone has learnt\.\n$/);
    assert.doesNotMatch((await lpe(['check', good, ...at, ...one, '--roots', folder.file('root.pem')])).out, /not judged/);
  });

  it("goes by the phone's clock", async () => {
    const report = await check(good, '--host', 'lync.contoso.com', '--firmware', '4.0.7577.107', '--at', '2014-01-01T09:00:00+01:00');
    assert.deepEqual(failed(report, '4.0.7577.107'), ['validity']);
  });

  it('has a verdict on EC keys and RSA-PSS', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ec = await check(certificateFile('ec.pem', { key: privateKey }), '--host', 'lync.contoso.com');
    assert.deepEqual(failed(ec, '4.0.7577.107'), ['key-type']);
    const pss = await check(certificateFile('pss.pem', { pss: true }), '--host', 'lync.contoso.com');
    assert.deepEqual(failed(pss, '4.0.7577.4100'), ['rsa-pss']);
  });

  it('prints the builds side by side, and each refusal once with its builds', async () => {
    const { status, out } = await lpe(['check', good, ...at, '--host', 'sip.contoso.com', '--roots', folder.file('root.pem')]);
    assert.equal(status, 1);
    const lines = out.split('\n');
    assert.ok(lines.every((line) => line.length <= 120 || isCommand(line)));
    assert.deepEqual(lines.slice(0, 7), [
      'Certificate  CN=lync.contoso.com',
      '  names      lync.contoso.com, *.contoso.com',
      '  issuer     CN=Contoso Root',
      '  valid      2011-07-02 to 2013-07-01',
      '',
      'Host sip.contoso.com',
      '                      4.0.7400.0  4.0.7577.107  4.0.7577.4100  4.0.7577.4363  4.0.7577.4463  windows-lync-2010',
    ]);
    assert.equal(lines.find((line) => line.startsWith('  name ')), '  name                FAIL        FAIL          pass           pass           pass           pass');
    const verdict = lines.findIndex((line) => line.startsWith('  verdict'));
    assert.deepEqual(lines.slice(verdict, -3), [
      '  verdict             REFUSES     REFUSES       accepts        accepts        accepts        accepts',
      '',
      '  name: 4.0.7400.0 (assumed); 4.0.7577.107 (observed)',
      '    sip.contoso.com is covered only by the wildcard *.contoso.com, which this build does not accept.',
      '',
      'To make all of them accept',
      '  - Spell out sip.contoso.com as a subject alternative name.',
    ]);
  });

  it('puts builds below each other where the terminal is narrow, and adds nothing but colour', async () => {
    const args = ['check', good, ...at, '--host', 'sip.contoso.com'];
    const narrow = await lpe(args, { width: 72 });
    assert.ok(narrow.out.split('\n').every((line) => line.length <= 72 || isCommand(line)), narrow.out);
    assert.equal(narrow.out.match(/^ {2}verdict/gm)?.length, 2);
    const plain = await lpe(args);
    const coloured = await lpe(args, { colour: true });
    assert.notEqual(coloured.out, plain.out);
    assert.equal(coloured.out.replace(/\u001b\[\d+m/g, '').replace(/ +$/gm, ''), plain.out);
  });

  describe('takes', () => {
    const certificateFiles: [what: string, file: string][] = [
      ['PEM', 'server.pem'], ['PKCS #12 of today', 'modern.pfx'], ['PKCS #12 as Windows wrote it for long', 'windows-2008.pfx'], ['PKCS #12 without a password', 'no-password.pfx'],
      ['PKCS #7, the root first', 'chain.p7b'],
    ];
    const now = ['--at', '2027-01-01', '--host', 'lync.contoso.com', '--firmware', '4.0.7577.4463', '--json'];
    for (const [what, file] of certificateFiles) {
      it(what, async () => {
        const { status, out, err } = await lpe(['check', vectorFile(file), ...now], { env: { LPE_PASSWORD: 'k3y-of-the-file' } });
        assert.deepEqual([status, err], [0, '']);
        const { certificate, change } = certificateReportSchema.parse(JSON.parse(out));
        assert.deepEqual([certificate.subject, certificate.names, certificate.kind, change], ['CN=lync.contoso.com, O=Contoso', names, 'certificate', null]);
      });
    }

    it('DER', async () => {
      const report = await check(folder.write('root.cer', root.der), '--host', 'lync.contoso.com');
      assert.equal(report.certificate.subject, 'CN=Contoso Root');
    });

    it('roots as PKCS #7', async () => {
      const { status } = await lpe(['check', vectorFile('server.pem'), ...now, '--roots', vectorFile('chain.p7b')]);
      assert.equal(status, 0);
    });

    it('the password of PKCS #12 from a file, and not without one, nor a wrong one; it is nowhere in what is printed', async () => {
      const from = (...more: string[]) => lpe(['check', vectorFile('modern.pfx'), ...now, ...more]);
      assert.equal((await from('--secret-file', folder.write('password', 'k3y-of-the-file\n'))).status, 0);
      const none = await from();
      assert.equal(none.status, 2);
      assert.match(none.err, /modern\.pfx is PKCS #12 with a password, and none was given\. \[usage\/no-secret\]/);
      const wrong = await from('--secret-file', folder.write('wrong', 'k3y-of-another'));
      assert.deepEqual([wrong.status, wrong.out], [2, '']);
      assert.match(wrong.err, /the password given does not open it\. \[certificate\/password\]/);
      assert.doesNotMatch(wrong.err, /k3y/);
      if (process.platform === 'win32') return;
      chmodSync(folder.file('password'), 0o644);
      assert.match((await from('--secret-file', folder.file('password'))).err, /can be read by others \(mode 644\)\. \[usage\/secret-file\]\nchmod 600 /);
    });

    for (const file of ['server.csr', 'server.csr.der']) {
      it(`a request, ${file}: what it decides is judged, the CA's part is left open`, async () => {
        const report = await check(vectorFile(file), '--host', 'sip.contoso.com', '--sip-domain', 'contoso.com');
        assert.deepEqual(report.certificate, {
          kind: 'request', subject: 'CN=lync.contoso.com, O=Contoso', names, issuer: null, notBefore: null, notAfter: null, fingerprint256: null,
        });
        assert.deepEqual([...new Set(report.results.flatMap(({ checks }) => checks.map(({ rule }) => rule)))], ['name', 'name-in-sip-domain', 'key-type', 'key-size', 'extended-key-usage']);
        assert.deepEqual(failed(report, '4.0.7577.107'), ['name']);
        assert.ok(['trust', 'validity', 'signature-hash', 'rsa-pss'].every((rule) => report.notJudged.some((open) => open === rule)));
        assert.match(report.change?.commands[0] ?? '', /-DomainName "lync\.contoso\.com,\*\.contoso\.com,sip\.contoso\.com"/);
      });
    }

    it('a request for a key that no phone takes: everything to change at once', async () => {
      const report = await check(vectorFile('ec.csr'), '--host', 'sip.contoso.com');
      assert.deepEqual(failed(report, '4.0.7577.4463'), ['name', 'key-type']);
      assert.deepEqual(report.change?.sentences, ['Spell out sip.contoso.com as a subject alternative name.', 'Make a new key: RSA with 2048 bits.']);
      assert.match(report.change.commands[0] ?? '', /-DomainName "sip\.contoso\.com" -KeySize 2048/);
      assert.match((await lpe(['check', vectorFile('ec.csr'), '--host', 'sip.contoso.com'])).out, /^Request {6}CN=lync\.contoso\.com$[^]*^A request says nothing of trust/m);
    });
  });

  describe('refuses', () => {
    const cases: [what: string, file: () => string, code: string, sentence: RegExp, hint?: RegExp][] = [
      ['a file that is not there', () => folder.file('none.pem'), 'unreadable', /none\.pem cannot be read: there is no such file or folder\./],
      ['a folder', () => folder.path, 'unreadable', /cannot be read: it is a folder\./],
      ['an empty file', () => folder.write('empty.pem', ''), 'unusable', /empty\.pem is empty\./],
      ['something else', () => folder.write('text.pem', 'hello'), 'unusable', /text\.pem holds no certificate: no line "-----BEGIN CERTIFICATE-----" was found\./],
      ['a key', () => folder.write('key.pem', rsaKey('server').export({ type: 'pkcs8', format: 'pem' })), 'unusable',
        /key\.pem holds no certificate but a private key\./, /^Give the file with the certificate/],
      ['a request that is none', () => folder.write('request.pem', pem('CERTIFICATE REQUEST', Buffer.of(0x30, 0))), 'unusable', /is no usable certificate request/],
      ['PKCS #7 that is none', () => folder.write('chain.p7b', pem('PKCS7', Buffer.of(0x30, 0))), 'unusable', /is no usable PKCS #7\./],
      ['bytes that are nothing', () => folder.write('root.cer', root.der.subarray(0, 100)), 'unusable', /is binary and no certificate, request, PKCS #7 or PKCS #12\./],
      ['PKCS #7 as DER that is cut off', () => folder.write('chain.p7', Buffer.from('300b06092a864886f70d010702', 'hex')), 'unusable', /is binary and no certificate/],
      ['PKCS #12 that is cut off', () => folder.write('all.pfx', vector('modern.pfx').subarray(0, 900)), 'unusable', /is PKCS #12 of a kind that cannot be read\./, /openssl pkcs12 -nokeys/],
      ['a certificate that is cut off', () => folder.write('cut.pem', pem('CERTIFICATE', root.der).slice(0, 300)), 'unusable',
        /cut\.pem begins 1 certificate and ends 0: it is cut off, or holds characters that are not Base64\./],
      ['a second certificate that is cut off', () => folder.write('cut2.pem', pem('CERTIFICATE', root.der) + pem('CERTIFICATE', root.der).slice(0, 300)), 'unusable',
        /cut2\.pem begins 2 certificates and ends 1:/],
      ['a certificate that is half there', () => folder.write('half.pem', pem('CERTIFICATE', root.der.subarray(0, 200))), 'unusable',
        /half\.pem is no usable PEM file\. Certificate 1 of 1 in the PEM text cannot be read\./],
    ];
    for (const [what, file, code, sentence, hint] of cases) {
      it(what, async () => {
        const { status, out, err } = await lpe(['check', file(), '--host', 'sip.contoso.com']);
        assert.deepEqual([status, out], [2, '']);
        const [first, second = ''] = err.split('\n');
        assert.match(first ?? '', sentence);
        assert.ok(first?.endsWith(` [certificate/${code}]`), first);
        assert.match(second, hint ?? /^(?:Export it|Name the file)/);
      });
    }

    for (const [args, sentence] of [
      [[], /^lpe: Required option '--host <name>' not specified\. \[usage\//],
      [['--host', ''], /'--host <name>' argument '' is invalid\. It takes a name as phones look it up/],
      [['--host', 'https://lync.contoso.com/'], /argument 'https:\/\/lync\.contoso\.com\/' is invalid/],
      [['--host', '*.contoso.com'], /argument '\*\.contoso\.com' is invalid/],
      [['--host', 'a', '--at', 'yesterday'], /'--at <time>' argument 'yesterday' is invalid\. It takes ISO 8601/],
      [['--host', 'a', '--at', '2012-02-31'], /'2012-02-31' is invalid/],
      [['--host', 'a', '--service', 'lync'], /'lync' is invalid\. Allowed choices are web, sip, exchange, update\./],
      [['--host', 'a', '--firmware', '4'], /no firmware profile for the build "4"; known are .* \[profile\/unknown-build\]/],
      [['--host', 'a', '--roots', 'none.pem'], /none\.pem cannot be read: .* \[certificate\/unreadable\]/],
    ] as const) {
      it(`"${args.join(' ')}"`, async () => {
        const { status, out, err } = await lpe(['check', good, ...args]);
        assert.deepEqual([status, out], [2, '']);
        assert.match(err, sentence);
      });
    }
  });

  it('reads UTF-16, as Windows PowerShell redirects it', async () => {
    const file = folder.write('utf16.pem', Buffer.from(`\ufeff${pem('CERTIFICATE', root.der)}`, 'utf16le'));
    assert.equal((await check(file, '--host', 'lync.contoso.com')).certificate.subject, 'CN=Contoso Root');
  });

  it('takes IP addresses and names outside ASCII', async () => {
    const report = await check(good, '--host', '10.0.0.10', '--host', 'bücher.contoso.com', '--firmware', '4.0.7577.4100');
    assert.deepEqual(report.results.map(({ host }) => host), ['10.0.0.10', 'bücher.contoso.com']);
  });
});
