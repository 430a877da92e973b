import { summarise, type Report, type Run } from '../../src/rehearsal/report.js';

const obtained = { rootChain: true, clientCertificate: true, lockPolicy: false, contacts: false, presence: false, mediaRelay: false, locationProfile: false };

const nothingElse = { follows: [], alternatives: [], notices: [] };

const accepted: Run = {
  phone: { model: 'CX600', firmware: '4.0.7577.4100', signIn: 'pin', state: 'fresh' },
  account: 'sip:alice@mslync.net',
  target: 'wildcard',
  verdict: {
    outcome: 'signed-in', stage: 'signedIn', behaviour: 'signed-in', firmware: '4.0.7577.4100', updates: [], screen: ['Alice'],
    obtained, servers: [], ...nothingElse, confidence: 'observed', disputed: false, evidence: ['schertz-2011-02'],
  },
  expected: { outcome: 'signed-in' },
  matches: true,
};

const refused: Run = {
  phone: { model: 'CX600', firmware: '4.0.7577.107', signIn: 'tethered', state: 'signed-in' },
  account: 'sip:alice@mslync.net',
  target: 'wildcard',
  verdict: {
    outcome: 'failed', stage: 'connecting', behaviour: 'retrying', firmware: '4.0.7577.107', updates: [], screen: ['Cannot connect to the server. Retrying.', 'support team.'],
    obtained, servers: [], ...nothingElse, confidence: 'observed', disputed: true, evidence: ['schertz-2011-02'],
    cause: { id: 'LPE001', rule: 'certificate-refused', sentence: 'sip.mslync.net is covered only by *.mslync.net & "refused" <here>.', facts: { host: 'sip.mslync.net' } },
    remedy: { sentence: 'Spell the name out.', commands: ['Request-CsCertificate -New', 'Restart-Service RTCSRV'] },
    windowsWould: 'signed-in',
  },
  expected: { outcome: 'failed', stage: 'connecting' },
  matches: true,
};

/** Two cells of one target: one that signs in, one that does not; both as expected, unless `unexpected`. */
export function sampleReport({ unexpected = false } = {}): Report {
  const second: Run = unexpected ? { ...refused, expected: { outcome: 'signed-in' }, matches: false } : refused;
  return summarise({ name: 'A plan', description: '' }, [accepted, second], { duration: 1234.4 });
}
