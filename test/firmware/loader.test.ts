import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Failure } from '../../src/failure.js';
import { loadProfile, loadProfiles } from '../../src/firmware/loader.js';
import { screenIds } from '../../src/firmware/screen-ids.js';

describe('loadProfiles', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'profiles-')); });
  afterEach(() => { rmSync(folder, { recursive: true }); });

  const write = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  };
  const load = () => loadProfiles({ directories: [folder] });
  const refuses = (code: string, message: RegExp) => {
    assert.throws(load, (error: unknown) => {
      assert.ok(error instanceof Failure, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  };
  const child = (build: string, more = '', parent = '4.0.7577.107') => `build: ${build}\nname: Mine\nkind: phone\nextends: ${parent}\n${more}`;

  it('gives the builds of the package, phones by number, then the comparison client; parents left out', () => {
    const store = loadProfiles();
    assert.deepEqual(store.builds(), [
      '1.0.522.101', '3.5.6907.187', '4.0.7400.0', '4.0.7423.1', ...[0, 107, 4066, 4100, 4363, 4366, 4372, 4387, 4397, 4411, 4414, 4444, 4450, 4455, 4463, 4470, 4487, 4500, 4512].map((counter) => `4.0.7577.${counter}`),
      'windows-lync-2010',
    ]);
    for (const build of store.builds()) {
      const { profile, publicRoots, file } = store.get(build);
      assert.equal(profile.build, build);
      assert.ok(file.endsWith(`firmware-profiles/${build}.yaml`));
      assert.deepEqual(publicRoots, []);
      assert.equal(profile.certificate.publicRoots.value, null);
      assert.deepEqual(Object.keys(profile.screens).sort(), [...screenIds].sort());
      if (profile.kind === 'phone') assert.match(profile.identity.userAgent.value, new RegExp(`^CPE/${build} OCPhone/${build} \\(`));
      assert.deepEqual(profile.tls.versions.value, profile.kind === 'phone' ? ['TLSv1'] : ['TLSv1', 'TLSv1.1', 'TLSv1.2']);
    }
  });

  it('tells which builds behave alike: those whose files change nothing but names; of those for any phone', () => {
    const store = loadProfiles();
    assert.deepEqual(store.behaviours(), ['4.0.7400.0', '4.0.7577.107', '4.0.7577.4100', '4.0.7577.4363', '4.0.7577.4463', 'windows-lync-2010']);
    for (const build of store.builds()) {
      const { behavesAs, profile: { certificate, tls, discovery, signIn, timers, screens } } = store.get(build);
      const { profile } = store.get(behavesAs);
      assert.deepEqual({ certificate, tls, discovery, signIn, timers, screens }, {
        certificate: profile.certificate, tls: profile.tls, discovery: profile.discovery, signIn: profile.signIn, timers: profile.timers, screens: profile.screens,
      });
    }
    assert.deepEqual(['4.0.7423.1', '4.0.7577.0', '4.0.7577.4066', '4.0.7577.4387', '4.0.7577.4512'].map((build) => store.get(build).behavesAs),
      ['4.0.7400.0', '4.0.7577.107', '4.0.7577.107', '4.0.7577.4363', '4.0.7577.4463']);
  });

  it('calls a build assumed that only its number stands for', () => {
    const store = loadProfiles();
    const released = (build: string) => store.get(build).profile.released;
    for (const counter of [4397, 4411, 4414, 4444, 4450, 4455, 4470, 4487, 4500, 4512]) {
      const { confidence, evidence, note } = released(`4.0.7577.${counter}`);
      assert.equal(confidence, 'assumed');
      assert.ok(evidence.includes('vuln-checks'));
      assert.match(note ?? '', /exists is assumed/);
    }
    assert.deepEqual([released('4.0.7577.4387').value, released('4.0.7577.4387').confidence], ['2013-04', 'observed']);
  });

  it('shows the words a source gives', () => {
    const { screens } = loadProfiles().get('4.0.7577.107').profile;
    assert.deepEqual(screens['cannot-connect-retrying'], {
      value: ['Cannot connect to the server. Retrying.', 'If the problem continues, contact your', 'support team.'], confidence: 'observed', evidence: ['schertz-2011-02'],
    });
    assert.deepEqual(screens['web-service-not-found'].value, ['Unable to locate Lync Certificate Web service']);
    assert.deepEqual(screens['registrar-not-contacted'].value, ['Unable to contact Registrar for authentication. Please sign in again.']);
  });

  it('names the known builds when asked for another, also for a parent', () => {
    for (const build of ['4.0.7577.1', 'lync-phone-edition']) {
      assert.throws(() => loadProfile(build), { code: 'profile/unknown-build', message: new RegExp(`^There is no firmware profile for the build "${build}"; known are 1\\.0\\.522\\.101, .*, windows-lync-2010\\.$`) });
    }
  });

  describe("a user's folder", () => {
    it('adds a build that extends a built-in one; a value replaces a whole value', () => {
      write({ '4.0.7577.108.yaml': child('4.0.7577.108', 'certificate:\n  wildcardSan:\n    sip: { value: leftmost-label, confidence: assumed }\n') });
      const store = load();
      assert.equal(store.builds()[6], '4.0.7577.108');
      assert.equal(store.get('4.0.7577.108').behavesAs, '4.0.7577.108');
      const { certificate } = store.get('4.0.7577.108').profile;
      assert.deepEqual(certificate.wildcardSan.sip, { value: 'leftmost-label', confidence: 'assumed', evidence: [] });
      assert.deepEqual(certificate.wildcardSan.web, store.get('4.0.7577.107').profile.certificate.wildcardSan.web);
    });

    it('overrides a build by extending its own name', () => {
      write({ '4.0.7577.107.yaml': child('4.0.7577.107', 'timers:\n  retryFirst: { value: 5, confidence: assumed }\n') });
      const { profile, file } = load().get('4.0.7577.107');
      assert.equal(profile.timers.retryFirst.value, 5);
      assert.equal(profile.timers.retryLongest.value, 300_000);
      assert.equal(file, join(folder, '4.0.7577.107.yaml'));
    });

    it('overrides a parent under the built-in builds', () => {
      write({ 'lync-phone-edition.yaml': 'build: lync-phone-edition\nname: Mine\nkind: parent\nextends: lync-phone-edition\ntimers:\n  boot: { value: 7, confidence: assumed }\n' });
      const store = load();
      assert.deepEqual(['4.0.7577.107', '4.0.7577.4463'].map((build) => store.get(build).profile.timers.boot.value), [7, 7]);
    });

    it('brings public roots, named relative to its file, and sources of its own', () => {
      mkdirSync(join(folder, 'evidence'));
      write({
        'roots.pem': rootCertificates.slice(0, 2).join('\n'),
        'evidence/sources.yaml': '- { id: my-capture, title: A capture of a phone here }\n',
        'mine.yaml': child('mine', 'certificate:\n  publicRoots: { value: roots.pem, confidence: observed, evidence: [my-capture] }\n'),
        'child.yaml': child('child', '', 'mine'),
      });
      const store = load();
      assert.equal(store.get('mine').publicRoots.length, 2);
      assert.equal(store.get('child').publicRoots.length, 2);
      assert.equal(store.sources.get('my-capture')?.title, 'A capture of a phone here');
    });
  });

  describe('refuses, naming file, place and what was expected:', () => {
    it('a folder that is not there', () => {
      assert.throws(() => loadProfiles({ directories: [join(folder, 'none')] }), { code: 'profile/unreadable-folder', message: /^The profile folder .*none cannot be read: there is no such file or folder\.$/ });
    });
    it('a file that cannot be read', () => {
      symlinkSync(join(folder, 'nowhere'), join(folder, 'a.yaml'));
      refuses('profile/unreadable', /^The profile file .*a\.yaml cannot be read: there is no such file or folder\.$/);
    });
    it('a file far too long', () => {
      write({ 'a.yaml': `# ${'x'.repeat(1_000_001)}` });
      refuses('profile/unreadable', /a\.yaml cannot be read: it is longer than 1 MB\.$/);
    });
    it('a file that is not YAML', () => {
      write({ 'a.yaml': 'build: [a\n' });
      refuses('profile/not-yaml', /^The profile file .*a\.yaml is not YAML: .* at line \d+, column \d+\.$/);
    });
    it('an empty file', () => {
      write({ 'a.yaml': '' });
      refuses('profile/invalid', /a\.yaml is empty\.$/);
    });
    it('an unknown key', () => {
      write({ 'mine.yaml': child('mine', 'certificate:\n  wildcrad: { value: none, confidence: assumed }\n') });
      refuses('profile/invalid', /mine\.yaml is wrong at certificate: unrecognized key: "wildcrad"\.$/);
    });
    it('an unknown screen', () => {
      write({ 'mine.yaml': child('mine', 'screens:\n  splash: { value: [x], confidence: assumed }\n') });
      refuses('profile/invalid', /screens: unrecognized key: "splash"\.$/);
    });
    it('a bad value', () => {
      write({ 'mine.yaml': child('mine', 'certificate:\n  wildcardSan:\n    sip: { value: maybe, confidence: assumed }\n') });
      refuses('profile/invalid', /mine\.yaml is wrong at certificate\.wildcardSan\.sip\.value: expected one of "none"\|"leftmost-label"\.$/);
    });
    it('part of a value', () => {
      write({ 'mine.yaml': child('mine', 'certificate:\n  validity: { confidence: observed, evidence: [ce6-ssl] }\n') });
      refuses('profile/invalid', /certificate\.validity\.value: expected one of "enforced"\|"ignored"\.$/);
    });
    it('a bare value, without its source', () => {
      write({ 'mine.yaml': child('mine', 'timers:\n  boot: 5\n') });
      refuses('profile/invalid', /timers\.boot: expected a mapping, found a number\.$/);
    });
    it('a value that is more than assumed, without evidence', () => {
      write({ 'mine.yaml': child('mine', 'timers:\n  boot: { value: 5, confidence: observed }\n') });
      refuses('profile/invalid', /timers\.boot\.evidence: expected at least one source: only an assumed value may have none\.$/);
    });
    it('evidence that no source list declares', () => {
      write({ 'mine.yaml': child('mine', 'timers:\n  boot: { value: 5, confidence: observed, evidence: [hearsay] }\n') });
      refuses('profile/unknown-evidence', /mine\.yaml is wrong at timers\.boot\.evidence: "hearsay" is not the id of a source in evidence\/sources\.yaml\.$/);
    });
    it('a build that is not the name of its file', () => {
      write({ 'mine.yaml': child('yours') });
      refuses('profile/name-mismatch', /mine\.yaml declares the build yours: expected mine, as the file is named\.$/);
    });
    it('a build declared twice in one folder', () => {
      write({ 'mine.yaml': child('mine'), 'mine.yml': child('mine') });
      refuses('profile/duplicate-build', /^The build mine is declared twice in one folder: in .*mine\.yaml and in .*mine\.yml\.$/);
    });
    it('a parent that is not there', () => {
      write({ 'mine.yaml': child('mine', '', 'theirs') });
      refuses('profile/missing-parent', /mine\.yaml is wrong at extends: there is no profile "theirs"; expected the build of another profile file\.$/);
    });
    it('itself as its parent, where nothing is overridden', () => {
      write({ 'mine.yaml': child('mine', '', 'mine') });
      refuses('profile/missing-parent', /there is no profile "mine"/);
    });
    it('a circle', () => {
      write({ 'a.yaml': child('a', '', 'b'), 'b.yaml': child('b', '', 'a') });
      refuses('profile/circular-extends', /a\.yaml is wrong at extends: the profiles extend each other in a circle, a -> b -> a\.$/);
    });
    it('a circle through a built-in build', () => {
      write({ 'lync-phone-edition.yaml': child('lync-phone-edition').replace('kind: phone', 'kind: parent') });
      refuses('profile/circular-extends', /a circle, .*lync-phone-edition/);
    });
    it('a build with values missing', () => {
      write({ 'mine.yaml': 'build: mine\nname: Mine\nkind: phone\nextends: lync-phone-edition\n' });
      refuses('profile/incomplete', /mine\.yaml is not complete: neither it nor what it extends gives released, .*certificate\.wildcardSan, discovery\.strictDnsNaming, identity\.userAgent\.$/);
    });
    it('roots that are no certificates, or not there', () => {
      const roots = 'certificate:\n  publicRoots: { value: roots.pem, confidence: assumed }\n';
      write({ 'mine.yaml': child('mine', roots) });
      refuses('profile/unreadable', /roots\.pem cannot be read: there is no such file or folder\.$/);
      write({ 'roots.pem': 'hello' });
      refuses('profile/bad-roots', /^The public roots .*roots\.pem of the build mine cannot be used\. The text holds no certificate/);
    });
    it('a source list that is wrong', () => {
      mkdirSync(join(folder, 'evidence'));
      write({ 'evidence/sources.yaml': '- { id: My Capture, title: x }\n' });
      refuses('profile/invalid', /evidence\/sources\.yaml is wrong at 0\.id: /);
    });
  });
});
