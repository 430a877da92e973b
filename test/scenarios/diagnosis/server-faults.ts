import { assess } from '../../../src/rehearsal/assess.js';
import type { Verdict } from '../../../src/rehearsal/verdict.js';
import type { Lab } from '../../../src/lab/lab.js';
import type { Topology } from '../../../src/lab/topology-schema.js';
import { loadTopology } from '../../../src/lab/topology.js';
import { startLab } from '../../start-lab.js';
import { byPin, domain, healthy, mail, overUsb, pool, signIn, typed, verdictOf, type Injection, type SignIn } from './injection.js';

/** One change to the lab, then one sign-in. */
const after = (change: (lab: Lab) => unknown, how: SignIn = {}): Injection['verdict'] => async (lab) => {
  await change(lab);
  return verdictOf(lab, how);
};
const alice = `sip:alice@${domain}`;
const bob = `sip:bob@${domain}`;
const without = (...names: string[]) => (lab: Lab) => { lab.setDnsRecords(lab.topology.dns.filter(({ name }) => !names.some((each) => name.startsWith(each)))); };
const [strict, june2012, cu1] = ['4.0.7577.4363', '4.0.7577.4100', '4.0.7577.107'];

/** The VLAN of the phones, and what they are in without its tag. */
const [own, untagged] = [{ id: 100, routed: true }, { id: 0, routed: false }];

/** Network and DNS, and what DHCP tells. */
const network: readonly Injection[] = [
  { fault: 'Nobody hands out addresses', at: 'DHCP', expected: 'LPE022', verdict: after((lab) => { lab.setDhcp({ lease: null }); }) },
  { fault: 'The switch names a VLAN in which no DHCP server is', at: 'LLDP', expected: 'LPE023', verdict: () => atLab({ lldp: { voiceVlan: 200 }, vlans: [own] }) },
  { fault: 'The DHCP server names a VLAN in which none is', at: 'DHCP', expected: 'LPE023', verdict: () => atLab({ dhcp: { ...healthy.dhcp, vlan: 200 }, vlans: [untagged, own] }) },
  { fault: 'No route leads from the VLAN that the switch names', at: 'LLDP', expected: 'LPE082', verdict: () => atLab({ lldp: { voiceVlan: 200 }, vlans: [own, { id: 200, routed: false }] }) },
  { fault: 'No route leads from it, for a phone over USB', at: 'LLDP', expected: 'LPE082', verdict: () => atLab({ lldp: { voiceVlan: 200 }, vlans: [own, { id: 200, routed: false }] }, { credentials: overUsb }) },
  { fault: 'Nobody names a VLAN, and no route leads from the untagged one', at: 'LLDP', expected: 'LPE082', verdict: () => atLab({ vlans: [untagged, own] }) },
  { fault: 'Option 43 is missing', at: 'DHCP', expected: 'LPE004', verdict: after((lab) => { lab.setDhcp({ option43: null }); }) },
  {
    fault: 'Option 43 names a pool that is gone', at: 'DHCP', expected: 'LPE004', verdict: after((lab) => { lab.setDhcp({ option43: { webServerFqdn: `old.${domain}` } }); }),
    missed: { named: 'LPE052', why: 'The phone sees a name without an address. Whether the name or the record is at fault only the pool knows: LPE004 is told as the alternative, with the experiment.' },
  },
  { fault: 'The A record of the web services is missing', at: 'DNS', expected: 'LPE052', verdict: after(without(pool)) },
  { fault: 'There are no records of the registrar', at: 'DNS', expected: 'LPE056', verdict: after((lab) => { without('_sip', 'sip.')(lab); lab.setDhcp({ option120: null }); }, { credentials: overUsb }) },
  { fault: 'The SRV target has no address', at: 'DNS', expected: 'LPE057', verdict: after((lab) => { without('sip.')(lab); }, { credentials: overUsb }) },
  {
    fault: 'The SRV target lies outside the SIP domain', at: 'DNS', expected: 'LPE026', verdict: after((lab) => {
      without('sip.', '_sip')(lab);
      lab.setDnsRecords([...lab.topology.dns, { name: `_sipinternaltls._tcp.${domain}`, type: 'SRV', target: 'sip.hoster.lab', port: 5061 }, { name: 'sip.hoster.lab', type: 'A', address: '10.0.0.10' }]);
      lab.setDhcp({ option120: null });
    }, { build: strict, credentials: overUsb }),
  },
  { fault: 'ucupdates-r2 is not published', at: 'DNS', expected: 'LPE075', verdict: after(without('ucupdates-r2')) },
  { fault: 'No directory is named', at: 'DNS', expected: 'LPE078', verdict: after(without('_ldap'), { credentials: overUsb }) },
  { fault: 'No time server is named, and the phone has lost its clock', at: 'DNS', expected: 'LPE009', verdict: after(without('_ntp'), { clockAtPowerOn: Date.parse('2005-01-01T00:00:00Z') }) },
  { fault: 'No time server is named', at: 'DNS', expected: 'LPE009', verdict: after(without('_ntp')) },
  { fault: 'The phone is new, and outside', at: 'the network', expected: 'LPE017', verdict: (lab) => verdictOf(lab, { outside: true }) },
  { fault: 'The phone is new, outside, and signs in over USB', at: 'the network', expected: 'LPE017', verdict: () => atLab(loadTopology('examples/topologies/outside.yaml'), { outside: true, credentials: overUsb }) },
];

