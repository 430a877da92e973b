import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { probeReportSchema } from '../../src/rehearsal/survey/probe-report.js';
import { issue, rsaKey, serverAuth } from '../protocol/x509/issue.js';
import { lpe, pem, WorkFolder } from './command-line.js';

describe('lpe probe', () => {
  let folder: WorkFolder;
  let server: Server;
  let to: string[];
  before(async () => {
    folder = new WorkFolder();
    const root = issue({ commonName: 'Contoso Root', ca: true, key: rsaKey('authority'), notAfter: Date.now() + 1e9 });
    const { der, privateKey } = issue({ commonName: 'pool', dnsNames: ['*.contoso.com'], key: rsaKey('server'), issuer: root, extendedKeyUsage: [serverAuth], notAfter: Date.now() + 1e9 });
    folder.write('root.pem', pem('CERTIFICATE', root.der));
    server = createServer({ cert: pem('CERTIFICATE', der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }), ciphers: 'ALL:@SECLEVEL=0', minVersion: 'TLSv1' }, (socket) => { socket.on('error', () => undefined); });
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    to = ['--interface', '127.0.0.1', '--connect-to', `sip.contoso.com:5061:127.0.0.1:${(server.address() as AddressInfo).port}`];
  });
  after((done) => {
    folder.remove();
    server.close(done);
  });

  it('has status 0 where all that are asked accept, and tells its progress to whoever watches', async () => {
    const { status, out, err } = await lpe(['probe', 'sip.contoso.com', ...to, '--firmware', '4.0.7577.4100', '--roots', folder.file('root.pem')], { interactive: true });
    assert.equal(status, 0);
    assert.match(out, /^sip\.contoso\.com:5061 \(127\.0\.0\.1:\d+\), as sip, for the name sip\.contoso\.com$/m);
    assert.match(out, /^ {2}accept {3}4\.0\.7577\.4100$/m);
    assert.match(err, /^sip\.contoso\.com:5061 TLS 1\.0 alone \.\.\.$/m);
  });

  it('has status 1 where some refuse, or a server is not there; JSON has them all', async () => {
    const { status, out, err } = await lpe(['probe', 'sip.contoso.com:5061', '127.0.0.1:1', ...to, '--host', 'sip.contoso.com', '--json']);
    assert.deepEqual([status, err], [1, '']);
    const { endpoints: [first, second] } = probeReportSchema.parse(JSON.parse(out));
    assert.ok(first !== undefined);
    assert.ok(first.refusing.includes('4.0.7577.107') && first.accepting.includes('windows-lync-2010'));
    assert.ok(first.results.every(({ checks }) => checks.every(({ rule }) => rule !== 'trust')), 'without roots trust is left open');
    assert.deepEqual([second?.service, second?.host], ['web', 'sip.contoso.com']);
    assert.match(second?.unreachable ?? '', /refused port 1/);
  });

  for (const [args, sentence] of [
    [[], /Missing required argument 'server'/],
    [['https://sip.contoso.com'], /is invalid for argument 'server'\. It takes a name/],
    [['sip.contoso.com:70000'], /70000 is no port/],
    [['[2001:db8::1]:443'], /Phones know IPv4 only: it takes a name or an IPv4 address\./],
    [['2001:db8::1'], /Phones know IPv4 only/],
    [['sip.contoso.com', '--connect-to', 'sip.contoso.com'], /It takes HOST:PORT:ADDRESS:PORT, for instance sip\.contoso\.com:5061:192\.0\.2\.10:5061; either port may be empty\./],
    [['sip.contoso.com', '--timeout', '0'], /It takes seconds/],
    [['sip.contoso.com', '--service', 'ldap'], /Allowed choices are web, sip, exchange, update/],
    [['sip.contoso.com', '--interface', 'nowhere0'], /no interface nowhere0/],
  ] as const) {
    it(`says what is wrong with "${args.join(' ')}"`, async () => {
      const { status, out, err } = await lpe(['probe', ...args]);
      assert.deepEqual([status === 0, out], [false, '']);
      assert.match(err, sentence);
    });
  }
});
