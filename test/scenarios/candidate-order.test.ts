import assert from 'node:assert/strict';
import { Phone, type PhoneSnapshot } from '../../src/phone/phone.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { pooledKey } from '../pin-phone.js';
import { labOf, profiles, topology } from './sign-in.js';

const domain = 'contoso.example';
const name = (host: string) => `${host}.${domain}`;
const srv = (service: string, host: string, port: number) => ({ name: `${service}.${domain}`, type: 'SRV', target: name(host), port });
const hosts = ['internal', 'option120', 'plain', 'edge', 'plain-edge', 'web'];

/** A server for each place that a registrar may be named in, and one that the host name finds. All are reached from one network here. */
const everywhere = topology({
  schema: 1, name: domain, sipDomains: [domain],
  clientAuthority: { commonName: 'Communications Server', keyBits: 1024 },
  authorities: { root: { commonName: 'Scenario Root CA' } },
  certificates: {
    all: { commonName: name('internal'), subjectAlternativeNames: [...hosts, 'sip'].map(name), issuer: 'root' },
    foreign: { commonName: 'somewhere.else.example', subjectAlternativeNames: ['somewhere.else.example'], issuer: 'root' },
  },
  servers: [
    { fqdn: name('internal'), address: '10.0.0.11', registrar: { certificate: 'all' } },
    // Over TLS the phone does not take it for what it says it is; over TCP nobody asks.
    { fqdn: name('option120'), address: '10.0.0.12', registrar: { certificate: 'foreign', tcpPort: 5060 } },
    { fqdn: name('plain'), address: '10.0.0.13', registrar: { certificate: 'all', tcpPort: 5060 } },
    { fqdn: name('edge'), address: '10.0.0.14', edge: { certificate: 'all', nextHop: name('next-hop') } },
    { fqdn: name('plain-edge'), address: '10.0.0.15', registrar: { certificate: 'all', tcpPort: 5060 } },
    { fqdn: name('sip'), address: '10.0.0.16', registrar: { certificate: 'all' } },
    { fqdn: name('next-hop'), address: '10.0.0.17', registrar: { certificate: 'all' } },
    { fqdn: name('web'), address: '10.0.0.18', web: { certificate: 'all' } },
    { fqdn: name('dc'), address: '10.0.0.2', dns: {}, dhcp: {} },
  ],
  dns: [
    srv('_sipinternaltls._tcp', 'internal', 5061), srv('_sipinternal._tcp', 'plain', 5060), srv('_sip._tls', 'edge', 443), srv('_sip._tcp', 'plain-edge', 5060),
    ...['internal', 'option120', 'plain', 'edge', 'plain-edge', 'sip', 'next-hop', 'web'].map((host, index) => ({ name: name(host), type: 'A', address: `10.0.0.${11 + index}` })),
  ],
  dhcp: { domainName: domain, option43: { webServerFqdn: name('web') }, option120: name('option120') },
  users: [{ sipUri: `sip:alice@${domain}`, displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '48213', account: 'LAB\\alice', password: 'lab-Password-1' }],
});

/** What a phone of this build tries, in order, when nothing before has served. */
const order = [
  ['internal-srv-tls', 'internal', 'tls', 'registrar-unreachable'], ['dhcp-tls', 'option120', 'tls', 'certificate-refused'], ['internal-srv-tcp', 'plain', 'tcp', 'registrar-unreachable'],
  ['dhcp-tcp', 'option120', 'tcp', 'registrar-unreachable'], ['external-srv-tls', 'edge', 'tls', 'registrar-unreachable'], ['external-srv-tcp', 'plain-edge', 'tcp', 'registrar-unreachable'],
  ['host-names', 'sip', 'tls', 'registrar-unreachable'],
] as const;

describe('registrar candidates on the wire', () => {
  const lab = labOf(everywhere);
  const keyPair = pooledKey();

  async function signIn(): Promise<{ snapshot: PhoneSnapshot; register: string; notice: string }> {
    const clock = new FastForwardClock();
    await using phone = new Phone({ ...profiles.get('4.0.7577.4100'), network: lab().network(), clock, keyPair });
    phone.onChange(({ state }) => { if (state === 'booting') setImmediate(() => clock.skipToNext()); });
    phone.powerOn();
    phone.signIn({ method: 'pin', phoneOrExtension: '100', pin: '48213' });
    const snapshot = await phone.until('settled');
    const sent = phone.trace.events.flatMap((event) => (event.layer === 'sip' && event.direction === 'sent' && event.summary.startsWith('REGISTER') ? [event.text ?? ''] : []));
    for (const { registrar } of lab().services) registrar?.deregister(`sip:alice@${domain}`, 'unregistered');
    if (snapshot.state === 'signedIn') await phone.until(({ state }) => state !== 'signedIn');
    const notice = phone.trace.events.flatMap((event) => (event.layer === 'sip' && event.direction === 'received' && event.summary.startsWith('NOTIFY') ? [event.text ?? ''] : []));
    return { snapshot, register: sent.at(-1) ?? '', notice: notice.at(-1) ?? '' };
  }

  const tried = ({ attempts }: PhoneSnapshot) => attempts.map(({ candidate, failure }) => [candidate.source, candidate.host, candidate.transport, failure?.rule]);
  const expected = (served: number, last: string | undefined) => order.slice(0, served + 1).map(([source, host, transport, rule], index) =>
    [source, name(host), transport, index === served ? last : host === 'option120' && source === 'dhcp-tls' && served > 3 ? 'registrar-unreachable' : rule]);

  it('internal SRV TLS, option 120 TLS, internal SRV TCP, option 120 TCP, external SRV TLS, external SRV TCP, host names: each when those before it are gone', async () => {
    for (const [index, [source, host, transport]] of order.entries()) {
      // Where option 120 leads over TLS, the phone refuses the certificate, so that one never serves.
      if (source === 'dhcp-tls') continue;
      const { snapshot, register, notice } = await signIn();
      assert.deepEqual([snapshot.state, ...tried(snapshot)], ['signedIn', ...expected(index, undefined)]);
      assert.match(register, new RegExp(`^Via: SIP/2\\.0/${transport.toUpperCase()} `, 'm'));
      assert.match(register, new RegExp(`^Contact: <sip:[\\d.:]+;transport=${transport};`, 'm'));
      assert.match(notice, new RegExp(`^Via: SIP/2\\.0/${transport.toUpperCase()} `, 'm'));
      await lab().stopServer(name(host));
    }
    const { snapshot } = await signIn();
    assert.equal(snapshot.state, 'retrying');
    assert.deepEqual(tried(snapshot).slice(0, order.length), expected(order.length, undefined));
  });
});
