import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import type { Lab } from '../../src/lab/lab.js';
import { Phone } from '../../src/phone/phone.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { signInByPin } from '../pin-phone.js';
import { bothRoutes, labOf, profiles, seen, signInAt, topology } from './sign-in.js';
import { pooledKey } from '../pin-phone.js';

const domain = 'contoso.example';
const pool = `pool01.${domain}`;
const wildcard = [`*.${domain}`];
const a = (name: string, address: string) => ({ name, type: 'A', address });
const srv = (name: string, target: string, port: number) => ({ name, type: 'SRV', target, port });

/** A pool, a Director that sip.contoso.example leads to, and an Access Edge with a reverse proxy beside it. */
function roles(names: { pool?: string[]; director?: string[]; edge?: string[] } = {}) {
  const certificate = (commonName: string, subjectAlternativeNames: string[]) => ({ commonName, subjectAlternativeNames, issuer: 'root' });
  return topology({
    schema: 1, name: domain, sipDomains: [domain],
    authorities: { root: { commonName: 'Scenario Root CA' } },
    certificates: {
      pool: certificate(pool, names.pool ?? [pool]),
      director: certificate(`dir.${domain}`, names.director ?? [`dir.${domain}`, `sip.${domain}`]),
      edge: certificate(`edge.${domain}`, names.edge ?? [`access.${domain}`]),
      web: certificate(pool, [pool]),
      proxy: certificate(`lyncweb.${domain}`, [`lyncweb.${domain}`]),
    },
    servers: [
      { fqdn: pool, address: '10.0.0.10', registrar: { certificate: 'pool' }, web: { certificate: 'web' } },
      { fqdn: `dir.${domain}`, address: '10.0.0.11', director: { certificate: 'director' } },
      { fqdn: `edge.${domain}`, address: '192.0.2.10', edge: { certificate: 'edge', nextHop: `dir.${domain}`, webServer: `lyncweb.${domain}` } },
      { fqdn: `lyncweb.${domain}`, address: '192.0.2.11', web: { certificate: 'proxy' } },
      { fqdn: `dc.${domain}`, address: '10.0.0.2', dns: {}, dhcp: {}, directory: { publishedRoots: ['root'] } },
    ],
    dns: [
      srv(`_sipinternaltls._tcp.${domain}`, `sip.${domain}`, 5061), a(`sip.${domain}`, '10.0.0.11'), a(pool, '10.0.0.10'),
      srv(`_ldap._tcp.dc._msdcs.${domain}`, `dc.${domain}`, 389), a(`dc.${domain}`, '10.0.0.2'),
    ],
    dhcp: { domainName: domain, option43: { webServerFqdn: pool }, option120: `sip.${domain}` },
    users: [{
      sipUri: `sip:alice@${domain}`, displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '48213', registrarPool: pool,
      account: 'LAB\\alice', password: 'lab-Password-1',
    }],
  });
}

/** From here on the lab is what a phone at home meets: no options, no inner names. */
function moveOutside(lab: Lab): void {
  lab.setDhcp({ option43: null, option120: null });
  lab.setDnsRecords([srv(`_sip._tls.${domain}`, `access.${domain}`, 443), a(`access.${domain}`, '192.0.2.10'), a(`lyncweb.${domain}`, '192.0.2.11')]);
}

const sip = (lab: Lab, start: number) => lab.trace.events.slice(start).flatMap((event) =>
  (event.actor === 'registrar' && event.layer === 'sip' && event.direction === 'sent' && event.summary.endsWith('(REGISTER)') ? [event.summary.slice(0, 3)] : []));

