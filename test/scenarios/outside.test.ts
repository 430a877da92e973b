import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { Phone, type PhoneOptions } from '../../src/phone/phone.js';
import type { Credentials } from '../../src/phone/steps.js';
import { FastForwardClock } from '../../src/rehearsal/fast-forward-clock.js';
import { phoneBuilds } from '../../src/rehearsal/phone-builds.js';
import { pooledKey } from '../pin-phone.js';
import { labOf, profiles, topology } from './sign-in.js';

const domain = 'contoso.example';
const [pool, access, lyncweb] = ['pool01', 'access', 'lyncweb'].map((host) => `${host}.${domain}`) as [string, string, string];
const a = (name: string, address: string) => ({ name, type: 'A', address });
const srv = (name: string, target: string, port: number) => ({ name, type: 'SRV', target, port });
const [june2012, newer] = ['4.0.7577.4100', '4.0.7577.4363'];

/** A pool inside; an Access Edge and a reverse proxy that are published; and what a home router tells of them. */
const officeAndHome = topology({
  schema: 1, name: domain, sipDomains: [domain],
  authorities: { root: { commonName: 'Scenario Root CA' } },
  certificates: { all: { commonName: pool, subjectAlternativeNames: [pool, access, lyncweb], issuer: 'root' } },
  servers: [
    { fqdn: pool, address: '10.0.0.10', registrar: { certificate: 'all' }, web: { certificate: 'all' } },
    { fqdn: access, address: '192.0.2.10', edge: { certificate: 'all', nextHop: pool, webServer: lyncweb } },
    { fqdn: lyncweb, address: '192.0.2.11', web: { certificate: 'all' } },
    { fqdn: `dc.${domain}`, address: '10.0.0.2', dns: {}, dhcp: {}, ntp: {}, directory: { publishedRoots: ['root'] } },
  ],
  dns: [
    srv(`_sipinternaltls._tcp.${domain}`, pool, 5061), a(pool, '10.0.0.10'), a(`ucupdates-r2.${domain}`, '10.0.0.10'),
    srv(`_ldap._tcp.dc._msdcs.${domain}`, `dc.${domain}`, 389), a(`dc.${domain}`, '10.0.0.2'),
  ],
  dhcp: { domainName: domain, option43: { webServerFqdn: pool }, option120: pool },
  outside: { servers: [access, lyncweb], dns: [srv(`_sip._tls.${domain}`, access, 443), a(access, '192.0.2.10'), a(lyncweb, '192.0.2.11')] },
  users: [{
    sipUri: `sip:alice@${domain}`, displayName: 'Alice', lineUri: 'tel:+15550100;ext=100', pin: '48213', account: 'LAB\\alice', password: 'lab-Password-1',
  }],
});

const pin: Credentials = { method: 'pin', phoneOrExtension: '100', pin: '48213' };
const tethered: Credentials = { method: 'tethered', sipUri: `sip:alice@${domain}`, domain: 'LAB', user: 'alice', password: 'lab-Password-1' };

describe('a phone outside the office', () => {
  const lab = labOf(officeAndHome);
  const keyPair = pooledKey();
  const waits = new Set(['booting', 'rebooting']);

  function phoneAt(place: 'office' | 'home', options: Partial<PhoneOptions> = {}): Phone {
    const clock = new FastForwardClock();
    const phone = new Phone({
      ...profiles.get(june2012), firmware: phoneBuilds(profiles, 'CX600'), network: lab().network({ outside: place === 'home' }), clock, keyPair, ...options,
    });
    phone.onChange(({ state }) => { if (waits.has(state)) setImmediate(() => { if (waits.has(phone.state)) clock.skipToNext(); }); });
    // Another DHCP server may know more than the first: nobody waits for that here.
    phone.trace.subscribe((event) => { if (event.layer === 'dhcp' && event.summary.includes('option 43: nothing usable')) setImmediate(() => { clock.skipToNext(); }); });
    phone.powerOn();
    return phone;
  }

  /** Whose public store happens to hold the root: nothing outside hands it out. */
  const publicRoots = () => lab().rootCertificates().map(({ pem }) => new X509Certificate(pem).raw);
  const inBand = (phone: Phone) => phone.snapshot.updates.find(({ leg }) => leg === 'in-band');
  /** Which services heard of it, since `start`. */
  const heard = (start: number) => new Set(lab().trace.events.slice(start).map(({ actor }) => actor));

  afterEach(() => { lab().setUpdates({ rules: [] }); });

  it('cannot sign in by PIN for the first time: nobody tells it where the web services are', async () => {
    const start = lab().trace.events.length;
    await using phone = phoneAt('home');
    phone.signIn(pin);
    const { state, stage, failure } = await phone.until('settled');
    assert.deepEqual([state, stage, failure?.rule], ['refused', 'rootChain', 'web-service-unknown']);
    assert.ok(!heard(start).has('web') && !heard(start).has('registrar'));
  });

  it('signed in by PIN inside before, gets in through the Access Edge by its certificate; its update service takes no anonymous device', async () => {
    await using inside = phoneAt('office');
    inside.signIn(pin);
    assert.equal((await inside.until('settled')).state, 'signedIn');
    assert.equal(inBand(inside)?.open, true);
    const { memory } = inside;
    inside.powerOff();

    const start = lab().trace.events.length;
    await using phone = phoneAt('home', { memory });
    const { state, attempts, failure } = await phone.until('settled');
    assert.equal(state, 'signedIn', failure?.message);
    assert.deepEqual(attempts.map(({ candidate }) => [candidate.source, candidate.host, candidate.port]), [['last-good', pool, 5061], ['external-srv-tls', access, 443]]);
    const before = phone.snapshot.updates.find(({ leg }) => leg === 'before-sign-in');
    assert.deepEqual([before?.open, before?.url], [false, 'http://ucupdates-r2.home.example/RequestHandler/ucdevice.upx']);
    assert.deepEqual([inBand(phone)?.open, inBand(phone)?.rule, inBand(phone)?.url], [false, 'update-anonymous-refused', `https://${lyncweb}/RequestHandlerExt/ucdevice.upx`]);
    assert.ok(!heard(start).has('directory') && !heard(start).has('ntp'));
  });

  it('over USB gets its certificate from the web services as they are published, and its update with the AD account', async () => {
    lab().setUpdates({ rules: [{ model: 'CX600', approvedVersion: newer }] });
    const start = lab().trace.events.length;
    await using phone = phoneAt('home', { publicRoots: publicRoots(), firmware: (build) => ({ ...profiles.get(build), publicRoots: publicRoots() }) });
    phone.signIn(tethered);
    const snapshot = await phone.until(({ firmware, state, updateCheckPending }) => firmware === newer && state === 'signedIn' && !updateCheckPending);
    assert.equal(snapshot.failure, undefined);
    assert.match(inBand(phone)?.sentence ?? '', /has nothing to install over 4\.0\.7577\.4363/);
    const requests = lab().trace.events.slice(start).flatMap((event) => (event.layer === 'http' && event.direction === 'received' && event.summary.includes('RequestHandler') ? [event.summary] : []));
    assert.ok(requests.some((line) => line.startsWith('GET /RequestHandlerExt/Files/')));
    assert.ok(requests.every((line) => line.includes('/RequestHandlerExt/')), requests.join('\n'));
    assert.equal(lab().updateAudit.at(-1)?.includes(newer), true);
  });

  it('is refused the certificate of the published web services where nothing has brought it their root', async () => {
    await using phone = phoneAt('home');
    phone.signIn(tethered);
    const { failure } = await phone.until('settled');
    assert.equal(failure?.rule, 'certificate-refused');
  });
});