/** At a lab of its own, for what a running one cannot be given. */
async function atLab(change: Partial<Topology>, how: SignIn = {}): Promise<Verdict> {
  const lab = await startLab({ ...healthy, ...change });
  try { return await verdictOf(lab, how); } finally { await lab.close(); }
}
const everyServer = (change: (server: Topology['servers'][number]) => Topology['servers'][number]) => ({ servers: healthy.servers.map(change) });
const [option43, webCertificate] = [healthy.dhcp.option43, healthy.certificates['web']];
if (option43 === null || webCertificate === undefined) throw new Error('the healthy lab has both');
const office365 = 'webpool1.online.lync.com';

/** The web services' switches, and the servers themselves. */
const servers: readonly Injection[] = [
  { fault: 'EnableCertChainDownload is off', at: 'web', expected: 'LPE005', verdict: after((lab) => { lab.setPolicy({ EnableCertChainDownload: false }); }) },
  { fault: 'UsePinAuth is off', at: 'web', expected: 'LPE012', verdict: after((lab) => { lab.setPolicy({ UsePinAuth: false }); }) },
  { fault: 'UseCertificateAuth is off', at: 'web', expected: 'LPE012', verdict: after((lab) => { lab.setPolicy({ UseCertificateAuth: false }); }) },
  { fault: 'UseWindowsAuth is None', at: 'web', expected: 'LPE080', verdict: after((lab) => { lab.setPolicy({ UseWindowsAuth: 'None' }); }, { credentials: overUsb }) },
  { fault: 'MinCSRKeySize is 4096', at: 'web', expected: 'LPE020', verdict: after((lab) => { lab.setPolicy({ MinCSRKeySize: 4096 }); }) },
  { fault: "The home pool's store is down", at: 'web', expected: 'LPE020', verdict: after((lab) => { lab.setFaults({ clientCertificateStoreDown: true }); }) },
  {
    fault: 'The server is switched off', at: 'web', expected: 'LPE053', verdict: async (lab) => {
      await lab.stopServer(pool);
      try { return await verdictOf(lab); } finally { await lab.startServer(pool); }
    },
  },
  {
    fault: 'The server is switched off under a phone that has signed in before', at: 'registrar', expected: 'LPE058', verdict: async (lab) => {
      const { memory } = await signIn(lab);
      await lab.stopServer(pool);
      try { return await verdictOf(lab, { memory }); } finally { await lab.startServer(pool); }
    },
  },
  {
    fault: 'The client version policy blocks OCPhone', at: 'registrar', expected: 'LPE081',
    verdict: after((lab) => { lab.setPolicy({ ClientVersionPolicyRules: [{ UserAgent: 'OCPhone', MajorVersion: 4, CompareOp: 'GEQ', Action: 'Block' }] }); }),
  },
  {
    fault: 'EnableOutsideAccess is off, and the phone has gone home', at: 'Access Edge', expected: 'LPE083', verdict: async () => {
      await using lab = await startLab(loadTopology('examples/topologies/outside.yaml'));
      const credentials = { ...byPin, pin: '59034' };
      const { memory } = await signIn(lab, { credentials });
      lab.setPolicy({ EnableOutsideAccess: false });
      return await verdictOf(lab, { credentials, outside: true, memory });
    },
  },
  { fault: 'It answers 503', at: 'registrar', expected: 'LPE065', verdict: after((lab) => { lab.setFaults({ registrarsUnavailable: [pool] }); }) },
  { fault: 'UseCertificateForClientToProxyAuth is off', at: 'registrar', expected: 'LPE013', verdict: after((lab) => { lab.setPolicy({ UseCertificateForClientToProxyAuth: false }); }) },
  { fault: 'It takes neither certificates nor NTLM, from a CX700', at: 'registrar', expected: 'LPE013', verdict: after((lab) => { lab.setPolicy({ UseCertificateForClientToProxyAuth: false, UseNtlmForClientToProxyAuth: false }); }, { model: 'CX700', credentials: typed }) },
  { fault: 'It takes no NTLM, from a build that has nothing else', at: 'registrar', expected: 'LPE063', verdict: after((lab) => { lab.setPolicy({ UseNtlmForClientToProxyAuth: false }); }, { model: 'CX700', build: '3.5.6907.187', credentials: typed }) },
  { fault: 'The build knows only the NTLM of Office Communications Server', at: 'the phone', expected: 'LPE064', verdict: (lab) => verdictOf(lab, { model: 'CX700', build: '1.0.522.101', credentials: typed }) },
  { fault: 'The model has no such way to sign in', at: 'the phone', expected: 'LPE070', verdict: (lab) => verdictOf(lab, { model: 'CX700', credentials: byPin }) },
  ...(['web', 'registrar'] as const).map((service): Injection => ({
    fault: 'TLS 1.0 is switched off', at: service, expected: 'LPE008',
    verdict: () => atLab(everyServer((server) => (server[service] === undefined ? server : { ...server, [service]: { ...server[service], minimumTls: 'TLSv1.2' } }))),
  })),
  {
    fault: 'TLS 1.0 is switched off', at: 'Exchange', expected: 'LPE008', verdict: async (lab) => {
      await lab.setServer(mail, { minimumTls: 'TLSv1.2' });
      try { return await verdictOf(lab, { credentials: overUsb }); } finally { await lab.setServer(mail, { minimumTls: 'TLSv1' }); }
    },
  },
  {
    fault: 'It is four years ahead', at: 'the time server', expected: 'LPE074', verdict: () => atLab({
      ...everyServer((server) => (server.ntp === undefined ? server : { ...server, ntp: { ...server.ntp, skewSeconds: 4 * 365 * 86_400 } })),
    }),
  },
  {
    fault: 'A PIN is tried at Office 365 (a lab with its names)', at: 'web', expected: 'LPE021', verdict: () => atLab({
      ...everyServer((server) => (server.fqdn === pool ? { ...server, fqdn: office365 } : server)),
      certificates: { ...healthy.certificates, web: { ...webCertificate, subjectAlternativeNames: [office365] } },
      dns: [...healthy.dns, { name: office365, type: 'A', address: '10.0.0.10' }],
      dhcp: { ...healthy.dhcp, option43: { ...option43, webServerFqdn: office365 } }, policy: { ...healthy.policy, UsePinAuth: false },
    }),
  },
  { fault: 'Exchange takes AD credentials, and the user has a PIN', at: 'Exchange', expected: 'LPE014', verdict: (lab) => verdictOf(lab) },
  {
    fault: 'The password was changed under the phone', at: 'Exchange', expected: 'LPE016', verdict: async (lab) => {
      const { memory } = await signIn(lab, { credentials: overUsb });
      lab.setUser(alice, { password: 'lab-Password-9' });
      return verdictOf(lab, { memory, credentials: overUsb });
    },
  },
  {
    fault: 'The CA was replaced under a phone that has signed in before', at: 'registrar', expected: 'LPE006', verdict: async (lab) => {
      const { memory } = await signIn(lab);
      for (const name of ['web', 'registrar']) await lab.setCertificate(name, { issuer: 'stranger' });
      return verdictOf(lab, { memory });
    },
  },
  {
    fault: 'An older build is approved, and it does not accept the wildcard', at: 'update', expected: 'LPE018', verdict: async (lab) => {
      lab.setUpdates({ rules: [{ model: 'CX600', approvedVersion: cu1 }] });
      await lab.setCertificate('registrar', { subjectAlternativeNames: [`*.${domain}`] });
      return verdictOf(lab, { build: june2012 });
    },
  },
  { fault: 'An older build is approved', at: 'update', expected: 'LPE018', verdict: after((lab) => { lab.setUpdates({ rules: [{ model: 'CX600', approvedVersion: cu1 }] }); }) },
  { fault: 'June 2012 is approved for a CX700 of the OCS years', at: 'update', expected: 'LPE019', verdict: after((lab) => { lab.setUpdates({ rules: [{ model: 'CX700', approvedVersion: june2012 }] }); }, { model: 'CX700', build: '3.5.6907.187', credentials: typed }) },
];

