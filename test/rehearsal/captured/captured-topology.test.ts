import assert from 'node:assert/strict';
import { parseTopology } from '../../../src/lab/topology.js';
import { capturedTopology } from '../../../src/rehearsal/captured/captured-topology.js';
import { observe } from '../../../src/rehearsal/captured/observations.js';
import { topologyFile } from '../../../src/rehearsal/captured/topology-file.js';
import type { PresentedInTrace, TraceInput } from '../../../src/trace/event.js';
import { Trace } from '../../../src/trace/trace.js';

const root: PresentedInTrace = {
  subject: 'CN=Contoso Root, O=Contoso', commonName: 'Contoso Root', issuer: 'CN=Contoso Root, O=Contoso', names: [], notBefore: Date.UTC(2020, 0, 1), notAfter: Date.UTC(2040, 0, 1),
  key: 'rsa 4096', signature: 'rsa-pkcs1 with sha256', usages: undefined, authority: true, fingerprint: '00',
};
const leaf: PresentedInTrace = {
  ...root, subject: 'CN=pool.contoso.com', commonName: 'pool.contoso.com', names: ['pool.contoso.com', 'sip.contoso.com', '10.1.0.10'], key: 'rsa 2048',
  usages: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'], authority: false, fingerprint: '01',
};

const address = (name: string, ...addresses: string[]): TraceInput =>
  ({ layer: 'dns', direction: 'received', peer: '10.1.0.53:53', summary: `A ${name}`, answered: { name, records: addresses.map((each) => ({ type: 'A', address: each })) } });
const judged = (peer: string, service: string, chain: readonly PresentedInTrace[]): TraceInput =>
  ({ layer: 'tls', phase: 'certificate-judged', peer, summary: 'certificate accepted', chain, detail: { service } });
const message = (layer: 'http' | 'sip' | 'ldap' | 'ntp', direction: 'sent' | 'received', peer: string, summary: string, text?: string): TraceInput =>
  ({ layer, direction, peer, summary, ...(text === undefined ? {} : { text }) });

/** The topology that phones with such a trace leave, written to a file and read again. */
function captured(...events: TraceInput[]) {
  const trace = new Trace();
  for (const event of events) trace.record('phone', event);
  const from = { observed: observe([trace.events]), name: 'pool', sipDomains: ['contoso.com'], domainName: 'corp.contoso.com', noChain: false };
  const accounts = { alice: { sipUri: 'sip:alice@contoso.com', number: '+1 555 0100' }, again: { sipUri: 'sip:Alice@contoso.com', number: '+1 555 0100' } };
  const text = topologyFile(capturedTopology({ ...from, accounts }), ['What was found.']);
  return { text, topology: parseTopology(text, 'captured.yaml') };
}

