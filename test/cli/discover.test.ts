import assert from 'node:assert/strict';
import { discoveryReportSchema } from '../../src/rehearsal/survey/discovery-report.js';
import { freePort } from '../interop/debian-program.js';
import { lpe, WorkFolder } from './command-line.js';

describe('lpe discover', () => {
  let folder: WorkFolder;
  before(() => { folder = new WorkFolder(); });
  after(() => { folder.remove(); });

  it('looks up what a lab tells; status 0', async () => {
    const { status, out, err } = await lpe(['discover', 'contoso.lab', '--lab', folder.topology()]);
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^The certificate of 10\.0\.0\.10 must carry, each as a subject alternative name$/m);
  });

  it('prints JSON, with status 1 when a build asked finds no registrar', async () => {
    const { status, out } = await lpe(['discover', 'fabrikam.lab', '--lab', folder.topology('bare.yaml', { dhcp: { domainName: 'contoso.lab', option43: null, option120: 'gone.fabrikam.lab' } }),
      '--firmware', '4.0.7577.4363', '--json']);
    assert.equal(status, 1);
    const report = discoveryReportSchema.parse(JSON.parse(out));
    assert.deepEqual(report.registrars.map(({ candidates }) => candidates.map(({ host, addresses }) => [host, addresses])), [[['gone.fabrikam.lab', []], ['gone.fabrikam.lab', []]]]);
  });

  it('says at once that a name server is not there, and asks no DHCP server unless told', async () => {
    const { status, out } = await lpe(['discover', 'contoso.com', '--dns-server', `127.0.0.1:${await freePort()}`, '--interface', '127.0.0.1', '--firmware', '4.0.7577.4100']);
    assert.equal(status, 1);
    assert.match(out, /^ {2}SRV _sipinternaltls\._tcp\.contoso\.com -> .*refused/m);
    assert.match(out, /DHCP was not asked/);
    assert.doesNotMatch(out, /DHCPINFORM/);
  });

  for (const [args, sentence] of [
    [['10.0.0.1'], /value '10\.0\.0\.1' is invalid for argument 'sip-domain'\. It takes a domain/],
    [['contoso.com', '--dns-server', 'dc.contoso.com'], /'dc\.contoso\.com' is invalid\. It takes an IPv4 address, with or without a port: 192\.0\.2\.53 or 192\.0\.2\.53:53\./],
    [['contoso.com', '--dns-server', '192.0.2.53:70000'], /is invalid/],
    [['contoso.com', '--dhcp', '--web', 'lync.contoso.com'], /\[usage\/dhcp-or-not\]/],
    [['contoso.com', '--lab', 'x.yaml', '--dhcp', '--domain', 'contoso.com'], /--lab goes without --domain, --dhcp\. \[usage\/lab-tells\]/],
    [['contoso.com', '--firmware', '4'], /\[profile\/unknown-build\]/],
  ] as const) {
    it(`says what is wrong with "${args.join(' ')}"`, async () => {
      const { status, out, err } = await lpe(['discover', ...args]);
      assert.deepEqual([status, out], [2, '']);
      assert.match(err, sentence);
    });
  }
});
