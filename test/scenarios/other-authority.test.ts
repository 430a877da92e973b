import assert from 'node:assert/strict';
import { deployment } from './deployment.js';
import { labOf, signInAt, topology } from './sign-in.js';

const pool = 'pool01.contoso.example';
const names = ['sip.contoso.example', pool];
const base = deployment({ sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: names });

/** The same deployment with a second CA, which signs with `hash` and which nobody has published in the directory. */
function withNewAuthority(issuer: 'root' | 'new', hash: 'sha1' | 'sha256' = 'sha1') {
  return topology({
    ...base,
    authorities: { ...base.authorities, new: { commonName: 'New CA', hash } },
    certificates: Object.fromEntries(Object.entries(base.certificates).map(([name, spec]) => [name, { ...spec, issuer, hash }])),
  });
}

describe('observation new-public-ca', () => {
  const lab = labOf(withNewAuthority('new'));

  it('fails a tethered phone whose store and directory do not hold the root', async () => {
    const verdict = await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: 'tethered' });
    assert.equal(verdict.outcome, 'failed');
    assert.equal(verdict.cause?.rule, 'certificate-refused');
    assert.match(verdict.cause.sentence, /not among the roots this phone has learnt; not in this profile's public store \(list unverified\)/);
    assert.equal(verdict.confidence, 'assumed');
    assert.ok(verdict.remedy?.commands.includes('certutil -f -dspublish <root.cer> RootCA'));
  });

  it('lets a phone in by PIN: the chain comes from the certificate web service', async () => {
    assert.equal((await signInAt(lab(), { firmware: '4.0.7577.4100', signIn: 'pin' })).outcome, 'signed-in');
  });
});

describe('observation sha256', () => {
  const lab = labOf(withNewAuthority('new', 'sha256'));

  it('fails an early build, and says that this is assumed and disputed', async () => {
    const verdict = await signInAt(lab(), { firmware: '4.0.7577.107', signIn: 'pin' });
    assert.equal(verdict.outcome, 'failed');
    assert.match(verdict.cause?.sentence ?? '', /SHA-256/i);
    assert.equal(verdict.confidence, 'assumed');
    assert.equal(verdict.disputed, true);
  });

  it('lets a late build in', async () => {
    assert.equal((await signInAt(lab(), { firmware: '4.0.7577.4463', signIn: 'pin' })).outcome, 'signed-in');
  });
});