describe('A captured topology', () => {
  it('says of a certificate what was presented', () => {
    const { topology: { certificates, authorities } } = captured(address('pool.contoso.com', '10.1.0.10'), judged('pool.contoso.com:5061', 'sip', [leaf, root]));
    const { notBefore, notAfter, ...certificate } = certificates['pool-contoso-com'] ?? {};
    assert.deepEqual([notBefore, notAfter], ['2020-01-01T00:00:00.000Z', '2040-01-01T00:00:00.000Z']);
    assert.deepEqual(certificate, {
      commonName: 'pool.contoso.com', subjectAlternativeNames: ['pool.contoso.com', 'sip.contoso.com'], ipAddresses: ['10.1.0.10'], issuer: 'contoso-root', hash: 'sha256', signature: 'rsa-pkcs1',
      keyType: 'rsa', keyBits: 2048, extendedKeyUsage: ['serverAuth', 'clientAuth'], certificateAuthority: false, sendChain: true,
    });
    assert.deepEqual([authorities['contoso-root']?.keyBits, authorities['contoso-root']?.issuer], [4096, undefined]);
  });

  it('names servers by what they call themselves, and tells a Director by its sending phones on', () => {
    const challenge = 'SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: Kerberos realm="x", targetname="sip/dir.contoso.com", version=4\r\nWWW-Authenticate: TLS-DSK realm="x", targetname="dir.contoso.com", version=4\r\n\r\n';
    const { topology: { servers, policy } } = captured(
      address('sip.contoso.com', '10.1.0.20'), judged('sip.contoso.com:5061', 'sip', [leaf]), message('sip', 'received', 'sip.contoso.com:5061', '401 Unauthorized (REGISTER)', challenge),
      message('sip', 'received', 'sip.contoso.com:5061', '301 Redirect (REGISTER)'), address('pool.contoso.com', '10.1.0.10'), judged('pool.contoso.com:5061', 'sip', [leaf]),
    );
    assert.deepEqual(servers.map(({ fqdn, director, registrar }) => [fqdn, director?.port, registrar?.port]), [['dir.contoso.com', 5061, undefined], ['pool.contoso.com', undefined, 5061], ['name-server.corp.contoso.com', undefined, undefined]]);
    assert.equal(policy.UseNtlmForClientToProxyAuth, false);
  });

  it('leaves a name to the server that it leads to, whatever another calls itself', () => {
    const challenge = 'SIP/2.0 401 Unauthorized\r\nWWW-Authenticate: NTLM realm="x", targetname="pool.contoso.com", version=4\r\n\r\n';
    const { topology: { servers } } = captured(
      address('sip.contoso.com', '10.1.0.20'), judged('sip.contoso.com:5061', 'sip', [leaf]), message('sip', 'received', 'sip.contoso.com:5061', '401 Unauthorized (REGISTER)', challenge),
      address('pool.contoso.com', '10.1.0.10'), judged('pool.contoso.com:443', 'web', [leaf]),
    );
    assert.deepEqual(servers.slice(0, 2).map(({ fqdn }) => fqdn), ['sip.contoso.com', 'pool.contoso.com']);
  });

  it('takes a port for the service that answered there, whatever phones took it for', () => {
    const { topology: { servers } } = captured(
      address('sip.contoso.com', '10.1.0.10'), judged('sip.contoso.com:443', 'sip', [leaf]), address('lync.contoso.com', '10.1.0.10'),
      judged('lync.contoso.com:443', 'web', [leaf]), message('http', 'sent', 'lync.contoso.com:443', 'POST /WebTicket/WebTicketService.svc'), message('http', 'received', 'lync.contoso.com:443', '200 OK'),
    );
    assert.deepEqual(servers.map(({ fqdn, web, registrar }) => [fqdn, web?.httpsPort, registrar]), [['lync.contoso.com', 443, undefined], ['name-server.corp.contoso.com', undefined, undefined]]);
  });

  it('has the servers of time, directory and Exchange', () => {
    const { topology: { servers } } = captured(
      address('dc.contoso.com', '10.1.0.53'), message('ldap', 'received', 'dc.contoso.com:389', 'search result'), message('ntp', 'received', '10.1.0.53:123', 'NTP answer'),
      { layer: 'note', summary: 'The directory publishes 1 root certificate.', learnt: { from: 'directory', certificates: [root] } },
      address('autodiscover.contoso.com', '10.1.0.30'), judged('autodiscover.contoso.com:443', 'exchange', [leaf]),
    );
    assert.deepEqual(servers.map(({ fqdn, directory, ntp, exchange, dns }) => [fqdn, directory?.publishedRoots, ntp?.skewSeconds, exchange?.httpsPort, dns?.port]), [
      ['autodiscover.contoso.com', undefined, undefined, 443, undefined], ['dc.contoso.com', ['contoso-root'], 0, undefined, 53],
    ]);
  });

  it('has the further roots that the certificate service hands out', () => {
    const other = { ...root, subject: 'CN=Old Root', issuer: 'CN=Old Root', commonName: 'Old Root', fingerprint: '02' };
    const { topology: { policy } } = captured(
      address('pool.contoso.com', '10.1.0.10'), judged('pool.contoso.com:443', 'web', [leaf]),
      { layer: 'note', summary: 'The web service handed out 2 roots.', learnt: { from: 'certificate-service', certificates: [root, other, undefined] } },
    );
    assert.deepEqual([policy.InferCertChainFromSSL, policy.TrustedCACerts], [false, ['contoso-root', 'old-root']]);
  });

  it('loads whatever servers present: authorities that issue each other, keys and hashes that a lab has not, SRV records for nothing', () => {
    const a = { ...root, subject: 'CN=A\n# b', commonName: 'A\n# b', issuer: 'CN=B', fingerprint: '0a' };
    const b = { ...root, subject: 'CN=B', commonName: 'B', issuer: 'CN=A\n# b', key: 'ec secp521r1', signature: 'ecdsa with sha512', fingerprint: '0b' };
    const odd = { ...leaf, issuer: 'CN=A\n# b', key: 'dsa 1024', signature: '1.2.3.4', usages: undefined, names: ['x: y', '# z'] };
    const { text, topology } = captured(
      address('pool.contoso.com', '10.1.0.10'), judged('pool.contoso.com:5061', 'sip', [odd, a, b]),
      { layer: 'dns', direction: 'received', peer: '10.1.0.53:53', summary: 'SRV', answered: { name: '_sip._tls.contoso.com', records: [{ type: 'SRV', target: '', port: 0, priority: 0, weight: 0 }] } },
    );
    assert.deepEqual(topology.certificates['pool-contoso-com']?.subjectAlternativeNames, ['x: y', '# z']);
    assert.deepEqual(topology.certificates['pool-contoso-com'].extendedKeyUsage, []);
    assert.match(text, /# Its key is dsa 1024; here it is rsa 2048\./);
    assert.deepEqual(topology.dns.map(({ type }) => type), ['A']);
  });

  it('makes one user of accounts that differ in their secrets, and invents what nobody writes down', () => {
    const { topology: { users } } = captured(address('pool.contoso.com', '10.1.0.10'));
    assert.deepEqual(users.map(({ lineUri, account }) => [lineUri, account]), [['tel:+15550100', String.raw`LAB\Alice`]]);
  });
});
