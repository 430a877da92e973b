import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createPublicKey } from 'node:crypto';
import { imageSigningKey } from '../../src/lab/web/image-signing-key.js';
import type { Lab } from '../../src/lab/lab.js';
import { smallTopology } from '../lab/small-topology.js';
import { programOrSkip } from './debian-program.js';
import { startLab } from '../start-lab.js';

const run = promisify(execFile);

describe('curl and openssl at the update service of the lab', () => {
  let lab: Lab;
  let folder: string;
  before(async function () {
    for (const program of ['curl', 'openssl', 'xmllint']) programOrSkip(this, program, program === 'xmllint' ? 'libxml2-utils' : program);
    lab = await startLab({ ...smallTopology(), updates: { rules: [{ model: 'CX600', approvedVersion: '4.0.7577.4100' }], testDevices: [], store: 'http' } });
    folder = mkdtempSync(join(tmpdir(), 'lpe-update-'));
    writeFileSync(join(folder, 'roots.pem'), lab.rootCertificates().map(({ pem }) => pem).join(''));
  });
  after(async () => {
    if (folder) rmSync(folder, { recursive: true });
    await lab?.close();
  });

  const request = '<ImageUpdateRequest><DeviceType>UCPhone</DeviceType><Model>CX600</Model><Modules/></ImageUpdateRequest>';
  const curl = async (...args: string[]) => {
    const ports = lab.services.filter(({ fqdn, service }) => fqdn === 'lync.contoso.lab' && (service === 'http' || service === 'https'));
    const connect = ports.flatMap(({ declared, port }) => ['--connect-to', `lync.contoso.lab:${declared.port}:127.0.0.1:${port}`]);
    const tls = ['--cacert', join(folder, 'roots.pem'), '--tlsv1.0', '--ciphers', 'DEFAULT:@SECLEVEL=0'];
    return (await run('curl', ['--silent', '--show-error', '--noproxy', '*', ...tls, ...connect, ...args])).stdout;
  };

  for (const url of ['http://lync.contoso.lab/RequestHandler/ucdevice.upx', 'https://lync.contoso.lab/RequestHandler/ucdevice.upx']) {
    it(`curl is offered the approved build at ${new URL(url).protocol}, in XML that xmllint reads`, async () => {
      const file = join(folder, 'answer.xml');
      await curl('--fail', '--data', request, '--output', file, url);
      const { stdout } = await run('xmllint', ['--xpath', 'string(//*[local-name()="Module"]/@Version)', file]);
      assert.equal(stdout.trim(), '4.0.7577.4100');
    });
  }

  it('curl fetches the image, and openssl verifies its signature', async () => {
    const base = 'http://lync.contoso.lab/RequestHandler/Files/UCPhone/Polycom/CX600/A/ENU/4.0.7577.4100';
    for (const name of ['CPE.nbt', 'CPE.cat']) await curl('--fail', '--output', join(folder, name), `${base}/${name}`);
    assert.match(readFileSync(join(folder, 'CPE.nbt'), 'latin1'), /version 4\.0\.7577\.4100/);
    writeFileSync(join(folder, 'key.pem'), createPublicKey(imageSigningKey).export({ type: 'spki', format: 'pem' }));
    const { stdout } = await run('openssl', ['dgst', '-sha256', '-verify', join(folder, 'key.pem'), '-signature', join(folder, 'CPE.cat'), join(folder, 'CPE.nbt')]);
    assert.equal(stdout.trim(), 'Verified OK');
  });

  it('the external address refuses an anonymous device with 401, and takes one with NTLM', async () => {
    const url = 'https://lync.contoso.lab/RequestHandlerExt/ucdevice.upx';
    const status = (...args: string[]) => curl('--output', join(folder, 'external.xml'), '--write-out', '%{http_code}', '--data', request, ...args, url);
    assert.equal(await status(), '401');
    assert.equal(await status('--ntlm', '--user', String.raw`CONTOSO\alice:lab-password-alice`), '200');
    assert.match(readFileSync(join(folder, 'external.xml'), 'utf8'), /4\.0\.7577\.4100/);
    assert.equal(await status('--ntlm', '--user', String.raw`CONTOSO\alice:wrong`), '401');
  });
});
