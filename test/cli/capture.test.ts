import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import type { Lab } from '../../src/lab/lab.js';
import { loadTopology } from '../../src/lab/topology.js';
import { smallTopology } from '../lab/small-topology.js';
import { livePlan, liveSecrets } from '../rehearsal/live-lab.js';
import { startLab } from '../start-lab.js';
import { freePort } from '../interop/debian-program.js';
import { lpe, WorkFolder, type Outcome } from './command-line.js';

const phones = ['4.0.7577.107', '4.0.7577.4463'].flatMap((firmware) => ['pin', 'tethered'].map((signIn) => ({ firmware, signIn })));

// A lab that the rehearsal knows nothing of but its addresses stands in for somebody's servers.
describe('lpe capture', () => {
  const folder = new WorkFolder();
  const file = folder.file('captured.yaml');
  let lab: Lab;
  let captured: Outcome;

  const capture = (at: Lab, output: string, change: object = {}) => lpe(['capture', livePlan(folder.path, at, { phones, ...change }), '-o', output], { env: liveSecrets });

  before(async () => {
    lab = await startLab(smallTopology());
    captured = await capture(lab, file);
  });
  after(async () => { await lab.close(); folder.remove(); });

  it('writes what phones found as a topology at which they come to the same', () => {
    const { status, out, err } = captured;
    assert.equal(status, 0, out + err);
    assert.match(out, /4 cells compared: 0 worse, 0 better, 0 otherwise changed, 4 the same\.\n$/);
    assert.match(out, /^Policies of the servers do not show from outside/m);
    const text = readFileSync(file, 'utf8');
    const { authorities, certificates, servers, dhcp, users, dns } = loadTopology(file);
    const { notBefore, notAfter, ...certificate } = certificates['lync-contoso-lab'] ?? {};
    assert.deepEqual(certificate, { ...smallTopology().certificates['pool'], issuer: 'contoso-issuing' });
    assert.ok(Date.parse(notBefore ?? '') < Date.now() && Date.parse(notAfter ?? '') > Date.now());
    assert.deepEqual(Object.values(authorities).map(({ commonName, issuer, keyBits }) => [commonName, issuer, keyBits]), [['Contoso Issuing', 'contoso-root', 1024], ['Contoso Root', undefined, 1024]]);
    assert.deepEqual(servers.map(({ fqdn, registrar, web, directory }) => [fqdn, registrar?.port, web?.httpsPort, web?.httpPort, directory?.publishedRoots]), [
      ['lync.contoso.lab', 5061, 443, 80, undefined], ['name-server.contoso.lab', undefined, undefined, undefined, ['contoso-root']],
    ]);
    assert.deepEqual([dhcp.option43?.webServerFqdn, dhcp.option120, dhcp.domainName], ['lync.contoso.lab', 'lync.contoso.lab', 'contoso.lab']);
    assert.ok(dns.some((record) => record.type === 'SRV' && record.name === '_sipinternaltls._tcp.contoso.lab' && record.target === 'lync.contoso.lab' && record.port === 5061));
    assert.deepEqual(users.map(({ sipUri, account }) => [sipUri, account]), [['sip:alice@contoso.lab', String.raw`CONTOSO\alice`]]);
    for (const secret of Object.values(liveSecrets)) assert.ok(!text.includes(secret));
  });

  it('lets a change to a certificate be tried without the servers', async () => {
    const edited = folder.write('edited.yaml', readFileSync(file, 'utf8').replace('commonName: lync.contoso.lab', 'commonName: pool.contoso.lab').replace('      - lync.contoso.lab', "      - '*.contoso.lab'"));
    const { status, out } = await lpe(['compare', file, edited]);
    assert.equal(status, 1);
    assert.match(out, /^ {2}CX600 4\.0\.7577\.107, PIN at edited\.yaml: signed in -> FAILED at webTicket$/m);
    assert.doesNotMatch(out, /CX600 4\.0\.7577\.4\d+, .*FAILED/);
  });

  it('writes down servers that turn phones away, so that the lab does, too', async () => {
    const topology = smallTopology();
    const [front] = topology.servers;
    assert.ok(front?.registrar !== undefined && topology.certificates['pool'] !== undefined);
    front.registrar.minimumTls = 'TLSv1.2';
    Object.assign(topology.policy, { UseNtlmForClientToProxyAuth: false });
    const refusing = await startLab(topology);
    try {
      const output = folder.file('refusing.yaml');
      const { status, out, err } = await capture(refusing, output, { phones: [{ firmware: '4.0.7577.4463', signIn: 'tethered' }] });
      assert.match(out, /FAILED at connecting/);
      assert.equal(status, 0, out + err);
      assert.equal(loadTopology(output).servers[0]?.registrar?.minimumTls, 'TLSv1.2');
      assert.match(readFileSync(output, 'utf8'), /No phone saw this certificate: all of it is assumed\./);
    } finally {
      await refusing.close();
    }
  });

  it('writes what was found so far when Ctrl-C comes, with status 3', async () => {
    const interrupt = new AbortController();
    const output = folder.file('interrupted.yaml');
    const { status, out } = await lpe(['capture', livePlan(folder.path, lab, { phones: [{ firmware: '4.0.7577.107', signIn: 'pin' }, { firmware: '4.0.7577.4463', signIn: 'pin' }] }), '-o', output], {
      env: liveSecrets, interactive: true, signal: interrupt.signal, err: (text) => { if (text.startsWith('[1/2]')) interrupt.abort(); },
    });
    assert.equal(status, 3);
    assert.doesNotMatch(out, /At a lab of it/);
    assert.equal(loadTopology(output).certificates['lync-contoso-lab']?.commonName, 'lync.contoso.lab');
  });

  it('captures servers only, and one target at a time', async () => {
    const { status, err } = await lpe(['capture', 'examples/plans/first-rollout.yaml', '-o', folder.file('none.yaml')]);
    assert.equal(status, 2);
    assert.match(err, /^lpe: The plan First rollout has no live target, so there are no servers to capture\. \[plan\/no-live-target\]\n/);
    const plan = livePlan(folder.path, lab, {});
    assert.match((await lpe(['capture', plan, '-o', plan])).err, /\[output\/same-file\]/);
  });

  it('writes nothing where phones found nothing', async () => {
    const nowhere = { live: { dnsServer: `127.0.0.1:${await freePort()}`, connectTo: [], dhcpOptions: {} }, phones: [{ firmware: '4.0.7577.4463', signIn: 'tethered' }] };
    const { status, err } = await capture(lab, folder.file('nothing.yaml'), nowhere);
    assert.equal(status, 2);
    assert.match(err, /^lpe: No phone found anything at pool, so there is nothing to write\. \[rehearsal\/nothing-seen\]\n/);
    assert.ok(!existsSync(folder.file('nothing.yaml')));
  });
});
