import type { Lab } from '../../../src/lab/lab.js';
import { byPin, domain, overUsb, pool, sip, mail, verdictOf, type Injection, type SignIn } from './injection.js';

type Server = 'web' | 'registrar' | 'exchange';
const servers: readonly Server[] = ['web', 'registrar', 'exchange'];
const names: Record<Server, string[]> = { web: [pool], registrar: [pool, sip], exchange: [mail, `autodiscover.${domain}`] };
const day = 86_400_000;
const inDays = (count: number) => new Date(Date.now() + count * day).toISOString();

/** A certificate that is wrong in one way, at each service in its turn: what to change, and the rule that describes it. */
const wrong: readonly [fault: string, change: (server: Server) => object, expected: Partial<Record<Server, string>>, how?: SignIn, missed?: Injection['missed']][] = [
  ['its names are those of another server', () => ({ commonName: 'other.lab', subjectAlternativeNames: ['other.lab'] }), { web: 'LPE002', registrar: 'LPE002', exchange: 'LPE040' }],
  ['only a wildcard covers the name, for CU1', () => ({ commonName: 'other.lab', subjectAlternativeNames: [`*.${domain}`] }), { web: 'LPE001', registrar: 'LPE001', exchange: 'LPE040' }, { build: '4.0.7577.107' }],
  ['its root is nobody\'s', () => ({ issuer: 'stranger' }), { web: 'LPE003', registrar: 'LPE003', exchange: 'LPE015' }],
  ['it has expired', () => ({ notBefore: inDays(-20), notAfter: inDays(-1) }), { web: 'LPE031', registrar: 'LPE031', exchange: 'LPE031' }],
  ['it is not valid yet', () => ({ notBefore: inDays(10), notAfter: inDays(20) }), { web: 'LPE031', registrar: 'LPE031', exchange: 'LPE031' }],
  ['it is signed with SHA-256, for CU1', () => ({ hash: 'sha256' }), { web: 'LPE032', registrar: 'LPE032', exchange: 'LPE032' }, { build: '4.0.7577.107' }],
  ['it is signed with SHA-512', () => ({ hash: 'sha512' }), { web: 'LPE032', registrar: 'LPE032', exchange: 'LPE032' }],
  ['its key is an elliptic curve', () => ({ keyType: 'ec' }), { web: 'LPE033', registrar: 'LPE033', exchange: 'LPE033' }, {}, {
    named: 'LPE007', why: 'The server never shows the certificate to a phone, which offers no suite for such a key: LPE033 is told as an alternative, with the experiment.',
  }],
  ['its key has 768 bits', () => ({ keyBits: 768 }), { web: 'LPE034', registrar: 'LPE034', exchange: 'LPE034' }],
  ['it is signed with RSASSA-PSS', () => ({ signature: 'rsa-pss', hash: 'sha256' }), { web: 'LPE025', registrar: 'LPE025', exchange: 'LPE025' }],
  ['it is for clients only', () => ({ extendedKeyUsage: ['clientAuth'] }), { web: 'LPE035', registrar: 'LPE035', exchange: 'LPE035' }],
  ['a CA stands below one that allows none', () => ({ issuer: 'below' }), { web: 'LPE037', registrar: 'LPE037' }],
];

const setAndSignIn = (server: Server, change: object, how: SignIn) => async (lab: Lab) => {
  await lab.setCertificate(server, change);
  return verdictOf(lab, how);
};

export const certificateFaults: readonly Injection[] = [
  ...wrong.flatMap(([fault, change, expected, how = {}, missed]) => servers.flatMap((server): Injection[] => {
    const id = expected[server];
    return id === undefined ? [] : [{ fault: `The certificate: ${fault}`, at: server, expected: id, ...(missed && { missed }), verdict: setAndSignIn(server, { commonName: names[server][0], ...change(server) }, { credentials: overUsb, ...how }) }];
  })),
  ...(['web', 'registrar'] as const).map((server): Injection => ({
    fault: "The certificate: its root is nobody's", at: `${server}, by PIN`, expected: 'LPE028', verdict: async (lab) => {
      // The web service hands out its own chain: it is the other that has none.
      lab.setPolicy({ InferCertChainFromSSL: false });
      await lab.setCertificate(server, { issuer: 'stranger' });
      return verdictOf(lab, { credentials: byPin });
    },
  })),
  {
    fault: 'The intermediate is not sent', at: 'web', expected: 'LPE029', verdict: setAndSignIn('web', { sendChain: false }, { credentials: overUsb }),
    missed: { named: 'LPE003', why: 'It is the first chain that the phone sees, and nothing tells whether an intermediate or the root is missing: LPE029 is told as the alternative, with the experiment.' },
  },
  { fault: 'The intermediate is not sent', at: 'registrar', expected: 'LPE029', verdict: setAndSignIn('registrar', { sendChain: false }, { credentials: overUsb }) },
  { fault: 'Exchange: the common name is the bare domain', at: 'exchange', expected: 'LPE039', verdict: setAndSignIn('exchange', { commonName: domain }, { credentials: overUsb }) },
  {
    fault: 'The wildcard lies outside the SIP domain', at: 'registrar', expected: 'LPE027', verdict: async (lab) => {
      lab.setDnsRecords([...lab.topology.dns.filter(({ name }) => !name.startsWith('_sip')), { name: `_sipinternaltls._tcp.${domain}`, type: 'SRV', target: 'sip.hoster.lab', port: 5061 }, { name: 'sip.hoster.lab', type: 'A', address: '10.0.0.10' }]);
      lab.setDhcp({ option120: null });
      await lab.setCertificate('registrar', { commonName: pool, subjectAlternativeNames: ['*.hoster.lab'] });
      return verdictOf(lab, { credentials: overUsb });
    },
  },
  {
    fault: 'The chain is longer than a build takes', at: 'web', expected: 'LPE030',
    verdict: (lab) => verdictOf(lab, { profile: (profile) => ({ ...profile, certificate: { ...profile.certificate, maximumChainLength: { value: 1, confidence: 'assumed', evidence: [] } } }) }),
  },
];
