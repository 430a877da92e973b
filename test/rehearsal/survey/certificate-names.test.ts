import assert from 'node:assert/strict';
import { loadProfiles } from '../../../src/firmware/loader.js';
import type { CandidateSource } from '../../../src/phone/steps.js';
import { neededCertificates } from '../../../src/rehearsal/survey/certificate-names.js';
import type { RegistrarLookup } from '../../../src/rehearsal/survey/phone-lookups.js';

const store = loadProfiles();
const [cu1, june2012, cu7] = ['4.0.7577.107', '4.0.7577.4100', '4.0.7577.4363'].map((build) => store.get(build));

const registrar = (host: string, addresses: string[], source: CandidateSource = 'internal-srv-tls', transport: 'tls' | 'tcp' = 'tls'): RegistrarLookup =>
  ({ candidate: { source, asked: source, host, port: 5061, transport }, addresses });
function needed(found: RegistrarLookup[], more: { web?: string; exchange?: string; option120?: string } = {}, at = '10.0.0.10') {
  const host = (name: string | undefined) => (name === undefined ? undefined : { name, addresses: [at] });
  return neededCertificates({
    registrars: new Map([cu1, june2012, cu7].flatMap((each) => (each === undefined ? [] : [[each, { found, excluded: [] }] as const]))),
    web: host(more.web), exchange: host(more.exchange),
    discovery: { certProvUrl: undefined, sipServer: more.option120, domainName: undefined },
  }, 'contoso.com');
}
const namesOf = (certificates: ReturnType<typeof needed>) => certificates.map(({ names }) => names.map(({ name }) => name));

describe('the names that certificates must carry', () => {
  it('are those of one server together, a server each', () => {
    assert.deepEqual(namesOf(needed([registrar('sip.contoso.com', ['10.0.0.10']), registrar('backup.contoso.com', ['10.0.0.20'])], { web: 'lync.contoso.com' })),
      [['backup.contoso.com'], ['sip.contoso.com', 'lync.contoso.com']]);
  });

  it('come together over a third name that shares an address with each', () => {
    const [one, ...others] = needed([
      registrar('a.contoso.com', ['10.0.0.1']), registrar('b.contoso.com', ['10.0.0.2']), registrar('pool.contoso.com', ['10.0.0.1', '10.0.0.2']),
    ]);
    assert.deepEqual(others, []);
    assert.deepEqual(one?.server, ['10.0.0.1', '10.0.0.2']);
    assert.deepEqual(namesOf(one === undefined ? [] : [one]), [['a.contoso.com', 'b.contoso.com', 'pool.contoso.com']]);
  });

  it('leave out where nobody gets, and where no TLS is spoken', () => {
    assert.deepEqual(namesOf(needed([registrar('gone.contoso.com', []), registrar('tcp.contoso.com', ['10.0.0.10'], 'internal-srv-tcp', 'tcp')])), []);
  });

  it('say every answer that leads there, option 120 among them', () => {
    const [certificate] = needed([registrar('sip.contoso.com', ['10.0.0.10']), registrar('sip.contoso.com', ['10.0.0.10'], 'host-names')], { option120: 'SIP.contoso.com' });
    assert.deepEqual(certificate?.names.map(({ because }) => because), [['internal-srv-tls', 'host-names', 'DHCP option 120']]);
  });

  it('say which builds take no wildcard and how well that is known: the oldest none at all, the others none outside the SIP domain for SIP', () => {
    const spelt = Object.fromEntries(needed([registrar('sip.contoso.com', ['10.0.0.10']), registrar('lync.other.com', ['10.0.0.10'])], { web: 'web.other.com' })
      .flatMap(({ names }) => names.map(({ name, speltOutFor }) => [name, speltOutFor.map(({ firmware, confidence }) => `${firmware} ${confidence}`)])));
    assert.deepEqual(spelt, {
      'sip.contoso.com': ['4.0.7577.107 observed'], 'lync.other.com': ['4.0.7577.107 observed', '4.0.7577.4100 inferred', '4.0.7577.4363 inferred'], 'web.other.com': ['4.0.7577.107 assumed'],
    });
  });

  it('are asked of the CA by the command for the server', () => {
    const commands = (...input: Parameters<typeof needed>) => needed(...input).flatMap((certificate) => certificate.commands);
    const [sip, edge] = [registrar('sip.contoso.com', ['10.0.0.10']), registrar('access.contoso.com', ['203.0.113.1'], 'external-srv-tls')];
    assert.deepEqual(commands([sip], { web: 'lync.contoso.com' }), [
      'Request-CsCertificate -New -Type Default,WebServicesInternal,WebServicesExternal -ComputerFqdn "<FQDN of the server or pool>" -DomainName "sip.contoso.com,lync.contoso.com" -CA "<CA host\\CA name>"',
    ]);
    assert.match(commands([sip]).join(), /-Type Default -ComputerFqdn/);
    assert.match(commands([edge]).join(), /-Type AccessEdgeExternal .* -DomainName "access\.contoso\.com"/);
    assert.deepEqual(commands([], { exchange: 'autodiscover.contoso.com' }), [
      'New-ExchangeCertificate -GenerateRequest -SubjectName "CN=autodiscover.contoso.com" -DomainName autodiscover.contoso.com   (Exchange Management Shell)',
    ]);
    assert.equal(commands([sip], { exchange: 'autodiscover.contoso.com' }).length, 2);
  });

  it('that only a hostile name server would give are told, and stay out of the command', () => {
    const [certificate] = needed([registrar('sip.contoso.com', ['10.0.0.10']), registrar('$(reboot)";.contoso.com', ['10.0.0.10'])]);
    assert.equal(certificate?.names.length, 2);
    assert.match(certificate.commands[0] ?? '', / -DomainName "sip\.contoso\.com" -CA /);
  });
});
