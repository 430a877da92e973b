import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthorities, type CertificateAuthority } from '../../src/lab/certificate-authority.js';
import { certificatesPem } from '../../src/lab/pem.js';
import { authoritySchema, certificateSchema } from '../../src/lab/topology-schema.js';
import { usedKeys } from '../start-lab.js';
import { programOrSkip } from './debian-program.js';

describe('openssl verify -x509_strict on the lab\'s certificates', () => {
  let folder: string;
  let authorities: Map<string, CertificateAuthority>;
  before(async function () {
    programOrSkip(this, 'openssl', 'openssl');
    folder = mkdtempSync(join(tmpdir(), 'lpe-certificates-'));
    const authority = (spec: object) => authoritySchema.parse({ hash: 'sha256', ...spec });
    authorities = await createAuthorities({ root: authority({ commonName: 'Root', pathLength: 1 }), issuing: authority({ commonName: 'Issuing', issuer: 'root' }) }, Date.now());
  });
  after(() => { if (folder) rmSync(folder, { recursive: true }); });

  async function verify(spec: object, ...options: string[]): Promise<string> {
    const parsed = certificateSchema.parse({ commonName: 'pool.contoso.lab', subjectAlternativeNames: ['pool.contoso.lab'], issuer: 'issuing', hash: 'sha256', ...spec });
    const { leaf, chain } = authorities.get('issuing')!.issueServer(parsed, await usedKeys()(parsed), Date.now());
    const file = (name: string, ...certificates: Buffer[]) => {
      writeFileSync(join(folder, name), certificatesPem(...certificates));
      return join(folder, name);
    };
    const { stdout, stderr } = spawnSync('openssl', [
      'verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', file('root.pem', authorities.get('root')!.certificate),
      ...(chain.length > 1 ? ['-untrusted', file('sent.pem', ...chain.slice(1))] : []), ...options, file('leaf.pem', leaf),
    ]);
    return `${stdout.toString()}${stderr.toString()}`;
  }

  for (const [what, spec] of [['RSA, PKCS #1', {}], ['RSA-PSS', { signature: 'rsa-pss' }], ['an EC key', { keyType: 'ec' }]] as const) {
    it(`accepts ${what}`, async () => { assert.match(await verify(spec, '-verify_hostname', 'pool.contoso.lab'), /leaf\.pem: OK/); });
  }
  it('refuses what was made wrong', async () => {
    assert.match(await verify({}, '-verify_hostname', 'sip.contoso.lab'), /hostname mismatch/i);
    assert.match(await verify({ notAfter: '2012-01-01T00:00:00Z', notBefore: '2011-01-01T00:00:00Z' }), /certificate has expired/);
    assert.match(await verify({ extendedKeyUsage: ['clientAuth'] }), /unsuitable certificate purpose|unsupported certificate purpose/);
    assert.match(await verify({ sendChain: false }), /unable to get local issuer certificate/);
  });
});
