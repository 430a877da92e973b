import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { built } from './built.js';

const folder = resolve('examples/code');
const mocha = resolve('node_modules/mocha/bin/mocha.js');

/** What each example is run with, the status it ends with and what it prints. */
const runs: Record<string, { args?: string[]; mocha?: boolean; status: number; prints: RegExp }[]> = {
  'certificate-gate.mjs': [
    {
      args: ['examples/certificates/front-end-wildcard.pem', 'examples/certificates/root.pem', 'sip.mslync.net'], status: 1,
      prints: /^4\.0\.7577\.107 refuses it\n {2}sip\.mslync\.net is covered only by the wildcard .* \(observed\)\n4\.0\.7577\.4100 accepts it\n4\.0\.7577\.4463 accepts it\n$/,
    },
    { args: ['examples/certificates/front-end-wildcard.pem', 'examples/certificates/root.pem', 'lync.schertz.local'], status: 0, prints: /^(4\.[\d.]+ accepts it\n){3}$/ },
  ],
  'pool.test.mjs': [{ mocha: true, status: 0, prints: /First rollout\n(.*sip:alice|.*alice at contoso.*\n)+[^]*3 passing/ }],
  'own-profile.mjs': [{ status: 0, prints: /^4\.0\.7577\.9999: signedIn\nAlice Archer/ }],
  'own-certificate-policy.mjs': [
    { args: ['9000'], status: 1, prints: /^(4\.[\d.]+ failed The phone refused the certificate of lync\.contoso\.lab:443: The certificate is good for \d+ days; our rule wants 9000\.\n){3}$/ },
    { status: 0, prints: /^(4\.[\d.]+ signed-in \n){3}$/ },
  ],
  'sip-over-tls.mjs': [{ status: 0, prints: /^401 Unauthorized NTLM, Kerberos, TLS-DSK\nTLS to sip\.contoso\.lab, offering TLSv1\ncertificate of sip\.contoso\.lab accepted\n/ }],
  'live-rehearsal.mjs': [{ status: 0, prints: /^4\.0\.7577\.107 signed-in\n4\.0\.7577\.4463 signed-in\n$/ }],
};

// As a user of the package would, with the one that is built here.
describe('The examples in code', () => {
  const copies = mkdtempSync(join(tmpdir(), 'lpe-examples-'));
  after(() => { rmSync(copies, { recursive: true }); });

  it('are all run here', () => { assert.deepEqual(readdirSync(folder).sort(), Object.keys(runs).sort()); });

  for (const [file, ways] of Object.entries(runs)) {
    for (const way of ways) {
      it(`${[file, ...(way.args ?? []).map((each) => basename(each))].join(' ')} ends with status ${way.status}`, async () => {
        const copy = join(copies, file);
        writeFileSync(copy, readFileSync(join(folder, file), 'utf8')
          .replace("'lync-phone-emulator/mocha'", JSON.stringify(pathToFileURL(built('mocha.js')).href))
          .replace("'lync-phone-emulator/sip-transport'", JSON.stringify(pathToFileURL(built('sip-transport.js')).href))
          .replaceAll(/'(sip\.js\/.*)'/g, (_, path: string) => JSON.stringify(pathToFileURL(resolve('node_modules', path)).href))
          .replace("'lync-phone-emulator'", JSON.stringify(pathToFileURL(built('index.js')).href)));
        const args = [...(way.mocha === true ? [mocha, '--no-package'] : []), copy, ...way.args ?? []];
        const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
        let [out, err] = ['', ''];
        child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text; });
        child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text; });
        const [status] = await once(child, 'close') as [number];
        assert.equal(status, way.status, err + out);
        assert.match(out, way.prints);
      });
    }
  }
});
