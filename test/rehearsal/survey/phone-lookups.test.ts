import assert from 'node:assert/strict';
import { loadProfiles } from '../../../src/firmware/loader.js';
import { topologySchema } from '../../../src/lab/topology-schema.js';
import { discoveryReport, discoveryReportSchema, everyBuildFindsOne, type DiscoveryReport } from '../../../src/rehearsal/survey/discovery-report.js';
import { renderDiscovery } from '../../../src/rehearsal/survey/discovery-text.js';
import { lookUp } from '../../../src/rehearsal/survey/phone-lookups.js';
import { contoso } from '../../cli/command-line.js';
import { startLab } from '../../start-lab.js';

const store = loadProfiles();
const builds = ['4.0.7577.107', '4.0.7577.4363'];

async function discovered(change: object = {}, sipDomain = 'contoso.lab'): Promise<DiscoveryReport> {
  await using lab = await startLab(topologySchema.parse({ ...contoso(), ...change }));
  const lookups = await lookUp(builds.map((build) => store.get(build)), { sipDomain, network: lab.network(), signal: new AbortController().signal, dhcpOptions: undefined });
  return discoveryReportSchema.parse(discoveryReport(sipDomain, lookups));
}
const step = (report: DiscoveryReport, name: string) => report.steps.find((each) => each.step === name);
const records = contoso().dns;

describe('what phones look up', () => {
  it('is asked in their order, each question once, with where it leads', async () => {
    const report = await discovered();
    assert.deepEqual(report.steps.map((each) => each.step), ['address', 'time', 'update', 'services', 'directory', 'registrar', 'exchange']);
    assert.deepEqual(step(report, 'update')?.questions, [{ by: 'dns', asked: '10.0.0.2:53', question: 'A ucupdates-r2.contoso.lab', answer: '10.0.0.10' }]);
    assert.doesNotMatch(step(report, 'update')?.sentence ?? '', /Sources differ/);
    assert.deepEqual(step(report, 'registrar')?.questions.slice(0, 3).map(({ question, answer }) => [question, answer]), [
      ['SRV _sipinternaltls._tcp.contoso.lab', 'sip.contoso.lab:5061'], ['A sip.contoso.lab', '10.0.0.10'], ['SRV _sipinternal._tcp.contoso.lab', 'no such name'],
    ]);
    for (const { questions } of report.steps) assert.equal(new Set(questions.map(({ question }) => question)).size, questions.length);
    assert.match(step(report, 'address')?.sentence ?? '', /^The phone has the address 10\.0\.0\.\d+, name servers 10\.0\.0\.2, domain contoso\.lab\.$/);
    assert.deepEqual(report.steps.flatMap(({ notes }) => notes), []);
    assert.match(step(report, 'time')?.sentence ?? '', /^The phone takes the time of dc\.contoso\.lab, which agrees with this machine\.$/);
    assert.match(step(report, 'services')?.sentence ?? '', /^DHCP tells the web services at https:\/\/lync\.contoso\.lab:443\/.*; and the registrar sip\.contoso\.lab\.$/);
  });

  it('gives the names for the CA, and one group where builds find the same', async () => {
    const report = await discovered();
    assert.deepEqual(report.registrars.map(({ firmware }) => firmware), [builds]);
    assert.deepEqual(report.certificates.map(({ server, names }) => [server, names.map(({ name }) => name)]), [[['10.0.0.10'], ['sip.contoso.lab', 'lync.contoso.lab']]]);
    assert.deepEqual(report.notes, []);
    assert.ok(everyBuildFindsOne(report));
  });

  it('keeps apart builds that use only names within the SIP domain', async () => {
    const report = await discovered({
      sipDomains: ['contoso.lab', 'fabrikam.lab'],
      dns: [...records, { name: '_sipinternaltls._tcp.fabrikam.lab', type: 'SRV', target: 'lync.contoso.lab', port: 5061 }],
      dhcp: { domainName: 'contoso.lab', option43: { webServerFqdn: 'lync.contoso.lab' }, option120: null },
    }, 'fabrikam.lab');
    assert.deepEqual(report.registrars.map(({ firmware, candidates, excluded }) => [firmware[0], candidates.length, excluded.length]), [['4.0.7577.107', 1, 0], ['4.0.7577.4363', 0, 1]]);
    assert.equal(everyBuildFindsOne(report), false);
    assert.match(report.notes.join('\n'), /gives lync\.contoso\.lab, which is not within fabrikam\.lab/);
    assert.match(step(report, 'update')?.sentence ?? '', /^The phone asks ucupdates-r2\.contoso\.lab .* Sources differ on the domain that phones look in: publish ucupdates-r2\.fabrikam\.lab, too\.$/);
  });

  it('tells names that lead nowhere', async () => {
    const report = await discovered({
      dns: [{ name: '_sipinternaltls._tcp.contoso.lab', type: 'SRV', target: 'gone.contoso.lab', port: 5061 }],
      dhcp: { domainName: 'contoso.lab', option43: null, option120: 'lost.contoso.lab' },
    });
    assert.match(step(report, 'time')?.sentence ?? '', /^No time server answers/);
    assert.match(step(report, 'time')?.notes.join() ?? '', /^The phone's clock could not be set\. SRV _ntp\._udp\.contoso\.lab: no such name/);
    assert.match(step(report, 'update')?.sentence ?? '', /no phone gets an update\.$/);
    assert.match(step(report, 'services')?.sentence ?? '', /no web services: no phone can sign in by PIN; and the registrar lost\.contoso\.lab\.$/);
    assert.equal(step(report, 'registrar')?.sentence, 'No phone finds a registrar for contoso.lab.');
    assert.deepEqual([report.certificates, everyBuildFindsOne(report)], [[], false]);
    assert.match(report.notes.join('\n'), /^SRV _sipinternaltls\._tcp\.contoso\.lab names gone\.contoso\.lab, which has no address: no phone gets there\.$/m);
    assert.match(report.notes.join('\n'), /^The web services are not known/m);
  });

  it('is told as text that folds', async () => {
    const text = renderDiscovery(await discovered(), 100);
    assert.match(text, /^ {2}SRV _sipinternaltls\._tcp\.contoso\.lab -> sip\.contoso\.lab:5061$/m);
    assert.match(text, /^ {4}1\. sip\.contoso\.lab:5061 over TLS, 10\.0\.0\.10 {2}\(SRV _sipinternaltls\._tcp\.contoso\.lab\)$/m);
    assert.match(text, /^ {2}Request-CsCertificate .* -DomainName "sip\.contoso\.lab,lync\.contoso\.lab"/m);
  });
});
