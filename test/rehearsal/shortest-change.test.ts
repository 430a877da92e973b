import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { loadProfiles } from '../../src/firmware/loader.js';
import type { Service } from '../../src/firmware/schema.js';
import { checkCertificate } from '../../src/rehearsal/certificate-check.js';
import { renderChange, shortestChange } from '../../src/rehearsal/shortest-change.js';
import { issue, now, rsaKey, serverAuth, type CertificateWish } from '../protocol/x509/issue.js';

const store = loadProfiles();
const profiles = ['4.0.7577.107', '4.0.7577.4100', '4.0.7577.4463', 'windows-lync-2010'].map((build) => store.get(build));
const root = issue({ commonName: 'Contoso Root', ca: true, key: rsaKey('authority') });
const good: CertificateWish = { commonName: 'pool.contoso.com', dnsNames: ['pool.contoso.com', 'sip.contoso.com'], key: rsaKey('server'), issuer: root, extendedKeyUsage: [serverAuth] };

interface Asked {
  hosts?: string[];
  service?: Service;
  roots?: Buffer[];
}

function changeFor(wish: CertificateWish, { hosts = ['sip.contoso.com'], service = 'sip', roots = [root.der] }: Asked = {}) {
  const names = wish.dnsNames ?? good.dnsNames ?? [];
  const results = checkCertificate({ chain: [issue({ ...good, ...wish }).der], hosts, service, sipDomain: 'contoso.com', at: now, profiles, roots });
  return shortestChange(results, { profiles: profiles.map(({ profile }) => profile), service, names });
}

describe('the shortest change that makes every build accept', () => {
  it('is none where all do', () => {
    assert.equal(changeFor({}), undefined);
  });

  it('names every host that some build misses, once, and keeps the names there are', () => {
    const change = changeFor({ dnsNames: ['*.contoso.com'] }, { hosts: ['sip.contoso.com', 'lync.contoso.com', 'sip.contoso.com'] });
    assert.deepEqual(change?.sentences, ['Spell out sip.contoso.com, lync.contoso.com as subject alternative names.']);
    assert.match(change.commands[0] ?? '', /^Request-CsCertificate -New .* -DomainName "\*\.contoso\.com,sip\.contoso\.com,lync\.contoso\.com" -CA /);
  });

  const one: [what: string, wish: CertificateWish, sentence: RegExp, command: RegExp | undefined][] = [
    ['a short key', { key: rsaKey('short', 512) }, /^Make a new key: RSA with 2048 bits\.$/, / -KeySize 2048 /],
    ['a key of another type', { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }, /^Make a new key: RSA with 2048 bits\.$/, / -KeySize 2048 /],
    ['a hash that some builds do not know', { hash: 'sha384' }, /^Have every certificate of the chain signed with SHA-\d+, the strongest hash that all of these builds know/, /^Request/],
    ['RSASSA-PSS', { pss: true }, /PKCS #1 v1\.5 instead of RSASSA-PSS/, /^Request/],
    ['another purpose', { extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }, /^Use a template that allows server authentication/, / -Template WebServer /],
    ['dates gone by', { notAfter: now - 1 }, /^Renew what has expired/, /^Request/],
  ];
  for (const [what, wish, sentence, command] of one) {
    it(`mends ${what}, and nothing else`, () => {
      const change = changeFor(wish);
      assert.equal(change?.sentences.length, 1, JSON.stringify(change));
      assert.match(change.sentences[0] ?? '', sentence);
      assert.match(change.commands[0] ?? '', command ?? /^$/);
    });
  }

  it('asks for no new certificate where the root is what is missing', () => {
    const change = changeFor({}, { roots: [] });
    assert.match(change?.sentences[0] ?? '', /^Let the phones learn the root/);
    assert.deepEqual(change?.commands, []);
  });

  it('is of Exchange in its own words', () => {
    assert.match(changeFor({ dnsNames: ['mail.contoso.com'] }, { service: 'exchange' })?.commands[0] ?? '', /^New-ExchangeCertificate -GenerateRequest -DomainName mail\.contoso\.com,sip\.contoso\.com /);
  });

  it('is enough: with everything of it done, all accept', () => {
    const change = changeFor({ dnsNames: ['*.contoso.com'], key: rsaKey('short', 512), extendedKeyUsage: ['1.3.6.1.5.5.7.3.2'] }, { hosts: ['sip.contoso.com', 'lync.contoso.com'] });
    const [, names = '', bits = ''] = /-DomainName "([^"]*)" -KeySize (\d+) -Template WebServer/.exec(change?.commands[0] ?? '') ?? [];
    assert.equal(changeFor({ dnsNames: names.split(','), key: rsaKey('new', Number(bits)) }, { hosts: ['sip.contoso.com', 'lync.contoso.com'] }), undefined);
  });

  it('is told in lines that fold, its commands whole', () => {
    const lines = renderChange({ sentences: ['Spell out sip.contoso.com as a subject alternative name of it.'], commands: ['Request-CsCertificate -New -Type Default,WebServicesInternal'] }, 40);
    assert.deepEqual(lines, ['  - Spell out sip.contoso.com as a', '    subject alternative name of it.', '    Request-CsCertificate -New -Type Default,WebServicesInternal']);
  });
});