const pin = (digits: string, phoneOrExtension = '100'): SignIn => ({ credentials: { method: 'pin', phoneOrExtension, pin: digits } });
const old = '2013-01-01T00:00:00Z';

/** Who signs in. */
const accounts: readonly Injection[] = [
  { fault: 'A wrong PIN', at: 'the account', expected: 'LPE041', verdict: after(() => {}, pin('11111')) },
  { fault: 'No PIN was ever set', at: 'the account', expected: 'LPE042', verdict: after((lab) => { lab.setUser(bob, { pin: undefined }); }, pin('48213', '15550101')) },
  { fault: 'The PIN has expired', at: 'the account', expected: 'LPE043', verdict: after((lab) => { lab.setUser(alice, { pinSetAt: old }); lab.setPolicy({ PINLifetime: 30 }); }) },
  { fault: 'The PIN is locked', at: 'the account', expected: 'LPE044', verdict: after((lab) => { lab.setUser(alice, { pinLocked: true }); }) },
  { fault: 'The user is disabled', at: 'the account', expected: 'LPE045', verdict: after((lab) => { lab.setUser(alice, { enabled: false }); }) },
  { fault: 'PIN sign-in is not for this user', at: 'the account', expected: 'LPE046', verdict: after((lab) => { lab.setUser(alice, { pinEnabled: false }); }) },
  { fault: 'The policy wants longer PINs by now', at: 'the account', expected: 'LPE047', verdict: after((lab) => { lab.setPolicy({ MinPasswordLength: 6 }); }) },
  { fault: 'Two users share number and PIN', at: 'the account', expected: 'LPE048', verdict: after((lab) => { lab.setUser(alice, { lineUri: 'tel:+15550101', pin: '59034' }); }, pin('59034', '15550101')) },
  { fault: 'The line URI has no ;ext=', at: 'the account', expected: 'LPE010', verdict: after((lab) => { lab.setUser(alice, { lineUri: 'tel:+15550100' }); }) },
  { fault: 'A wrong password', at: 'the account', expected: 'LPE049', verdict: after(() => {}, { credentials: { ...overUsb, password: 'wrong' } as typeof overUsb }) },
  { fault: 'The SIP address is another account\'s', at: 'the account', expected: 'LPE050', verdict: after(() => {}, { credentials: { ...overUsb, sipUri: bob } as typeof overUsb }) },
  {
    fault: 'The user is disabled while the phone is signed in', at: 'the account', expected: 'LPE067', verdict: (lab) => disabledWhileSignedIn(lab),
  },
];

async function disabledWhileSignedIn(lab: Lab): Promise<Verdict> {
  let verdict: Verdict | undefined;
  await signIn(lab, { credentials: overUsb, whileSignedIn: async (phone) => {
    const left = phone.until(({ state }) => state !== 'signedIn');
    lab.setUser(alice, { enabled: false });
    verdict = assess(await left, phone.trace.events, phone.profile);
  } });
  if (verdict === undefined) throw new Error('the phone did not sign in');
  return verdict;
}

export const serverFaults: readonly Injection[] = [...network, ...servers, ...accounts];
