import assert from 'node:assert/strict';
import { stringify } from 'yaml';
import { loadTopology, parseTopology, topologyWarnings } from '../../src/lab/topology.js';

/** A sound topology as plain data, fresh each time, for a test to spoil. */
const sound = () => ({
  schema: 1, name: 'test', sipDomains: ['contoso.lab'],
  authorities: { root: { commonName: 'Root' } } as Record<string, { commonName: string; issuer?: string }>,
  certificates: { pool: { commonName: 'lync.contoso.lab', issuer: 'root' } } as Record<string, object>,
  servers: [
    { fqdn: 'lync.contoso.lab', address: '10.0.0.10', registrar: { certificate: 'pool' }, web: { certificate: 'pool' } },
    { fqdn: 'dc.contoso.lab', address: '10.0.0.2', dns: {}, dhcp: {}, directory: { publishedRoots: ['root'] } },
  ] as Record<string, unknown>[],
  dns: [{ name: 'lync.contoso.lab', type: 'A', address: '10.0.0.10' }] as object[],
  dhcp: { domainName: 'contoso.lab', option43: { webServerFqdn: 'lync.contoso.lab' }, option120: 'lync.contoso.lab' },
  users: [{ sipUri: 'sip:alice@contoso.lab', displayName: 'Alice', account: String.raw`CONTOSO\alice`, password: 'lab' }],
});
type Data = ReturnType<typeof sound>;

function spoilt(change: (data: Data) => void) {
  const data = sound();
  change(data);
  return () => parseTopology(stringify(data), 'lab.yaml');
}

