import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSummary } from '../../src/lab/lab-summary.js';
import { smallTopology } from './small-topology.js';
import { startLab } from '../start-lab.js';

describe('the summary of a lab', () => {
  it('holds what someone needs to use it', async () => {
    await using lab = await startLab(smallTopology());
    const { services, rootCertificates, ...rest } = lab.summary();
    assert.deepEqual(rest, {
      schema: 1, name: 'small',
      users: [{
        sipUri: 'sip:alice@contoso.lab', account: String.raw`CONTOSO\alice`, password: 'lab-password-alice', lineUri: 'tel:+15550100;ext=100', pin: '482135790264',
      }],
    });
    assert.deepEqual(services.map(({ service, fqdn, transport, tls }) => [service, fqdn, transport, tls]), [
      ['registrar', 'lync.contoso.lab', 'tcp', true], ['https', 'lync.contoso.lab', 'tcp', true], ['http', 'lync.contoso.lab', 'tcp', false],
      ['directory', 'dc.contoso.lab', 'tcp', false], ['dns', 'dc.contoso.lab', 'udp', false], ['dhcp', 'dc.contoso.lab', 'udp', false],
    ]);
    assert.ok(services.every(({ address, port }) => address === '127.0.0.1' && port > 0));
    assert.deepEqual(rootCertificates, lab.rootCertificates());
  });

  it('is written whole, for its owner only, with the root beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lpe-lab-'));
    try {
      await using lab = await startLab(smallTopology());
      const { rootCertificates, ...summary } = lab.summary();
      const control = { url: 'http://127.0.0.1:1', token: 'secret' };
      writeSummary(lab.summary(), control, join(folder, 'lab.json'));
      const rootCertificate = join(folder, 'lab.root.pem');
      assert.deepEqual(JSON.parse(readFileSync(join(folder, 'lab.json'), 'utf8')), { ...summary, rootCertificate, control });
      assert.equal(readFileSync(rootCertificate, 'utf8'), rootCertificates[0]?.pem);
      assert.equal(new X509Certificate(readFileSync(rootCertificate)).subject, 'CN=Contoso Root');
      assert.equal(statSync(join(folder, 'lab.json')).mode & 0o777, 0o600);
      assert.deepEqual(readdirSync(folder).sort(), ['lab.json', 'lab.root.pem']);
      assert.throws(() => { writeSummary(lab.summary(), control, join(folder, 'nowhere', 'lab.json')); }, { code: 'output/unwritable' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
