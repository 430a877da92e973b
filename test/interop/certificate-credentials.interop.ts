import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEnvelope } from '../../src/protocol/soap/envelope.js';
import { xml } from '../../src/protocol/soap/markup.js';
import { writeCertificateCredentials } from '../../src/protocol/webticket/certificate-credentials.js';
import { testIdentity } from '../test-identity.js';
import { programOrSkip } from './debian-program.js';

describe('xmlsec1 on a web ticket request signed by a client certificate', () => {
  before(function () { programOrSkip(this, 'xmlsec1', 'xmlsec1'); });

  it('verifies the signature, and not when the Timestamp was changed', () => {
    const { certificate, privateKeyPem } = testIdentity('alice@contoso.lab');
    const request = writeEnvelope(xml`<a/>`, writeCertificateCredentials({ certificate: new X509Certificate(certificate), privateKeyPem, now: Date.UTC(2013, 4, 1) }));
    const folder = mkdtempSync(join(tmpdir(), 'lpe-xmlsec-'));
    try {
      const verify = (text: string) => {
        writeFileSync(join(folder, 'request.xml'), text);
        return spawnSync('xmlsec1', ['--verify', '--pubkey-cert-pem', 'alice.pem', '--id-attr:Id', 'Timestamp', 'request.xml'], { cwd: folder, encoding: 'utf8' });
      };
      writeFileSync(join(folder, 'alice.pem'), new X509Certificate(certificate).toString());
      const good = verify(request);
      assert.equal(good.status, 0, good.stderr);
      assert.notEqual(verify(request.replace('T00:05:00Z', 'T01:05:00Z')).status, 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