describe('a topology', () => {
  it('is read with its defaults', () => {
    const topology = spoilt(() => {})();
    assert.deepEqual([topology.servers[0]?.registrar?.port, topology.servers[0]?.web?.httpsPort, topology.dhcp.option43?.webServerPort], [5061, 443, 443]);
    assert.equal(topology.policy.DefaultValidityPeriodHours, 4320);
    assert.deepEqual(topologyWarnings(topology), []);
  });

  const refusals: [what: string, code: string, sentence: string, change: (data: Data) => void][] = [
    ['an unknown key', 'invalid', 'The topology lab.yaml is wrong at its top: unrecognized key: "colour".', (data) => { Object.assign(data, { colour: 'red' }); }],
    ['a bad value', 'invalid', 'The topology lab.yaml is wrong at servers.0.address: Invalid IPv4 address.', (data) => { data.servers[0]!['address'] = 'here'; }],
    ['an unknown certificate', 'unknown-certificate',
      'The topology lab.yaml is wrong at servers.0.web.certificate: there is no certificate "iis"; declared are pool.',
      (data) => { data.servers[0]!['web'] = { certificate: 'iis' }; }],
    ['an unknown issuer', 'unknown-authority', 'The topology lab.yaml is wrong at certificates.pool.issuer: there is no authority "ca"; declared are root.',
      (data) => { data.certificates['pool'] = { issuer: 'ca' }; }],
    ['an unknown issuer of an authority', 'unknown-authority', 'The topology lab.yaml is wrong at authorities.root.issuer: there is no authority "constructor"; declared are root.',
      (data) => { data.authorities['root']!.issuer = 'constructor'; }],
    ['an unknown published root', 'unknown-authority',
      'The topology lab.yaml is wrong at servers.1.directory.publishedRoots.0: there is no authority "other"; declared are root.',
      (data) => { data.servers[1]!['directory'] = { publishedRoots: ['other'] }; }],
    ['an unknown authority to trust', 'unknown-authority', 'The topology lab.yaml is wrong at policy.TrustedCACerts.0: there is no authority "other"; declared are root.',
      (data) => { Object.assign(data, { policy: { TrustedCACerts: ['other'] } }); }],
    ['authorities that issue each other', 'issuer-cycle',
      'The topology lab.yaml is wrong at authorities.root.issuer: root is issued by issuing is issued by root, and no root is ever reached.',
      (data) => { data.authorities = { root: { commonName: 'R', issuer: 'issuing' }, issuing: { commonName: 'I', issuer: 'root' } }; }],
    ['two servers of one name', 'duplicate-server', 'The topology lab.yaml is wrong at servers.1.fqdn: LYNC.contoso.lab is already the name of servers.0.',
      (data) => { data.servers[1]!['fqdn'] = 'LYNC.contoso.lab'; }],
    ['two services at one address and port', 'duplicate-port',
      'The topology lab.yaml is wrong at servers.1.registrar.port: 10.0.0.10:5061 is already taken by servers.0.registrar.port.',
      (data) => { Object.assign(data.servers[1]!, { address: '10.0.0.10', registrar: { certificate: 'pool' } }); }],
    ['two services of one server at one port', 'duplicate-port',
      'The topology lab.yaml is wrong at servers.0.web.httpsPort: 10.0.0.10:443 is already taken by servers.0.registrar.port.',
      (data) => { data.servers[0]!['registrar'] = { port: 443, certificate: 'pool' }; }],
    ['a home server that is none', 'unknown-server', 'The topology lab.yaml is wrong at users.0.registrarPool: there is no server "dc.contoso.lab" with a registrar.',
      (data) => { Object.assign(data.users[0]!, { registrarPool: 'dc.contoso.lab' }); }],
    ['an Access Edge that leads nowhere', 'unknown-server',
      'The topology lab.yaml is wrong at servers.1.edge.nextHop: there is no server "pool02" with a registrar or director.',
      (data) => { data.servers[1]!['edge'] = { certificate: 'pool', nextHop: 'pool02' }; }],
    ['a backup registrar that is not there', 'unknown-server',
      'The topology lab.yaml is wrong at servers.0.registrar.backupRegistrar: there is no server "pool02" with a registrar.',
      (data) => { data.servers[0]!['registrar'] = { certificate: 'pool', backupRegistrar: 'pool02' }; }],
    ['a user of a SIP domain that is not served', 'foreign-user',
      'The topology lab.yaml is wrong at users.0.sipUri: fabrikam.lab is not among the SIP domains contoso.lab.',
      (data) => { data.users[0]!.sipUri = 'sip:alice@fabrikam.lab'; }],
    ['two users of one SIP URI', 'duplicate-user', 'The topology lab.yaml is wrong at users.1.sipUri: sip:Alice@contoso.lab already belongs to users.0.',
      (data) => { data.users.push({ ...data.users[0]!, sipUri: 'sip:Alice@contoso.lab', account: String.raw`CONTOSO\other` }); }],
    ['two users of one account', 'duplicate-user', String.raw`The topology lab.yaml is wrong at users.1.account: contoso\ALICE already belongs to users.0.`,
      (data) => { data.users.push({ ...data.users[0]!, sipUri: 'sip:bob@contoso.lab', account: String.raw`contoso\ALICE` }); }],
  ];
  for (const [what, code, message, change] of refusals) {
    it(`is refused with ${what}`, () => { assert.throws(spoilt(change), { name: 'Failure', code: `topology/${code}`, message }); });
  }

  it('is refused where it is no YAML or cannot be read', () => {
    assert.throws(() => parseTopology('a: [', 'lab.yaml'), { code: 'topology/not-yaml' });
    assert.throws(() => loadTopology('/nowhere/lab.yaml'), {
      code: 'topology/unreadable', message: 'The topology /nowhere/lab.yaml cannot be read: there is no such file or folder.',
    });
  });
  it('may have names that lead nowhere, which is worth a warning each', () => {
    const topology = spoilt((data) => {
      data.dns = [{ name: '_sipinternaltls._tcp.contoso.lab', type: 'SRV', target: 'sip.contoso.lab', port: 5061 }];
      Object.assign(data, { lldp: { voiceVlan: 200 }, vlans: [{ id: 100, routed: false }] });
      Object.assign(data.dhcp, { vlan: 100 });
    })();
    assert.deepEqual(topologyWarnings(topology), [
      'The SRV record _sipinternaltls._tcp.contoso.lab points at sip.contoso.lab, which has no A record.',
      'DHCP option 43 names lync.contoso.lab, whose A record leads to no server with web services.',
      'DHCP option 120 names lync.contoso.lab, whose A record leads to no server with a registrar.',
      'LLDP tells phones VLAN 200, from which they reach no server.',
      'DHCP tells phones VLAN 100, from which they reach no server.',
    ]);
  });
});