describe('observation any-lync-role', () => {
  describe('a Director', () => {
    const behindWildcard = labOf(roles({ director: wildcard }));
    const spelt = labOf(roles());

    for (const route of bothRoutes) {
      it(`whose certificate covers sip.${domain} by a wildcard only keeps a phone of February 2011 out, by ${route}`, async () => {
        const start = behindWildcard().trace.events.length;
        const verdict = await signInAt(behindWildcard(), { firmware: '4.0.7577.107', signIn: route });
        assert.deepEqual([verdict.outcome, verdict.stage, verdict.cause?.rule], ['failed', 'connecting', 'certificate-refused']);
        assert.equal(verdict.confidence, 'observed');
        const { unfinishedHandshake, sip: anySip } = seen(behindWildcard(), start);
        assert.deepEqual([unfinishedHandshake, anySip], [true, false]);
      });

      it(`with the name spelt out sends the phone to its pool, by ${route}`, async () => {
        const start = spelt().trace.events.length;
        assert.equal((await signInAt(spelt(), { firmware: '4.0.7577.107', signIn: route })).outcome, 'signed-in');
        const statuses = sip(spelt(), start);
        assert.deepEqual(statuses.slice(statuses.indexOf('301')), ['301', '401', '401', '401', '200']);
      });
    }

    it('leads a phone to a pool whose own name is covered by a wildcard only: it fails there', async () => {
      const lab = spelt();
      await lab.setCertificate('pool', { subjectAlternativeNames: wildcard });
      const verdict = await signInAt(lab, { firmware: '4.0.7577.107', signIn: 'pin' });
      assert.deepEqual([verdict.outcome, verdict.stage, verdict.cause?.rule], ['failed', 'registering', 'certificate-refused']);
      assert.match(verdict.cause?.sentence ?? '', /pool01\.contoso\.example/);
    });

    it('lets a phone of June 2012 in with the wildcard', async () => {
      assert.equal((await signInAt(behindWildcard(), { firmware: '4.0.7577.4100', signIn: 'pin' })).outcome, 'signed-in');
    });
  });

  describe('an Access Edge', () => {
    const lab = labOf(roles());
    const firmware = profiles.get('4.0.7577.107');

    /** A phone with that memory, switched on. */
    async function switchOn(memory: Phone['memory']) {
      const clock = new FastForwardClock();
      await using phone = new Phone({ ...firmware, network: lab().network(), clock, memory, keyPair: pooledKey() });
      phone.powerOn();
      clock.skipToNext();
      return await phone.until('settled');
    }

    it('by its exact name, takes a phone that was first signed in inside: remembered registrar given up, _sip._tls, port 443', async () => {
      await using inside = await signInByPin({ lab: lab(), build: '4.0.7577.107', keyPair: pooledKey() });
      const { memory } = inside;
      inside.powerOff();
      moveOutside(lab());
      const start = lab().trace.events.length;
      const atHome = await switchOn(memory);
      assert.equal(atHome.state, 'signedIn', atHome.failure?.message);
      assert.deepEqual(atHome.attempts.map(({ candidate, failure }) => [candidate.source, candidate.host, candidate.port, failure?.rule]), [
        ['last-good', pool, 5061, 'registrar-unreachable'], ['external-srv-tls', `access.${domain}`, 443, undefined],
      ]);
      assert.deepEqual(sip(lab(), start), ['401', '401', '401', '200']);

      await lab().setCertificate('edge', { subjectAlternativeNames: wildcard });
      const refused = await switchOn(memory);
      assert.deepEqual([refused.failure?.rule, refused.stage], ['certificate-refused', 'connecting']);
      assert.match(refused.failure?.message ?? '', /access\.contoso\.example/);
    });

    it('and a tethered phone gets its certificate from the web services as they are published outside', async () => {
      await lab().setCertificate('edge', { subjectAlternativeNames: [`access.${domain}`] });
      const start = lab().trace.events.length;
      // No directory outside: the certificates are trusted only where their root is in the phone's public store.
      const publicRoots = lab().rootCertificates().map(({ pem }) => new X509Certificate(pem).raw);
      const signIn = { firmware: '4.0.7577.107', signIn: 'tethered' } as const;
      assert.equal((await signInAt(lab(), signIn)).cause?.rule, 'certificate-refused');
      assert.equal((await signInAt(lab(), { ...signIn, publicRoots })).outcome, 'signed-in');
      const web = lab().trace.events.slice(start).flatMap((event) => (event.layer === 'http' && event.direction === 'received' ? [event.text ?? ''] : []));
      assert.ok(web.length > 0 && web.every((text) => /^host: lyncweb\.contoso\.example/mi.test(text)));
    });
  });
});
