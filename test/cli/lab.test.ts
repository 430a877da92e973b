import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { ExitStatus } from '../../src/cli/io.js';
import { labFileSchema } from '../../src/lab/lab-summary.js';
import { freePort } from '../interop/debian-program.js';
import { contoso, lpe, WorkFolder } from './command-line.js';

describe('lpe lab', () => {
  let folder: WorkFolder;
  before(() => {
    folder = new WorkFolder();
    folder.topology();
  });
  after(() => { folder.remove(); });

  /** Runs a lab until it says that it runs; then calls `look`, and interrupts. */
  async function running(args: readonly string[], look: () => void = () => {}): Promise<{ status: ExitStatus; out: string; err: string }> {
    const interrupt = new AbortController();
    return lpe(['lab', ...args], {
      signal: interrupt.signal,
      out: (text) => {
        if (!text.includes('Ctrl-C ends it')) return;
        try { look(); } finally { interrupt.abort(); }
      },
    });
  }

  it('runs until Ctrl-C, with status 0, and writes where everything is', async () => {
    const file = folder.file('lab.json');
    const { status, out, err } = await running([folder.file('contoso.yaml'), '--json', file], () => {
      const lab = labFileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      assert.match(readFileSync(lab.rootCertificate, 'utf8'), /^-----BEGIN CERTIFICATE-----/);
      assert.deepEqual(lab.users[0]?.pin, '48213');
    });
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^ {2}registrar {4}lync\.contoso\.lab +127\.0\.0\.1:\d+$/m);
    assert.match(out, /\nRunning\. Ctrl-C ends it\.\nStopping\.\n$/);
    assert.deepEqual(readdirSync(folder.path).sort(), ['contoso.yaml', 'lab.json', 'lab.root.pem']);
  });

  it('listens on a port it is told, and says so when it is taken, with status 3', async () => {
    const port = await freePort();
    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const args = [folder.file('contoso.yaml'), '--port', `lync.contoso.lab/registrar=${port}`];
    const refused = await running(args);
    assert.deepEqual(refused, {
      status: 3, out: '',
      err: `lpe: The registrar service of lync.contoso.lab could not listen on 127.0.0.1:${port}: another program uses that port. [lab/port-in-use]\nName another port with --port, or none: a free one is taken then.\n`,
    });
    taken.close();
    await once(taken, 'close');
    assert.match((await running(args)).out, new RegExp(`registrar +lync\\.contoso\\.lab +127\\.0\\.0\\.1:${port}\n`));
  });

  it('warns of names that lead nowhere, and runs', async () => {
    const { status, err } = await running([folder.topology('nowhere.yaml', { dns: [] })]);
    assert.equal(status, 0);
    assert.match(err, /^Warning: DHCP option 43 names lync\.contoso\.lab, whose A record leads to no server with web services\.\n/);
  });

  const { certificates: { 'front-end': frontEnd }, servers } = contoso();
  for (const [what, args, status, sentence] of [
    ['an unknown certificate', { servers: [{ ...servers[0], web: { certificate: 'iis' } }] }, 2, /at servers\.0\.web\.certificate: there is no certificate "iis"; declared are front-end\. \[topology\/unknown-certificate\]/],
    ['two services at one port', { servers: [...servers, { fqdn: 'b', address: '10.0.0.2', dns: {} }] }, 2, /already taken by servers\.1\.dns\.port\. \[topology\/duplicate-port\]/],
    ['a certificate that cannot be made', { certificates: { 'front-end': { ...frontEnd, ipAddresses: ['::1'] } } }, 2, /\[pkcs\/ip-address\]/],
    ['an address that is none', ['--bind', 'nonsense'], 2, /'--bind <address>' argument 'nonsense' is invalid\. It takes an IPv4 address/],
    ['an advertised name', ['--advertise', 'host.contoso.lab'], 2, /It takes an IPv4 address/],
    ['an address of another machine', ['--bind', '192.0.2.1'], 3, /could not listen on 192\.0\.2\.1:0: .* \[lab\/cannot-listen\]/],
    ['a port for nothing', ['--port', 'lync.contoso.lab/imap=143'], 2, /This topology has no service lync\.contoso\.lab\/imap; it has lync\.contoso\.lab\/registrar, .* \[usage\/unknown-service\]/],
    ['a port that is none', ['--port', 'lync.contoso.lab/registrar=65536'], 2, /It takes server, service and port/],
    ['a file in a folder that is not there', ['--json', 'none/lab.json'], 2, /none\/lab\.json cannot be written: there is no such file or folder\. \[output\/unwritable\]/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const given = Array.isArray(args) ? [folder.file('contoso.yaml'), ...args as readonly string[]] : [folder.topology('wrong.yaml', args)];
      const outcome = await running(given);
      assert.deepEqual([outcome.status, outcome.out], [status, '']);
      assert.match(outcome.err, sentence);
    });
  }
});
