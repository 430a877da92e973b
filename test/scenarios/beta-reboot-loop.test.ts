import assert from 'node:assert/strict';
import { Lab } from '../../src/lab/lab.js';
import { deployment } from './deployment.js';
import { signInAt } from './sign-in.js';

const beta = '4.0.7400.0';
const pool = 'pool01.contoso.example';
const web = deployment({
  sipDomain: 'contoso.example', pool, srvTarget: 'sip.contoso.example', registrarNames: [pool, 'sip.contoso.example'], webNames: ['*.contoso.example'],
});

describe('observation beta-pin-reboot-loop', () => {
  it('reboots a beta phone for ever, by PIN, where the web services show a wildcard, until an exact name replaces it', async () => {
    await using lab = await Lab.start(web);
    const loop = await signInAt(lab, { firmware: beta, signIn: 'pin' });
    assert.equal(loop.outcome, 'failed');
    assert.equal(loop.behaviour, 'reboot-loop');
    assert.equal(loop.cause?.rule, 'certificate-refused');
    assert.equal(loop.cause.facts['service'], 'web');

    await lab.setCertificate('web', { subjectAlternativeNames: [pool] });
    assert.equal((await signInAt(lab, { firmware: beta, signIn: 'pin', state: 'reset' })).outcome, 'signed-in');
  });

  it('lets the same phone in when it is tethered', async () => {
    await using lab = await Lab.start(web);
    const verdict = await signInAt(lab, { firmware: beta, signIn: 'tethered' });
    assert.equal(verdict.outcome, 'signed-in');
    assert.deepEqual(verdict.obtained, { rootChain: true, clientCertificate: true });
  });
});
